/** Numbers and progress in words, the same for those who see them and those who hear them. */

import type { Progress } from "../protocol";
import type { Saving } from "../saving";

export const number = (n: number): string => n.toLocaleString("en");

export const several = (n: number, noun: string): string => `${number(n)} ${noun}${n === 1 ? "" : "s"}`;

export function progressInWords({ done, skipped, total, team }: Progress): string {
  if (!team) return `${done} answered, ${skipped} skipped of ${total}`;
  const { complete, total: all, overlap } = team;
  const enough = overlap === 1 ? "an answer" : `their ${overlap} answers`;
  return `${number(done)} answered, ${number(skipped)} skipped by you; ${number(complete)} of ${several(all, "item")} have ${enough}`;
}

/** `n`: how many answers are not saved. */
export const savingInWords = (saving: Saving, n: number): string =>
  ({
    saved: "Saved",
    saving: n > 1 ? `Saving ${n}` : "Saving",
    kept: "Saved on this computer only",
    waiting: "Waiting for the kernel…",
    unsaved: `${n} not saved`,
  })[saving];
