/** What stands where the item would be. */

import type { Progress } from "../protocol";
import type { Phase } from "../queue";
import { Button } from "./button";
import { Icon, type IconName } from "./icons";
import type { View } from "./view";
import { several } from "./words";

export function Blank({ view, phase }: { view: View; phase: Exclude<Phase, "item"> }) {
  if (phase === "loading")
    return <p class="ja-blank ja-blank--loading">{view.setup.value ? "Loading the next item…" : "Connecting…"}</p>;
  return (
    <div class="ja-blank">
      {phase === "done" ? <Done view={view} /> : <Empty />}
      <Button press={view.lookAgain}>Look for more items</Button>
    </div>
  );
}

function Done({ view }: { view: View }) {
  const unsaved = view.unsaved();
  const { icon, title, text } = endOf(view.queue.progress.value);
  return (
    <>
      <span class="ja-blank-mark">
        <Icon name={icon} />
      </span>
      <p class="ja-blank-title">{title}</p>
      <p class="ja-quiet">
        {text}
        {unsaved > 0 && ` ${unsaved} still to be saved: keep this page open.`}
      </p>
    </>
  );
}

interface End {
  readonly icon: IconName;
  readonly title: string;
  readonly text: string;
}

/** Why the queue has ended. */
export function endOf({ done, skipped, team }: Progress): End {
  const left = team ? team.total - team.complete : 0;
  const yours = `${done} answered, ${skipped} skipped.`;
  if (!team || left <= 0) return { icon: "check", title: "All done", text: yours };
  if (team.held === 0)
    return {
      icon: "check",
      title: "Your part is done",
      text: `${several(left, "item")} still need answers of others.`,
    };
  return {
    icon: "clock",
    title: "Nothing for you right now",
    text: `Others hold ${several(team.held, "item")}. Some may come free: this page looks by itself.`,
  };
}

function Empty() {
  return (
    <>
      <p class="ja-blank-title">There are no items yet</p>
      <p class="ja-quiet">Add some in the notebook with project.add_items(…).</p>
    </>
  );
}
