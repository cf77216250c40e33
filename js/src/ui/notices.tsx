/** What the person has to know, below the buttons so that nothing moves under the pointer. */

import { signal } from "@preact/signals-core";
import { savingOf } from "../saving";
import { Button } from "./button";
import { Icon } from "./icons";
import { useLayoutEffect, useOnce } from "./reactive";
import type { View } from "./view";

const MEDIUM = {
  disk: null,
  tab: "This browser keeps unsaved answers only as long as this tab is open.",
  memory: "This browser refuses to keep unsaved answers: do not reload this page before everything is saved.",
} as const;

const answers = (n: number): string => (n === 1 ? "1 answer" : `${n} answers`);

function silence(view: View): string | null {
  if (view.host.link.value !== "lost") return null;
  const waiting = view.outbox.value?.pending.value.length ?? 0;
  const rerun =
    "If the kernel was restarted, re-run this cell; if that does not help, reload the page and run it again.";
  if (waiting === 0) return `The kernel is not answering. ${rerun}`;
  const kept = waiting === 1 ? "It is kept in this browser." : "They are kept in this browser.";
  return `${answers(waiting)} not saved: the kernel is not answering. ${kept} ${rerun}`;
}

export function Notices({ view }: { view: View }) {
  const { queue, setup, outbox, notice } = view;
  const medium = outbox.value ? MEDIUM[outbox.value.medium.value] : null;
  const urgent = silence(view);
  const standing = [
    urgent,
    queue.elsewhere.value ? "An answer of yours to this item stands; submit to correct it." : null,
    medium,
    setup.value?.notice,
  ];
  return (
    <div class="ja-notices">
      <div role="status">{notice.value !== null && <p class="ja-notice">{notice.value}</p>}</div>
      <div role="alert">
        {standing.map(
          (text) =>
            text && (
              <p key={text} class={`ja-notice${text === urgent ? " ja-notice--urgent" : ""}`}>
                {text === urgent && <Icon name="alert" />}
                <span>{text}</span>
              </p>
            ),
        )}
        <Refusals view={view} />
      </div>
      <Announcer view={view} />
    </div>
  );
}

function Refusals({ view }: { view: View }) {
  return (
    <>
      {view.outbox.value?.refused.value.map(({ submission, message }) => (
        <div key={submission.submission} class="ja-notice ja-notice--urgent">
          <Icon name="alert" />
          <span>
            Not accepted: {message}
            <Button press={() => view.open(submission.item)}>Show the item</Button>
            <Button press={() => view.discard(submission.submission)}>Discard this answer</Button>
          </span>
        </div>
      ))}
    </>
  );
}

const SPOKEN = {
  saved: "All saved",
  saving: "Saving",
  waiting: "Waiting for the kernel",
  unsaved: "Not saved",
} as const;
const CALM = 1000;

/** Says to screen readers what the header shows, but not each of a hundred short changes. */
function Announcer({ view }: { view: View }) {
  const saving = savingOf(view);
  const { done, total } = view.queue.progress.value;
  const said = useOnce(() => signal(""));
  useLayoutEffect(() => {
    const timer = setTimeout(() => {
      said.value = `${SPOKEN[saving]}. ${done} of ${total} answered.`;
    }, CALM);
    return () => clearTimeout(timer);
  }, [saving, done, total]);
  return (
    <p class="ja-unseen" aria-live="polite">
      {said.value}
    </p>
  );
}
