/**
 * Turned boxes: moving, resizing and turning them. A box keeps its centre on the image; its corners may reach over the edge.
 * An upright box inside the image stays inside, as one that can never be turned.
 *
 * Pure, like all of geometry.
 */

import {
  angleOf,
  centreOf,
  clamp,
  grown,
  type Handle,
  inFrame,
  insideImage,
  moved,
  type Point,
  type Rect,
  resized,
  round,
  type Size,
  turnedAbout,
} from "./boxes";

/** Sides are rounded to hundredths. */
const SLACK = 0.01;

/** From 0 to below 360, in hundredths. */
export const degrees = (angle: number): number => round(((angle % 360) + 360) % 360) % 360;

const turnOf = ({ rotation }: Rect): { readonly rotation?: number } => (rotation === undefined ? {} : { rotation });

function isConfined(box: Rect, { width, height }: Size): boolean {
  const inside =
    Math.min(box.x, box.y) >= 0 && box.x + box.width <= width + SLACK && box.y + box.height <= height + SLACK;
  return inside && !angleOf(box);
}

/** From the top left clockwise, as the box was before it was turned. */
export function cornersOf(box: Rect): Point[] {
  const { x, y, width, height } = box;
  const [right, bottom] = [x + width, y + height];
  const upright = [
    { x, y },
    { x: right, y },
    { x: right, y: bottom },
    { x, y: bottom },
  ];
  return upright.map((corner) => turnedAbout(corner, centreOf(box), angleOf(box)));
}

/** The upright box around it. */
export function enclosing(box: Rect): Rect {
  if (!angleOf(box)) return box;
  const corners = cornersOf(box);
  const [xs, ys] = [corners.map(({ x }) => x), corners.map(({ y }) => y)];
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

/** The box shifted as far as the image allows. */
export function shifted(box: Rect, by: Point, image: Size): Rect {
  if (isConfined(box, image)) return { ...moved(box, by, image), ...turnOf(box) };
  const { x, y } = centreOf(box);
  return around(insideImage({ x: x + by.x, y: y + by.y }, image), box, box);
}

const around = ({ x, y }: Point, { width, height }: Size, turn: Rect): Rect => ({
  x: round(x - width / 2),
  y: round(y - height / 2),
  width,
  height,
  ...turnOf(turn),
});

/** The box with the edges of one handle pulled to a point; the opposite corner stays where it is. */
export function pulled(box: Rect, handle: Handle, to: Point, image: Size, minimum: number): Rect {
  if (isConfined(box, image)) return { ...resized(box, handle, to, image, minimum), ...turnOf(box) };
  return reshaped(box, handle, inFrame(box, to), image, minimum);
}

/** The box with its right and bottom edges moved, as it sees them itself. */
export function lengthened(box: Rect, by: Point, image: Size, minimum: number): Rect {
  if (isConfined(box, image)) return { ...grown(box, by, image, minimum), ...turnOf(box) };
  const [x, y] = [Math.max(box.width + by.x, minimum), Math.max(box.height + by.y, minimum)];
  return reshaped(box, [1, 1], { x: box.x + x, y: box.y + y }, image, minimum);
}

/** Edges pulled to a point of the box's own frame. Where its centre would leave the image the box stays as it is. */
function reshaped(box: Rect, handle: Handle, to: Point, image: Size, minimum: number): Rect {
  const most = Math.hypot(image.width, image.height);
  const across = axis(box.x, box.width, handle[0], to.x, minimum, most);
  const down = axis(box.y, box.height, handle[1], to.y, minimum, most);
  const middle = turnedAbout({ x: across.middle, y: down.middle }, centreOf(box), angleOf(box));
  const { x, y } = insideImage(middle, image);
  if (x !== middle.x || y !== middle.y) return box;
  return around(middle, { width: across.length, height: down.length }, box);
}

function axis(low: number, length: number, edge: -1 | 0 | 1, to: number, minimum: number, most: number) {
  if (edge === 0) return { middle: low + length / 2, length };
  const fixed = edge < 0 ? low + length : low;
  const side = Math.sign(to - fixed) || edge;
  const next = round(clamp(Math.abs(to - fixed), minimum, most));
  return { middle: fixed + (side * next) / 2, length: next };
}

/** In which direction from the centre a point lies: degrees clockwise from straight up. */
export function bearing(box: Rect, at: Point): number {
  const { x, y } = centreOf(box);
  return (Math.atan2(at.x - x, y - at.y) * 180) / Math.PI;
}

export const turnedTo = (box: Rect, angle: number): Rect => ({ ...box, rotation: degrees(angle) });

/** Where the name of a turned box stands upright: at the corner that is highest or lowest, along the flatter edge. */
export function chipCorner(box: Rect, above: boolean): { x: 0 | 1; y: 0 | 1; toRight: boolean } {
  const angle = degrees(angleOf(box));
  const corner = (6 - Math.floor(angle / 90) + (above ? 2 : 0)) % 4;
  const flat = angle % 90 < 45;
  return { x: corner === 1 || corner === 2 ? 1 : 0, y: corner > 1 ? 1 : 0, toRight: flat === above };
}

/** Where a handle that far off the box has room on the image: beyond the top, beyond the bottom, else inside. */
export function turnerPlace(box: Rect, image: Size, off: number, margin: number): "above" | "below" | "inside" {
  const { x, y } = centreOf(box);
  const fits = (down: number): boolean => {
    const at = turnedAbout({ x, y: y + down }, { x, y }, angleOf(box));
    const near = insideImage(at, image);
    return Math.hypot(at.x - near.x, at.y - near.y) <= margin;
  };
  if (fits(-box.height / 2 - off)) return "above";
  return fits(box.height / 2 + off) ? "below" : "inside";
}
