/** What stands where the item would be. */

import type { Phase } from "../queue";
import type { Sitting } from "../sitting";
import { Button } from "./button";
import { Icon } from "./icons";

export function Blank({ sitting, phase }: { sitting: Sitting; phase: Exclude<Phase, "item"> }) {
  if (phase === "loading")
    return <p class="ja-blank ja-blank--loading">{sitting.setup.value ? "Loading the next item…" : "Connecting…"}</p>;
  return (
    <div class="ja-blank">
      {phase === "done" ? <Done sitting={sitting} /> : <Empty />}
      <Button press={() => sitting.lookAgain()}>Look for more items</Button>
    </div>
  );
}

function Done({ sitting }: { sitting: Sitting }) {
  const { done, skipped } = sitting.queue.progress.value;
  const unsaved = sitting.unsaved();
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
