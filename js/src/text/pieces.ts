/** Pieces of a text a person would point at: characters as seen (grapheme clusters) and words. UTF-16 units throughout. */

import { lookupIn } from "./blocks";
import { type Reach, wholeWord } from "./segments";

export type { Reach } from "./segments";
export type Snap = "token" | "character";

export interface Pieces {
  readonly length: number;
  /** The piece over this unit; null outside the text. */
  at(unit: number): Reach | null;
  /** No word to stop at: white space, control and format characters alone. A single character is never blank. */
  blank(piece: Reach): boolean;
  /** Not meant when it stands at the end of a selection: blank, or a character without a width that no pointer can avoid. */
  unmeant(piece: Reach): boolean;
}

const BLANK = /^[\p{White_Space}\p{Cc}\p{Cf}]*$/u;
const WITHOUT_WIDTH = /^(?:(?!\t)[\p{Cc}\p{Cf}\u2028\u2029])*$/u;

/** Look pieces up one by one: nothing is segmented ahead, so a long text costs nothing until someone points into it. */
export function piecesOf(text: string, snap: Snap): Pieces {
  const graphemes = lookupIn(text, "grapheme");
  const words = lookupIn(text, "word");
  const is = (kind: RegExp) => (piece: Reach) => kind.test(text.slice(piece.start, piece.end));
  return snap === "token"
    ? { length: text.length, at: (unit) => wholeWord(words, graphemes, unit), blank: is(BLANK), unmeant: is(BLANK) }
    : { length: text.length, at: graphemes, blank: () => false, unmeant: is(WITHOUT_WIDTH) };
}

/** Grow a reach outwards to whole pieces. An empty reach stays as it is. */
export function cover(pieces: Pieces, reach: Reach): Reach {
  if (reach.end <= reach.start) return reach;
  const first = pieces.at(reach.start) ?? reach;
  const last = pieces.at(reach.end - 1) ?? reach;
  return { start: Math.min(first.start, reach.start), end: Math.max(last.end, reach.end) };
}

/** Drop pieces that were not meant at both ends; null when nothing remains. */
export function trim(pieces: Pieces, reach: Reach): Reach | null {
  let { start, end } = reach;
  for (let piece = pieces.at(start); piece && start < end && pieces.unmeant(piece); piece = pieces.at(start)) {
    start = piece.end;
  }
  for (let piece = pieces.at(end - 1); piece && start < end && pieces.unmeant(piece); piece = pieces.at(end - 1)) {
    end = piece.start;
  }
  return start < end ? { start, end } : null;
}

/**
 * What a person meant by selecting from `anchor` to `focus` (either order): whole words without the blanks around them, or
 * whole visible characters with the spaces selected. Null when nothing was meant.
 */
export function snapped(pieces: Pieces, anchor: number, focus: number): Reach | null {
  const reach = { start: Math.min(anchor, focus), end: Math.max(anchor, focus) };
  if (reach.start === reach.end) return null;
  return trim(pieces, cover(pieces, reach));
}

/** The first piece worth stopping at from `unit` on, walking forwards or backwards; null at the end of the text. */
export function nextPiece(pieces: Pieces, unit: number, step: 1 | -1): Reach | null {
  let piece = pieces.at(step > 0 ? unit : unit - 1);
  while (piece && pieces.blank(piece)) piece = pieces.at(step > 0 ? piece.end : piece.start - 1);
  return piece;
}
