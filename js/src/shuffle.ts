/** The order in which options are shown: by lot, and the same again for the same person, item and question. Pure. */

import type { Item, QuestionSpec } from "./protocol";

/** FNV-1a, 32 bits, and a last stir: seeds that differ in one letter give unlike numbers. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Every order is as likely as any other over seeds (Fisher and Yates). */
export function shuffled<T>(all: readonly T[], seed: string): T[] {
  const order = [...all];
  for (let last = order.length - 1; last > 0; last--) {
    const at = hashOf(`${seed}\n${last}`) % (last + 1);
    [order[last], order[at]] = [order[at] as T, order[last] as T];
  }
  return order;
}

/** The labels of a question as they stand on the screen. */
export const optionsOf = ({ labels, name }: QuestionSpec, item: Item, annotator: string): string[] =>
  shuffled(
    labels.map((label) => label.name),
    `${annotator}\n${item.item}\n${name}`,
  );
