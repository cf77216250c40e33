/** Keys that a person set instead of the widget's own. */

import type { Setup } from "./protocol";

/** By the key of ours they stand for. */
export type ChosenKeys = NonNullable<Setup["keys"]>;

/** Which of our keys is meant by one that is pressed; one that is set otherwise means nothing any more. */
export function meant(chosen: ChosenKeys | undefined, pressed: string): string {
  if (!chosen) return pressed;
  const ours = Object.keys(chosen).find((key) => chosen[key] === pressed);
  return ours ?? (Object.hasOwn(chosen, pressed) ? "" : pressed);
}

const NAMES: Readonly<Record<string, string>> = { " ": "Space" };

/** What to press for one of our keys, as it is written on it. */
export function keyFor(chosen: ChosenKeys | undefined, ours: string): string {
  const key = (chosen && Object.hasOwn(chosen, ours) && chosen[ours]) || ours;
  return NAMES[key] ?? key;
}
