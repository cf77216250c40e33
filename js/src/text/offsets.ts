/**
 * Code points and UTF-16 units: the one place where they are converted.
 *
 * The DOM and JavaScript count UTF-16 units, Python and the log count Unicode code points. A lone surrogate is one unit
 * and one code point, as in Python.
 */

import { firstOf } from "./first";

export interface Offsets {
  readonly text: string;
  readonly codePoints: number;
  toCodePoint(unit: number): number;
  toUnit(codePoint: number): number;
  /** The text between two code point offsets. */
  slice(start: number, end: number): string;
}

/** Looks only for what takes two units, once, so that a long text of few of them takes no memory. */
export function offsetsOf(text: string): Offsets {
  let found: Int32Array | null = null;
  const pairs = (): Int32Array => {
    found ??= pairsOf(text);
    return found;
  };

  const toCodePoint = (unit: number): number => {
    const before = countBefore(pairs(), requireInside(unit, text.length), 0);
    if (before > 0 && pairs()[before - 1] === unit - 1)
      throw new RangeError(`Offset ${unit} is inside a surrogate pair.`);
    return unit - before;
  };
  const codePoints = (): number => text.length - pairs().length;
  const toUnit = (point: number): number => point + countBefore(pairs(), requireInside(point, codePoints()), 1);
  const slice = (start: number, end: number): string => text.slice(toUnit(start), toUnit(end));

  return {
    text,
    get codePoints() {
      return codePoints();
    },
    toCodePoint,
    toUnit,
    slice,
  };
}

/** Where the surrogate pairs of a text begin. */
function pairsOf(text: string): Int32Array {
  const pairs: number[] = [];
  for (let unit = 0; unit < text.length - 1; unit++) {
    if (!isHigh(text.charCodeAt(unit)) || !isLow(text.charCodeAt(unit + 1))) continue;
    pairs.push(unit);
    unit++;
  }
  return Int32Array.from(pairs);
}

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00;
const isLow = (unit: number): boolean => unit >= 0xdc00 && unit < 0xe000;

/** How many pairs begin before a unit (`each` 0), or before a code point: every pair before one makes it come a unit later. */
const countBefore = (pairs: Int32Array, offset: number, each: 0 | 1): number =>
  firstOf(pairs.length, (at) => (pairs[at] as number) - each * at >= offset);

function requireInside(offset: number, limit: number): number {
  if (Number.isInteger(offset) && offset >= 0 && offset <= limit) return offset;
  throw new RangeError(`Offset ${offset} is not in 0 to ${limit}.`);
}
