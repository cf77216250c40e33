/** What was on the screen when a decision was made. It travels with every submission. */

import { monotonic } from "./clock";
import type { Sheet } from "./drafts";
import { own } from "./own";
import type { Item, QuestionSpec, Seen, Via } from "./protocol";
import { QUESTIONS } from "./questions";

export interface Circumstances {
  readonly questions: readonly QuestionSpec[];
  readonly item: Item | null;
  readonly sheet: Sheet | null;
  /** When the item was shown: monotonic, and by the clock. */
  readonly since: number;
  readonly shownMs: number;
  readonly accepted: readonly string[];
  readonly via: Via;
  readonly annotator: string;
}

/** The options of a question in the order they were shown. */
function orderOf(question: QuestionSpec, item: Item | null, annotator: string): readonly string[] {
  const order = item && QUESTIONS[question.kind]?.order?.(question, item, annotator);
  return order ?? question.labels.map(({ name }) => name);
}

export function seenOf(circumstances: Circumstances): Seen {
  const { questions, item, sheet, since, shownMs, accepted, via, annotator } = circumstances;
  const suggested = questions.filter(({ name }) => own(item?.prelabels, name));
  return {
    shown_ms: shownMs,
    decided_ms: Date.now(),
    duration_ms: Math.round(monotonic() - since),
    prelabels: Object.fromEntries(suggested.map(({ name }) => [name, own(item?.prelabels, name)?.id ?? ""])),
    dismissed: suggested.filter(({ name }) => sheet?.draft(name).dismissed.peek()).map(({ name }) => name),
    accepted,
    label_order: Object.fromEntries(questions.map((each) => [each.name, orderOf(each, item, annotator)])),
    via,
  };
}
