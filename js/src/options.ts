/** Questions with labels of their own on each item. */

import type { Item, LabelSpec, QuestionSpec } from "./protocol";
import { remember } from "./remember";

const DIGITS = 9;

/** The labels of the item with the digits as keys, then those that stand in the schema. */
function labelsOf({ labels, labels_from }: QuestionSpec, item: Item): readonly LabelSpec[] {
  const own = item.fields[labels_from ?? ""];
  const names = Array.isArray(own) ? own.map(String) : [];
  const fixed = new Set(labels.map(({ name }) => name));
  const taken = new Set(labels.map(({ key }) => key));
  const keys = Array.from({ length: DIGITS }, (_, at) => String(at + 1)).filter((key) => !taken.has(key));
  const fresh = names.filter((name) => !fixed.has(name));
  return [...fresh.map((name, at) => ({ name, key: keys[at] ?? null, color: null })), ...labels];
}

/** The questions as they are asked about an item; the same objects again for the same item. */
export function ofItem(questions: readonly QuestionSpec[], item: () => Item | null): readonly QuestionSpec[] {
  if (!questions.some(({ labels_from }) => labels_from)) return questions;
  const shown = item();
  if (!shown) return questions;
  return remember(shown.fields, () =>
    questions.map((each) => (each.labels_from ? { ...each, labels: labelsOf(each, shown) } : each)),
  );
}
