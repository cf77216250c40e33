/** A caret that covers a whole word or character, moved by key. Pure: positions in, positions out, in UTF-16 units. */

import { nextPiece, type Pieces, type Reach } from "./pieces";

/** `anchor` stays while extending, `focus` moves; both are whole pieces. */
export interface Caret {
  readonly anchor: Reach;
  readonly focus: Reach;
}

export const caretAt = (piece: Reach): Caret => ({ anchor: piece, focus: piece });

/** The caret over a reach of whole pieces, as if selected from its start; null where there is no text. */
export function caretOver(pieces: Pieces, reach: Reach): Caret | null {
  const first = pieces.at(reach.start);
  const last = pieces.at(reach.end - 1);
  return first && last ? { anchor: first, focus: last } : null;
}

/** All the text from anchor to focus. */
export const reachOf = (caret: Caret): Reach => ({
  start: Math.min(caret.anchor.start, caret.focus.start),
  end: Math.max(caret.anchor.end, caret.focus.end),
});

/** One piece on or back; at the end of the text the caret stays. */
export function moved(pieces: Pieces, caret: Caret, step: 1 | -1, extend: boolean): Caret {
  const from = step > 0 ? caret.focus.end : caret.focus.start;
  const next = nextPiece(pieces, from, step);
  if (!next) return extend ? caret : caretAt(caret.focus);
  return extend ? { anchor: caret.anchor, focus: next } : caretAt(next);
}

/** The caret on, or extended to, the piece that holds `unit` (or the nearest one that can be seen). */
export function placed(pieces: Pieces, caret: Caret | null, unit: number, extend: boolean): Caret | null {
  const under = pieces.at(unit);
  const next = under && !pieces.blank(under) ? under : (nextPiece(pieces, unit, 1) ?? nextPiece(pieces, unit, -1));
  if (!next) return caret;
  return extend && caret ? { anchor: caret.anchor, focus: next } : caretAt(next);
}

/** Move one edge of a reach by a piece, never past the other edge; the same reach when there is no room. */
export function nudged(pieces: Pieces, reach: Reach, edge: "start" | "end", step: 1 | -1): Reach {
  const outwards = (edge === "end") === step > 0;
  const passed = outwards ? null : nextPiece(pieces, reach[edge], step);
  const from = passed ? (step > 0 ? passed.end : passed.start) : reach[edge];
  const next = nextPiece(pieces, from, step);
  if (!next) return reach;
  const changed = edge === "end" ? { ...reach, end: next.end } : { ...reach, start: next.start };
  return changed.start < changed.end ? changed : reach;
}
