/** What the keys Enter, Space, z and . do, for those who point. */

import { computed } from "@preact/signals-core";
import { keyFor } from "../chosen_keys";
import { own } from "../own";
import type { QuestionSpec } from "../protocol";
import { QUESTIONS } from "../questions";
import { Button } from "./button";
import { useOnce } from "./reactive";
import type { View } from "./view";

export function Actions({ view }: { view: View }) {
  // Drawn again only when one of these differs, not with every item.
  const first = useOnce(() => computed(() => firstAction(view))).value;
  const shown = useOnce(() => computed(() => view.queue.displayed.value !== null)).value;
  const keys = view.setup.value?.keys;
  return (
    <div class="ja-actions">
      {first && <Action name={first} letter={keyFor(keys, "Enter")} first press={() => view.submit()} />}
      {shown && <Action name="Skip" letter={keyFor(keys, " ")} press={view.skip} />}
      <Action name="Undo" letter={keyFor(keys, "z")} press={view.undo} />
      {view.queue.away.value && <Action name="Next" letter={keyFor(keys, ".")} press={view.next} />}
    </div>
  );
}

/** What Enter does, unless every answer is submitted by itself. */
function firstAction(view: View): "Submit" | "Accept" | null {
  if (!view.queue.displayed.value) return null;
  const atOnce = submitAtOnce(view.questions.value);
  const stand = view.due.value.map(({ name }) => suggestionStands(view, name));
  if (atOnce && !stand.includes(true)) return null;
  return stand.includes(false) ? "Submit" : "Accept";
}

/** Whether each answer is the whole decision: nobody needs to submit. */
export const submitAtOnce = (questions: readonly QuestionSpec[]): boolean =>
  questions.every((each) => QUESTIONS[each.kind]?.submitsAtOnce(each, questions.length === 1));

/** A suggestion is on the screen and Enter would take it: nothing was answered or dismissed. */
function suggestionStands({ queue, sheet }: View, name: string): boolean {
  const draft = sheet.value?.draft(name);
  const suggested = own(queue.displayed.value?.prelabels, name) !== undefined;
  return suggested && draft?.value.value === null && !draft.dismissed.value;
}

interface ActionProps {
  readonly name: string;
  readonly letter: string;
  readonly first?: boolean;
  readonly press: () => void;
}

export function Action({ name, letter, first, press }: ActionProps) {
  return (
    <Button first={first} press={press}>
      {name}
      <kbd class="ja-key">{letter}</kbd>
    </Button>
  );
}
