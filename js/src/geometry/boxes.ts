/**
 * Boxes in absolute pixels of the image as displayed (EXIF applied), origin top left, rounded to 2 decimals, inside the image.
 *
 * Pure: every function returns a new box. A box is settled once, at the end of each function, so sides never drift.
 */

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Rect extends Point, Size {
  /** Degrees clockwise about the centre; all else is of the box before it is turned. */
  readonly rotation?: number;
}

/** Which edges a handle moves: -1 left or top, 1 right or bottom, 0 neither. */
export type Handle = readonly [horizontal: -1 | 0 | 1, vertical: -1 | 0 | 1];

export const HANDLES: readonly Handle[] = [
  [-1, -1],
  [0, -1],
  [1, -1],
  [1, 0],
  [1, 1],
  [0, 1],
  [-1, 1],
  [-1, 0],
];

export const round = (pixels: number): number => Math.round(pixels * 100) / 100;
export const clamp = (value: number, low: number, high: number): number =>
  Math.min(Math.max(value, low), Math.max(low, high));

/** A place on screen as a place in the image: the second is where the image lies, in the units of `at`. */
export const toImage = (at: Point, shown: Rect, image: Size): Point => ({
  x: ((at.x - shown.x) * image.width) / shown.width,
  y: ((at.y - shown.y) * image.height) / shown.height,
});

export const insideImage = (point: Point, image: Size): Point => ({
  x: clamp(point.x, 0, image.width),
  y: clamp(point.y, 0, image.height),
});

/** The box between two points in any order, cut off at the borders of the image. */
export function between(a: Point, b: Point, image: Size): Rect {
  const from = insideImage(a, image);
  const to = insideImage(b, image);
  return fromSides(sidesBetween(from.x, to.x), sidesBetween(from.y, to.y));
}

type Sides = readonly [low: number, high: number];

const sidesBetween = (a: number, b: number): Sides => [Math.min(a, b), Math.max(a, b)];

function fromSides([left, right]: Sides, [top, bottom]: Sides): Rect {
  const [x, y] = [round(left), round(top)];
  return { x, y, width: round(round(right) - x), height: round(round(bottom) - y) };
}

/** The box shifted as far as the image allows, its size unchanged. */
export const moved = (box: Rect, by: Point, image: Size): Rect => ({
  x: round(clamp(box.x + by.x, 0, image.width - box.width)),
  y: round(clamp(box.y + by.y, 0, image.height - box.height)),
  width: box.width,
  height: box.height,
});

/** The box with the edges of one handle pulled to a point; pulled past the other edge it turns over. */
export function resized(box: Rect, handle: Handle, to: Point, image: Size, minimum: number): Rect {
  const [horizontal, vertical] = handle;
  return fromSides(
    pulled([box.x, box.x + box.width], horizontal, to.x, image.width, minimum),
    pulled([box.y, box.y + box.height], vertical, to.y, image.height, minimum),
  );
}

/** One axis of a resize: the other edge stays, and at least `minimum` is left between the two. */
function pulled([low, high]: Sides, edge: -1 | 0 | 1, to: number, limit: number, minimum: number): Sides {
  if (edge === 0) return [low, high];
  const fixed = edge < 0 ? high : low;
  const reached = clamp(to, 0, limit);
  if (Math.abs(reached - fixed) >= minimum) return sidesBetween(fixed, reached);
  const side = reached === fixed ? edge : Math.sign(reached - fixed);
  const room = side < 0 ? fixed : limit - fixed;
  return sidesBetween(fixed, fixed + (room >= minimum ? side : -side) * minimum);
}

/** The box with its right and bottom edges moved (by keys), never smaller than `minimum`. */
export function grown(box: Rect, by: Point, image: Size, minimum: number): Rect {
  const to = {
    x: Math.max(box.x + box.width + by.x, box.x + minimum),
    y: Math.max(box.y + box.height + by.y, box.y + minimum),
  };
  return resized(box, [1, 1], to, image, minimum);
}

/** Which box a click means: the smallest under it, or the next larger one if that is chosen already. */
export function boxAt<B extends Rect>(boxes: readonly B[], at: Point, chosen: B | null): B | null {
  const under = boxes.filter((box) => holds(box, at)).sort((a, b) => a.width * a.height - b.width * b.height);
  return under[(chosen ? under.indexOf(chosen) + 1 : 0) % under.length] ?? null;
}

export function holds(box: Rect, at: Point): boolean {
  const { x, y } = inFrame(box, at);
  return x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height;
}

export const angleOf = ({ rotation = 0 }: Rect): number => rotation;
export const centreOf = ({ x, y, width, height }: Rect): Point => ({ x: x + width / 2, y: y + height / 2 });

/** A point turned clockwise about another. */
export function turnedAbout(at: Point, centre: Point, degrees: number): Point {
  const [sine, cosine] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)];
  const [x, y] = [at.x - centre.x, at.y - centre.y];
  return { x: centre.x + x * cosine - y * sine, y: centre.y + x * sine + y * cosine };
}

/** Where a point lies for a box that was never turned. */
export const inFrame = (box: Rect, at: Point): Point =>
  angleOf(box) ? turnedAbout(at, centreOf(box), -angleOf(box)) : at;

/** Where a label of `height` stands without covering the box: above it, else below it, else inside a box that fills the image. */
export function chipPlace(box: Rect, image: Size, height: number): "above" | "below" | "inside" {
  if (box.y >= height) return "above";
  return image.height - box.y - box.height >= height ? "below" : "inside";
}
