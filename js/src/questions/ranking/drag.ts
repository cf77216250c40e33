/** Dragging what has a place to another one. */

import type { Signal } from "@preact/signals-core";
import { listen, type Stop, together } from "../../listen";

/** Groups of options, best first; those of a group are tied. */
export type Groups = readonly (readonly string[])[];

/** Where something would land: in the place that is there, or as one of its own before it. */
export interface Spot {
  readonly place: number;
  readonly tied: boolean;
}

export interface Dragged {
  readonly option: string;
  readonly spot: Spot;
}

interface Extent {
  readonly top: number;
  readonly bottom: number;
}

/** The part of a place's height, at each end, that stands for a place of its own. */
const END = 0.25;
/** What moves less is a click. */
const STEP = 4;

/** The groups with an option at another place; places as they stand before. */
export function dropped(groups: Groups, option: string, { place, tied }: Spot): Groups {
  const left = groups.map((group) => group.filter((each) => each !== option));
  const next = tied
    ? left.map((group, at) => (at === place ? [...group, option] : group))
    : [...left.slice(0, place), [option], ...left.slice(place)];
  return next.filter((group) => group.length > 0);
}

/** What is meant at this height. */
export function spotAt(places: readonly Extent[], y: number, ties: boolean): Spot {
  const end = ties ? END : 0.5;
  for (const [place, { top, bottom }] of places.entries()) {
    if (y < top + end * (bottom - top)) return { place, tied: false };
    if (ties && y <= bottom - end * (bottom - top)) return { place, tied: true };
  }
  return { place: places.length, tied: false };
}

const LIST = ".ja-ranking-place";

/** By mouse or pen from anywhere on an option, by finger from its grip: elsewhere a finger scrolls. */
function takenUp(ev: PointerEvent): string | null {
  const { target } = ev;
  if (ev.button !== 0 || !(target instanceof Element) || target.closest("button")) return null;
  if (ev.pointerType === "touch" && !target.closest(".ja-ranking-grip")) return null;
  return target.closest<HTMLElement>("[data-ja-option]")?.dataset.jaOption ?? null;
}

export function watchDrag(
  list: HTMLElement,
  dragged: Signal<Dragged | null>,
  ties: boolean,
  drop: (dragged: Dragged) => void,
): Stop {
  let from: { readonly option: string; readonly y: number } | null = null;
  const end = (): void => {
    from = null;
    dragged.value = null;
  };
  return together([
    listen(list, "pointerdown", (ev: PointerEvent) => {
      const option = takenUp(ev);
      from = option === null ? null : { option, y: ev.clientY };
    }),
    listen(list, "pointermove", (ev: PointerEvent) => {
      if (!from || (!dragged.peek() && Math.abs(ev.clientY - from.y) < STEP)) return;
      list.setPointerCapture?.(ev.pointerId);
      const places = [...list.querySelectorAll(LIST)].map((each) => each.getBoundingClientRect());
      dragged.value = { option: from.option, spot: spotAt(places, ev.clientY, ties) };
    }),
    listen(list, "pointerup", () => {
      const found = dragged.peek();
      end();
      if (found) drop(found);
    }),
    listen(list, "pointercancel", end),
  ]);
}
