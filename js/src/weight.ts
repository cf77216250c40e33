/** How much text items hold: long ones are asked for one by one, and forgotten sooner. */

import type { Item } from "./protocol";

/** Units of text that wait ahead, if there is more than one item; and that are kept of past decisions. */
const AHEAD = 16_000_000;
const BEHIND = 64_000_000;

export const weightOf = (item: Item | null): number =>
  Object.values(item?.fields ?? {}).reduce<number>(
    (sum, value) => sum + (typeof value === "string" ? value.length : 0),
    0,
  );

export const isFull = (ahead: readonly Item[]): boolean =>
  ahead.reduce((sum, item) => sum + weightOf(item), 0) >= AHEAD;

/** How many of these, the newest last, are light enough to be kept; the newest one always is. */
export function kept(items: readonly (Item | null)[]): number {
  let weight = 0;
  for (let count = 0; count < items.length; count++) {
    weight += weightOf(items[items.length - 1 - count] as Item | null);
    if (weight > BEHIND && count > 0) return count;
  }
  return items.length;
}
