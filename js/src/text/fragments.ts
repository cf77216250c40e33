/** Spans in several pieces, in any unit. Pure: places in, places out. */

import type { Fragment, SpanValue } from "../protocol";

/** Where a span lies. */
export type Place = Pick<SpanValue, "start" | "end" | "fragments">;

export const fragmentsOf = ({ start, end, fragments }: Place): readonly Fragment[] => fragments ?? [[start, end]];

/** Whether there is nothing to see from one offset to another. */
export type Blank = (start: number, end: number) => boolean;

const touching: Blank = (start, end) => start === end;

/** The place of these fragments, in any order; those that overlap or have nothing to see between them are one. */
export function placeOf(fragments: readonly Fragment[], blank: Blank = touching): Place {
  const merged: [number, number][] = [];
  for (const [start, end] of [...fragments].sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last && (start <= last[1] || blank(last[1], start))) last[1] = Math.max(last[1], end);
    else merged.push([start, end]);
  }
  const reach = { start: (merged[0] as Fragment)[0], end: (merged.at(-1) as Fragment)[1] };
  return merged.length > 1 ? { ...reach, fragments: merged } : reach;
}

const isSame = (a: Fragment, b: Fragment): boolean => a[0] === b[0] && a[1] === b[1];

/** A place with one fragment more, or less if it is exactly one of several. */
export function toggled(place: Place, fragment: Fragment, blank?: Blank): Place {
  const all = fragmentsOf(place);
  const rest = all.filter((each) => !isSame(each, fragment));
  if (!rest.length) return place;
  return placeOf(rest.length < all.length ? rest : [...all, fragment], blank);
}

/** A place with another fragment in the place of one. */
export const replaced = (place: Place, index: number, by: Fragment, blank?: Blank): Place =>
  placeOf(
    fragmentsOf(place).map((each, at) => (at === index ? by : each)),
    blank,
  );

/** A place without one of its fragments; the same where it has but one. */
export function without(place: Place, index: number): Place {
  const rest = fragmentsOf(place).filter((_, at) => at !== index);
  return rest.length ? placeOf(rest) : place;
}

/** Which fragment is nearest to an offset; the last one where there is none. */
export function nearestTo(place: Place, offset: number | null): number {
  const all = fragmentsOf(place);
  if (offset === null) return all.length - 1;
  const gaps = all.map(([start, end]) => Math.max(start - offset, offset - end + 1, 0));
  return gaps.indexOf(Math.min(...gaps));
}

export const shareText = (one: Place, other: Place): boolean =>
  fragmentsOf(one).some(([start, end]) => fragmentsOf(other).some(([low, high]) => low < end && start < high));

export const lieAlike = (one: Place, other: Place): boolean => {
  const [ours, theirs] = [fragmentsOf(one), fragmentsOf(other)];
  return ours.length === theirs.length && ours.every((each, at) => isSame(each, theirs[at] as Fragment));
};

export const lengthOf = (place: Place): number =>
  fragmentsOf(place).reduce((sum, [start, end]) => sum + end - start, 0);
