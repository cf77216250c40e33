/** Edits of a spans answer. Every function returns a new, sorted list, or the same one when nothing changes. */

import type { SpanValue } from "../protocol";
import { fragmentsOf, lengthOf, lieAlike, shareText } from "./fragments";

export interface Placed {
  readonly spans: readonly SpanValue[];
  /** Where the span stands in `spans`; null when it was refused. */
  readonly index: number | null;
}

/** The order of the protocol: start, end, then label. (The kernel sorts again, by code point.) */
export const bySpan = (a: SpanValue, b: SpanValue): number =>
  a.start - b.start || a.end - b.end || Number(a.label > b.label) - Number(a.label < b.label);

/**
 * Put `span` in, in place of the one at `replaced` if given. An identical one is found instead of doubled; where spans may not
 * overlap, one on the same text takes the new label and any other overlap refuses.
 */
export function placeSpan(
  spans: readonly SpanValue[],
  span: SpanValue,
  overlap: boolean,
  replaced: number | null = null,
): Placed {
  const rest = spans.filter((_, index) => index !== replaced);
  const found = rest.findIndex((other) => bySpan(other, span) === 0 && lieAlike(other, span));
  if (found >= 0) return { spans: replaced === null ? spans : rest, index: found };
  const kept = overlap ? rest : rest.filter((other) => !lieAlike(other, span));
  if (!overlap && kept.some((other) => shareText(other, span))) return { spans, index: null };
  const next = [...kept, span].sort(bySpan);
  return { spans: next, index: next.indexOf(span) };
}

/** Which span a click on a character means: the shortest over it, or the next longer one if that is chosen already. */
export function spanAt(spans: readonly SpanValue[], offset: number, chosen: SpanValue | null): SpanValue | null {
  const under = spans
    .filter((span) => fragmentsOf(span).some(([start, end]) => start <= offset && offset < end))
    .sort((a, b) => lengthOf(a) - lengthOf(b));
  return under[(chosen ? under.indexOf(chosen) + 1 : 0) % under.length] ?? null;
}
