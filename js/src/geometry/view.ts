/** How large an image is shown, and what a zoom step does to the part in view. Pure, in CSS pixels. */

import { clamp, type Size } from "./boxes";

export const ZOOM = { least: 1, most: 16, factor: 1.5 } as const;

/** A small image is enlarged up to this width, so that its pixels can be pointed at. */
const ENLARGED = 360;

/** The size at zoom 1: the whole image inside the room, enlarged only if it is small. */
export function fitted(image: Size, room: Size): Size {
  const most = Math.max(1, ENLARGED / image.width);
  const scale = Math.min(room.width / image.width, room.height / image.height, most);
  return { width: image.width * scale, height: image.height * scale };
}

export function zoomed(zoom: number, step: 1 | -1 | 0): number {
  if (step === 0) return ZOOM.least;
  return clamp(step > 0 ? zoom * ZOOM.factor : zoom / ZOOM.factor, ZOOM.least, ZOOM.most);
}

/** Scroll offset of one axis that keeps the middle of a view of `room` where it is when the content grows by `ratio`. */
export const kept = (scroll: number, room: number, ratio: number): number => (scroll + room / 2) * ratio - room / 2;

/** Right and down, by arrow key. */
export const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** A place in CSS, as a part of the whole. */
export const share = (part: number, whole: number): string => `${(part / (whole || 1)) * 100}%`;
