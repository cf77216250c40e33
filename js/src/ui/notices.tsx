/** What the person has to know, below the buttons so that nothing moves under the pointer. */

import { signal } from "@preact/signals-core";
import type { ComponentChildren } from "preact";
import { savingOf } from "../saving";
import { Button } from "./button";
import { Icon, type IconName } from "./icons";
import { useLayoutEffect, useOnce } from "./reactive";
import { endOf } from "./states";
import type { View } from "./view";
import { progressInWords, savingInWords, several } from "./words";

const MEDIUM = {
  disk: null,
  tab: "This browser keeps unsaved answers only as long as this tab is open.",
  memory: "This browser keeps no unsaved answers: do not reload this page before everything is saved.",
} as const;

/** By the person in another tab; in a team the others may have given it all it needs. */
const ELSEWHERE = "This item was answered meanwhile; submit to correct your answer or to add one.";

/** The team's store is away: nothing to worry about, and nothing to do. */
function calm(view: View): string | null {
  const n = view.kept();
  if (n === 0) return null;
  const follow =
    n === 1 ? "is on this computer and follows by itself" : "are on this computer and follow by themselves";
  return `The team’s store cannot be reached. ${several(n, "answer")} ${follow}.`;
}

function silence(view: View): string | null {
  if (view.host.link.value !== "lost") return null;
  const waiting = (view.outbox.value?.pending.value.length ?? 0) - view.kept();
  const rerun =
    "If the kernel was restarted, re-run this cell; if that does not help, reload the page and run it again.";
  if (waiting === 0) return `The kernel is not answering. ${rerun}`;
  const kept = waiting === 1 ? "It is kept in this browser." : "They are kept in this browser.";
  return `${several(waiting, "answer")} not saved: the kernel is not answering. ${kept} ${rerun}`;
}

export function Notices({ view }: { view: View }) {
  const { queue, setup, outbox, notice } = view;
  const medium = outbox.value ? MEDIUM[outbox.value.medium.value] : null;
  const urgent = silence(view);
  const away = calm(view);
  const standing = [queue.elsewhere.value ? ELSEWHERE : null, medium, setup.value?.notice];
  return (
    <div class="ja-notices">
      <div role="status">{notice.value !== null && <Notice>{notice.value}</Notice>}</div>
      <div role="alert">
        {urgent && <Notice icon="alert">{urgent}</Notice>}
        {standing.map((text) => text && <Notice key={text}>{text}</Notice>)}
        <Refusals view={view} />
      </div>
      {away && <Notice icon="computer">{away}</Notice>}
      <Announcer view={view} />
    </div>
  );
}

interface NoticeProps {
  readonly icon?: IconName;
  readonly children: ComponentChildren;
}

export function Notice({ icon, children }: NoticeProps) {
  return (
    <p class={`ja-notice${icon === "alert" ? " ja-notice--urgent" : ""}`}>
      {icon && <Icon name={icon} />}
      <span>{children}</span>
    </p>
  );
}

function Refusals({ view }: { view: View }) {
  return (
    <>
      {view.outbox.value?.refused.value.map(({ submission, message }) => (
        <Notice key={submission.submission} icon="alert">
          Not accepted: {message}
          <Button press={() => view.open(submission.item)}>Show the item</Button>
          <Button press={() => view.discard(submission.submission)}>Discard this answer</Button>
        </Notice>
      ))}
    </>
  );
}

const CALM = 1000;

function spoken(view: View): string {
  const progress = view.queue.progress.value;
  const end = view.queue.phase.value === "done" ? ` ${endOf(progress).title}.` : "";
  return view.setup.value
    ? `${savingInWords(savingOf(view), view.unsaved())}. ${progressInWords(progress)}.${end}`
    : "";
}

/** Says to screen readers what the header shows, but not each of a hundred short changes. */
function Announcer({ view }: { view: View }) {
  const said = useOnce(() => signal(""));
  const words = spoken(view);
  useLayoutEffect(() => {
    const timer = setTimeout(() => {
      said.value = words;
    }, CALM);
    return () => clearTimeout(timer);
  }, [words]);
  return (
    <p class="ja-unseen" aria-live="polite">
      {said.value}
    </p>
  );
}
