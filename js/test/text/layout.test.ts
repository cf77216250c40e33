import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lanesOf, segmentsOf } from "../../src/text/layout";
import { anyText, reachesIn } from "./arbitrary";

const textAndSpans = anyText.chain((text) => fc.tuple(fc.constant(text), reachesIn(text.length)));
const RUNS = { numRuns: 5_000 };

describe("layout of spans", () => {
  it("cuts the text without losing or doubling a character", () => {
    fc.assert(
      fc.property(textAndSpans, ([text, spans]) => {
        const joined = segmentsOf(text.length, spans).map(({ start, end }) => text.slice(start, end));
        expect(joined.join("")).toBe(text);
        expect(joined.every((part) => part.length > 0)).toBe(true);
      }),
      RUNS,
    );
  });

  it("covers every span exactly, from its first to its last segment", () => {
    fc.assert(
      fc.property(textAndSpans, ([text, spans]) => {
        const segments = segmentsOf(text.length, spans);
        spans.forEach((span, index) => {
          const own = segments.filter(({ covers }) => covers.includes(index));
          expect([own[0]?.start, own.at(-1)?.end]).toEqual([span.start, span.end]);
        });
        const covered = segments.reduce((sum, { start, end, covers }) => sum + (end - start) * covers.length, 0);
        expect(covered).toBe(spans.reduce((sum, { start, end }) => sum + end - start, 0));
      }),
      RUNS,
    );
  });

  it("gives spans that share text different lanes, and uses no more lanes than the deepest overlap", () => {
    fc.assert(
      fc.property(textAndSpans, ([text, spans]) => {
        const lanes = lanesOf(spans);
        const depths = segmentsOf(text.length, spans).map(({ covers }) => {
          const own = covers.map((index) => lanes[index] as number);
          expect(own).toEqual([...new Set(own)].sort((a, b) => a - b));
          return covers.length;
        });
        if (spans.length) expect(Math.max(...lanes) + 1).toBe(Math.max(...depths));
      }),
      RUNS,
    );
  });
});
