/** "I cannot tell" as an answer: kept from the label types, which know nothing of it. */

import { computed, type ReadonlySignal } from "@preact/signals-core";
import { CANNOT_TELL, cannotTell } from "../conditions";
import { handlerOf, keyName } from "../keymap";
import type { Draft, QuestionProps } from "../questions/module";
import { remember } from "../remember";
import { useLayoutEffect } from "./reactive";

const KEY = "u";

/** A draft as a label type sees it: nothing is answered as long as the person cannot tell. */
export interface Answerable extends Draft<unknown> {
  readonly unsure: ReadonlySignal<boolean>;
}

/** The same object for the same draft. */
export const answerable = (draft: Draft<unknown>): Answerable =>
  remember(draft, () => {
    const unsure = computed(() => cannotTell(draft.value.value));
    return {
      unsure,
      value: computed(() => (unsure.value ? null : draft.value.value)),
      dismissed: draft.dismissed,
      set: draft.set,
    };
  });

export function Unsure({ question, draft, activate, register }: QuestionProps<unknown>) {
  const { unsure } = draft as Answerable;
  const toggle = (): void => draft.set(unsure.peek() ? null : CANNOT_TELL);
  useLayoutEffect(
    () =>
      register(handlerOf((ev) => (keyName(ev) === KEY && !ev.shiftKey ? () => void (ev.repeat || toggle()) : null))),
    [register, draft],
  );
  return (
    <button
      type="button"
      class="ja-plain ja-unsure"
      aria-pressed={unsure.value}
      aria-label={`Cannot tell: ${question.title ?? question.name}`}
      onClick={() => {
        activate();
        toggle();
      }}
    >
      Cannot tell
      <kbd class="ja-key">{KEY}</kbd>
    </button>
  );
}
