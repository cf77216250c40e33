/** The item on the screen: what is filled in, since when it is there, and which question the keys go to. */

import { type ReadonlySignal, signal } from "@preact/signals-core";
import { monotonic } from "./clock";
import type { Drafts, Sheet } from "./drafts";
import type { Answers, Item, QuestionSpec, Seen, Via } from "./protocol";
import { seenOf } from "./seen";

export type Page = ReturnType<typeof openPage>;

export function openPage(questions: ReadonlySignal<readonly QuestionSpec[]>, annotator: () => string) {
  const sheet = signal<Sheet | null>(null);
  const active = signal("");
  const prefill = new Map<string, Answers>();
  /** When the item was shown: monotonic, and by the clock. */
  let since = 0;
  let shownMs = 0;

  return {
    sheet,
    active,

    /** Whoever comes back to this item finds these answers filled in. */
    prefill: (id: string, answers: Answers): void => void prefill.set(id, answers),

    /** Another item is displayed. */
    turn(item: Item | null, drafts: Drafts | null, answered: (name: string) => void): void {
      since = monotonic();
      shownMs = Date.now();
      if (!item || !drafts) {
        sheet.value = null;
        return;
      }
      const answers = prefill.get(item.item) ?? item.answers ?? {};
      prefill.delete(item.item);
      sheet.value = drafts.open(item, answers, answered);
      active.value = questions.peek()[0]?.name ?? "";
    },

    /** How long the item has been on the screen, ms. */
    shownFor: (): number => monotonic() - since,

    /** What was on the screen when a decision was made; `item` is null if it was about another one. */
    seen: (item: Item | null, via: Via, accepted: readonly string[]): Seen =>
      seenOf({
        questions: questions.peek(),
        item,
        sheet: sheet.peek(),
        since,
        shownMs,
        accepted,
        via,
        annotator: annotator(),
      }),
  };
}
