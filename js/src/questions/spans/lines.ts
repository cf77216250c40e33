/** Moving the caret by lines as laid out on screen. */

import { nextPiece, type Pieces, type Reach } from "../../text/pieces";

export interface Spot {
  /** Middle of the piece, in CSS pixels. */
  readonly x: number;
  readonly y: number;
  readonly height: number;
}

export type Locate = (piece: Reach) => Spot | null;

interface Found {
  readonly piece: Reach;
  readonly spot: Spot;
}

const sameLine = (a: Spot, b: Spot): boolean => Math.abs(a.y - b.y) < Math.max(a.height, b.height) / 2;

/** The pieces from `from` on, in one direction, that can be located. */
function* located(pieces: Pieces, from: Reach, step: 1 | -1, locate: Locate): Generator<Found> {
  let piece = nextPiece(pieces, step > 0 ? from.end : from.start, step);
  while (piece) {
    const spot = locate(piece);
    if (spot) yield { piece, spot };
    piece = nextPiece(pieces, step > 0 ? piece.end : piece.start, step);
  }
}

/** The piece nearest above or below; null on the first or last line. */
export function lineStep(pieces: Pieces, from: Reach, step: 1 | -1, locate: Locate): Reach | null {
  const start = locate(from);
  if (!start) return null;
  let best: Found | null = null;
  for (const found of located(pieces, from, step, locate)) {
    if (sameLine(found.spot, start)) continue;
    if (best && !sameLine(found.spot, best.spot)) break;
    if (!best || Math.abs(found.spot.x - start.x) < Math.abs(best.spot.x - start.x)) best = found;
  }
  return best?.piece ?? null;
}

/** The first or last piece of the line. */
export function lineEnd(pieces: Pieces, from: Reach, step: 1 | -1, locate: Locate): Reach {
  const start = locate(from);
  let last = from;
  if (!start) return last;
  for (const { piece, spot } of located(pieces, from, step, locate)) {
    if (!sameLine(spot, start)) break;
    last = piece;
  }
  return last;
}
