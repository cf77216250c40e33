/**
 * Code points and UTF-16 units: the one place where they are converted.
 *
 * The DOM and JavaScript count UTF-16 units, Python and the log count Unicode code points. A lone surrogate is one unit
 * and one code point, as in Python.
 */

export interface Offsets {
  readonly text: string;
  readonly codePoints: number;
  toCodePoint(unit: number): number;
  toUnit(codePoint: number): number;
  /** The text between two code point offsets. */
  slice(start: number, end: number): string;
}

/** Index a text once; each conversion is then a look-up. */
export function offsetsOf(text: string): Offsets {
  const units = new Int32Array(text.length + 1);
  const points = new Int32Array(text.length + 1).fill(-1);
  let codePoints = 0;
  const put = (unit: number): void => {
    units[codePoints] = unit;
    points[unit] = codePoints;
  };
  for (let unit = 0; unit < text.length; unit += (text.codePointAt(unit) as number) > 0xffff ? 2 : 1) {
    put(unit);
    codePoints++;
  }
  put(text.length);

  const toCodePoint = (unit: number): number => {
    const point = points[requireInside(unit, text.length)] as number;
    if (point < 0) throw new RangeError(`Offset ${unit} is inside a surrogate pair.`);
    return point;
  };
  const toUnit = (point: number): number => units[requireInside(point, codePoints)] as number;
  const slice = (start: number, end: number): string => text.slice(toUnit(start), toUnit(end));

  return { text, codePoints, toCodePoint, toUnit, slice };
}

function requireInside(offset: number, limit: number): number {
  if (Number.isInteger(offset) && offset >= 0 && offset <= limit) return offset;
  throw new RangeError(`Offset ${offset} is not in 0 to ${limit}.`);
}
