/** What stands where the item would be. */

import type { Phase } from "../queue";
import { Button } from "./button";
import { Icon } from "./icons";
import type { View } from "./view";

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
  const { done, skipped } = view.queue.progress.value;
  const unsaved = view.unsaved();
  return (
    <>
      <span class="ja-blank-mark">
        <Icon name="check" />
      </span>
      <p class="ja-blank-title">All done</p>
      <p class="ja-quiet">
        {done} answered, {skipped} skipped.
        {unsaved > 0 && ` ${unsaved} still to be saved: keep this page open.`}
      </p>
    </>
  );
}

function Empty() {
  return (
    <>
      <p class="ja-blank-title">There are no items yet</p>
      <p class="ja-quiet">Add some in the notebook with project.add_items(…).</p>
    </>
  );
}
