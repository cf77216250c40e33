/** The answers to the item before, filled in for this one. */

import type { Sheet } from "./drafts";
import type { Item, QuestionSpec } from "./protocol";
import type { Past } from "./queue";

/** Fill in what was answered to the item before, as far as it says something about this one; why not, if it cannot be. */
export function copyAnswers(
  item: Item,
  sheet: Sheet,
  past: readonly Past[],
  questions: readonly QuestionSpec[],
): string | null {
  const last = [...past].reverse().find(({ status, item: other }) => status === "answered" && other !== item.item);
  if (!last) return "There is no answer before this one to copy.";
  for (const { name, field } of questions) {
    const answer = last.answers[name];
    // Places in one text mean nothing in another.
    if (answer !== undefined && typeof item.fields[field ?? ""] !== "string") sheet.draft(name).set(answer);
  }
  return null;
}
