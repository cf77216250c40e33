/**
 * Where marks begin and end, and on which lane each is drawn. Any unit: offsets go in and come out in the same count.
 *
 * Nested, crossing and equal spans are cut at every border into segments, so a flat run of nodes shows them all.
 */

import type { Reach } from "./pieces";

export interface Segment extends Reach {
  /** Indices of the spans over it, nearest lane first. */
  readonly covers: readonly number[];
}

/**
 * The lane of each span's underline: 0 is nearest to the text, two spans that share text never share a lane, and there are as
 * few lanes as the deepest overlap needs.
 */
export function lanesOf(spans: readonly Reach[]): number[] {
  const order = [...spans.keys()].sort((a, b) => byStart(spans[a] as Reach, spans[b] as Reach));
  const lanes: number[] = [];
  const busyUntil: number[] = [];
  for (const index of order) {
    const { start, end } = spans[index] as Reach;
    const free = busyUntil.findIndex((until) => until <= start);
    const lane = free < 0 ? busyUntil.length : free;
    busyUntil[lane] = end;
    lanes[index] = lane;
  }
  return lanes;
}

/** Earlier first; of two that start together the longer first. */
const byStart = (a: Reach, b: Reach): number => a.start - b.start || b.end - a.end;

/** Cut a text of `length` at every border of the spans (non-empty and inside the text). */
export function segmentsOf(length: number, spans: readonly Reach[], lanes = lanesOf(spans)): Segment[] {
  const borders = [...new Set([0, length, ...spans.flatMap(({ start, end }) => [start, end])])].sort((a, b) => a - b);
  const inwards = [...spans.keys()].sort((a, b) => (lanes[a] as number) - (lanes[b] as number));
  return borders.slice(1).map((end, index) => {
    const start = borders[index] as number;
    const covers = inwards.filter((span) => (spans[span] as Reach).start < end && start < (spans[span] as Reach).end);
    return { start, end, covers };
  });
}
