import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SpanValue } from "../../src/protocol";
import { bySpan, placeSpan, spanAt } from "../../src/text/spans";
import { reachesIn } from "./arbitrary";

const span = (start: number, end: number, label = "a") => ({ start, end, label });
const labelled = reachesIn(20, 12).chain((reaches) =>
  fc.tuple(...reaches.map(({ start, end }) => fc.constantFrom("a", "b").map((label) => span(start, end, label)))),
);

describe("editing spans", () => {
  const placedAll = (wanted: readonly SpanValue[], overlap: boolean): readonly SpanValue[] =>
    wanted.reduce<readonly SpanValue[]>((spans, one) => {
      const placed = placeSpan(spans, one, overlap);
      expect(placed.index === null ? placed.spans : placed.spans[placed.index]).toEqual(
        placed.index === null ? spans : one,
      );
      return placed.spans;
    }, []);
  const neighbours = (spans: readonly SpanValue[]) => spans.slice(1).map((right, at) => [spans[at], right] as const);

  it("keeps any sequence of placements sorted and free of doubles", () => {
    fc.assert(
      fc.property(labelled, fc.boolean(), (wanted, overlap) => {
        for (const [left, right] of neighbours(placedAll(wanted, overlap))) {
          expect(bySpan(left as SpanValue, right)).toBeLessThan(0);
        }
      }),
      { numRuns: 3_000 },
    );
  });

  it("keeps spans apart where they may not overlap", () => {
    fc.assert(
      fc.property(labelled, (wanted) => {
        for (const [left, right] of neighbours(placedAll(wanted, false))) {
          expect(left?.end).toBeLessThanOrEqual(right.start);
        }
      }),
      { numRuns: 3_000 },
    );
  });

  it("finds an identical span instead of doubling it", () => {
    const spans = [span(0, 3), span(4, 6)];
    expect(placeSpan(spans, span(4, 6), true)).toEqual({ spans, index: 1 });
    expect(placeSpan(spans, span(4, 6), true).spans).toBe(spans);
  });

  it("lets two labels stand on the same text only where overlap is allowed", () => {
    const spans = [span(0, 3)];
    expect(placeSpan(spans, span(0, 3, "b"), true).spans).toEqual([span(0, 3), span(0, 3, "b")]);
    expect(placeSpan(spans, span(0, 3, "b"), false).spans).toEqual([span(0, 3, "b")]);
    expect(placeSpan(spans, span(2, 5, "b"), false)).toEqual({ spans, index: null });
    expect(placeSpan(spans, span(3, 5, "b"), false).index).toBe(1);
  });

  it("moves or relabels a span in its place, and merges it into an identical one", () => {
    const spans = [span(0, 3), span(4, 6), span(4, 6, "b")];
    expect(placeSpan(spans, span(1, 3), true, 0).spans).toEqual([span(1, 3), span(4, 6), span(4, 6, "b")]);
    expect(placeSpan(spans, span(4, 6, "b"), true, 1)).toEqual({ spans: [span(0, 3), span(4, 6, "b")], index: 1 });
  });

  it("clicks through nested spans from the shortest to the longest and round again", () => {
    const [outer, middle, inner] = [span(0, 9), span(2, 5), span(3, 5, "b")];
    const spans = [outer, middle, inner];
    expect(spanAt(spans, 3, null)).toBe(inner);
    expect(spanAt(spans, 3, inner)).toBe(middle);
    expect(spanAt(spans, 3, middle)).toBe(outer);
    expect(spanAt(spans, 3, outer)).toBe(inner);
    expect(spanAt(spans, 9, null)).toBeNull();
  });
});
