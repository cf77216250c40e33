/** Finding a label by a few letters among hundreds. */

import type { LabelSpec } from "../protocol";

const plain = (text: string): string =>
  text
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .toLowerCase();

/** How well a name fits what was typed; less is better, null is not at all. */
function rank(name: string, typed: string): number | null {
  if (name === typed) return 0;
  if (name.startsWith(typed)) return 1;
  const words = name.split(/[\s_\-./:]+/);
  if (words.some((word) => word.startsWith(typed))) return 2;
  if (
    words
      .map((word) => word[0] ?? "")
      .join("")
      .startsWith(typed)
  )
    return 3;
  if (name.includes(typed)) return 4;
  return inOrder(name, typed) ? 5 : null;
}

/** All letters are there, in this order, with others between. */
function inOrder(name: string, typed: string): boolean {
  let at = 0;
  for (const letter of typed) {
    at = name.indexOf(letter, at) + 1;
    if (at === 0) return false;
  }
  return true;
}

/**
 * The labels that fit what was typed, best first: called so, beginning so, with a word or with initials that begin so,
 * holding it, its letters in this order. Accents and case do not count. Nothing typed: those used last, then all others.
 */
export function findLabels(labels: readonly LabelSpec[], typed: string, recent: readonly string[]): LabelSpec[] {
  const wanted = plain(typed.trim());
  const age = (label: LabelSpec): number => (recent.includes(label.name) ? recent.indexOf(label.name) : recent.length);
  if (!wanted) return [...labels].sort((a, b) => age(a) - age(b));
  return labels
    .flatMap((label) => {
      const found = rank(plain(label.name), wanted);
      return found === null ? [] : [{ label, found }];
    })
    .sort((a, b) => a.found - b.found || age(a.label) - age(b.label) || a.label.name.length - b.label.name.length)
    .map(({ label }) => label);
}

/** What was chosen comes first. */
export const usedNow = (recent: readonly string[], label: string, most = 5): readonly string[] =>
  [label, ...recent.filter((each) => each !== label)].slice(0, most);
