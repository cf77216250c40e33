/** Relations as arcs over the text: where each runs, in CSS pixels of the sheet it is drawn on. */

import { lanesOf } from "../../text/layout";

/** The place of a span: the middle of its first line, and its upper edge. */
export interface Anchor {
  readonly x: number;
  readonly top: number;
}

export interface Arc {
  readonly path: string;
  /** The arrow head at the tail. */
  readonly tip: string;
  /** Middle of the label. */
  readonly x: number;
  readonly y: number;
}

/** Height of the lowest arc, from one to the next, and most of them above each other. */
const LOW = 16;
const PITCH = 10;
const MOST = 3;
/** How much further up the label of the next one is. */
const RISE = 10;
/** A relation of a span with itself. */
const LOOP = 14;

/** Arcs over the same text stand above each other. */
export const levelsOf = (reaches: readonly { readonly start: number; readonly end: number }[]): number[] =>
  lanesOf(reaches).map((lane) => Math.min(lane, MOST));

export function arcOf(head: Anchor, tail: Anchor, level: number): Arc {
  const height = LOW + level * PITCH;
  const loop = head.x === tail.x && head.top === tail.top ? LOOP : 0;
  const [a, b] = [
    { x: head.x - loop, y: head.top },
    { x: tail.x + loop, y: tail.top },
  ];
  const ceiling = Math.min(a.y, b.y) - height;
  const path = `M ${a.x} ${a.y} C ${a.x} ${ceiling} ${b.x} ${ceiling} ${b.x} ${b.y - 2}`;
  const tip = `${b.x - 4},${b.y - 7} ${b.x + 4},${b.y - 7} ${b.x},${b.y}`;
  // Labels of arcs above each other do not cover one another.
  const y = (a.y + b.y) / 8 + (ceiling * 3) / 4 - level * RISE;
  return { path, tip, x: (a.x + b.x) / 2, y };
}
