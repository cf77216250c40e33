/** A swipe over the item goes on, or back, where there is nothing to draw on or to scroll sideways. */

import { listen, type Stop, together } from "./listen";

/** So far and so straight a finger has to go, in CSS pixels, and so fast, in ms. */
const FAR = 60;
const SLOPE = 2;
const FAST = 600;
const DRAWN = ".ja-stage, .ja-timeline, .ja-spans, input, textarea, select, [data-ja-foreign]";

const scrollsSideways = (target: Element, root: Element): boolean => {
  for (let at: Element | null = target; at && at !== root; at = at.parentElement)
    if (at.scrollWidth > at.clientWidth + 1 && getComputedStyle(at).overflowX !== "visible") return true;
  return false;
};

export function watchSwipes(root: HTMLElement, go: (step: 1 | -1) => void): Stop {
  let from: { readonly x: number; readonly y: number; readonly at: number } | null = null;
  return together([
    listen(root, "pointerdown", (ev: PointerEvent) => {
      const target = ev.composedPath()[0];
      const open = target instanceof Element && !target.closest(DRAWN) && !scrollsSideways(target, root);
      from = ev.pointerType === "touch" && open ? { x: ev.clientX, y: ev.clientY, at: ev.timeStamp } : null;
    }),
    listen(root, "pointerup", (ev: PointerEvent) => {
      const start = from;
      from = null;
      if (!start || ev.timeStamp - start.at > FAST) return;
      const [right, down] = [ev.clientX - start.x, ev.clientY - start.y];
      if (Math.abs(right) >= FAR && Math.abs(right) >= SLOPE * Math.abs(down)) go(right < 0 ? 1 : -1);
    }),
    listen(root, "pointercancel", () => {
      from = null;
    }),
  ]);
}
