/**
 * Outlines and lines in absolute pixels of the image as displayed, rounded to 2 decimals, inside the image. Pure: every
 * function returns new points.
 */

import { clamp, insideImage, type Point, round, type Size } from "./boxes";

export type Corner = readonly [x: number, y: number];
export type Corners = readonly Corner[];

export const cornerOf = ({ x, y }: Point): Corner => [round(x), round(y)];
export const pointOf = ([x, y]: Corner): Point => ({ x, y });

/** Twice the area, with a sign for the direction. */
const doubled = (corners: Corners): number =>
  corners.reduce((sum, [x, y], at) => {
    const [nextX, nextY] = corners[(at + 1) % corners.length] as Corner;
    return sum + x * nextY - nextX * y;
  }, 0);

export const areaOf = (corners: Corners): number => Math.abs(doubled(corners)) / 2;

/** Whether a point lies inside an outline (even-odd rule). */
export function holds(corners: Corners, { x, y }: Point): boolean {
  let inside = false;
  corners.forEach(([x1, y1], at) => {
    const [x2, y2] = corners[(at + 1) % corners.length] as Corner;
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) inside = !inside;
  });
  return inside;
}

function toSegment({ x, y }: Point, [x1, y1]: Corner, [x2, y2]: Corner): number {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const long = dx * dx + dy * dy;
  const share = long === 0 ? 0 : clamp(((x - x1) * dx + (y - y1) * dy) / long, 0, 1);
  return Math.hypot(x - x1 - share * dx, y - y1 - share * dy);
}

/** The sides, each by the index of its first corner; an open line has one less. */
const sidesOf = (corners: Corners, closed: boolean): [Corner, Corner][] =>
  corners
    .slice(0, closed ? corners.length : -1)
    .map((corner, at) => [corner, corners[(at + 1) % corners.length] as Corner]);

export const distanceTo = (corners: Corners, at: Point, closed: boolean): number =>
  Math.min(...sidesOf(corners, closed).map(([from, to]) => toSegment(at, from, to)));

/** Middles of the sides: where a corner can be put in. */
export const middlesOf = (corners: Corners, closed: boolean): Point[] =>
  sidesOf(corners, closed).map(([[x1, y1], [x2, y2]]) => ({ x: (x1 + x2) / 2, y: (y1 + y2) / 2 }));

/** All corners shifted as far as the image allows. */
export function shifted(corners: Corners, by: Point, image: Size): Corner[] {
  const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
  const x = clamp(by.x, -Math.min(...xs), image.width - Math.max(...xs));
  const y = clamp(by.y, -Math.min(...ys), image.height - Math.max(...ys));
  return corners.map((corner) => cornerOf({ x: corner[0] + x, y: corner[1] + y }));
}

export const withCorner = (corners: Corners, index: number, to: Point, image: Size): Corner[] =>
  corners.map((corner, at) => (at === index ? cornerOf(insideImage(to, image)) : corner));

export const inserted = (corners: Corners, index: number, at: Point, image: Size): Corner[] => [
  ...corners.slice(0, index),
  cornerOf(insideImage(at, image)),
  ...corners.slice(index),
];

/** Fewer corners, none further than `tolerance` from where the line was (Douglas and Peucker 1973). */
export function simplified(corners: Corners, tolerance: number): Corner[] {
  if (corners.length < 3) return [...corners];
  const [first, last] = [corners[0] as Corner, corners.at(-1) as Corner];
  const gaps = corners.map((corner) => toSegment(pointOf(corner), first, last));
  const far = Math.max(...gaps);
  if (far <= tolerance) return [first, last];
  const at = gaps.indexOf(far);
  return [...simplified(corners.slice(0, at + 1), tolerance).slice(0, -1), ...simplified(corners.slice(at), tolerance)];
}

const turn = ([x1, y1]: Corner, [x2, y2]: Corner, [x3, y3]: Corner): number =>
  Math.sign((x2 - x1) * (y3 - y1) - (y2 - y1) * (x3 - x1));

/** Whether two sides of an outline that are no neighbours meet. */
export function crossesItself(corners: Corners): boolean {
  const sides = sidesOf(corners, true);
  return sides.some(([a, b], i) =>
    sides.some(([c, d], j) => {
      if (j < i + 2 || (i === 0 && j === sides.length - 1)) return false;
      return turn(a, b, c) * turn(a, b, d) < 0 && turn(c, d, a) * turn(c, d, b) < 0;
    }),
  );
}

/** Why these corners are no outline, or no line; null if they are. */
export function problemOf(corners: Corners, closed: boolean): string | null {
  const least = closed ? 3 : 2;
  if (corners.length < least) return `At least ${least} corners.`;
  if (!closed) return null;
  if (areaOf(corners) < 1) return "Too small: an outline goes around one square pixel or more.";
  return crossesItself(corners) ? "An outline may not cross itself." : null;
}
