import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import cases from "../../../tests/protocol/offsets.json";
import { offsetsOf } from "../../src/text/offsets";
import { anyText, nastyText } from "./arbitrary";

const RUNS = { numRuns: 20_000 };

describe("offsets", () => {
  it.each(cases)("slices as Python does: $name", ({ text, span, slice }) => {
    const offsets = offsetsOf(text);
    const [start, end] = span as [number, number];
    expect(offsets.slice(start, end)).toBe(slice);
    expect(offsets.toCodePoint(offsets.toUnit(start))).toBe(start);
    expect(offsets.toCodePoint(offsets.toUnit(end))).toBe(end);
  });

  it("agrees with splitting the text into code points, for any text and offset", () => {
    fc.assert(
      fc.property(anyText, fc.nat(), fc.nat(), (text, a, b) => {
        const points = Array.from(text);
        const [start, end] = [a % (points.length + 1), b % (points.length + 1)].sort((x, y) => x - y) as [
          number,
          number,
        ];
        const offsets = offsetsOf(text);
        expect(offsets.codePoints).toBe(points.length);
        expect(offsets.toUnit(start)).toBe(points.slice(0, start).join("").length);
        expect(offsets.slice(start, end)).toBe(points.slice(start, end).join(""));
      }),
      RUNS,
    );
  });

  it("converts every offset there and back, and any two of them to the piece between, for texts of nasty pieces", () => {
    fc.assert(
      fc.property(nastyText, fc.nat(), fc.nat(), (text, a, b) => {
        const offsets = offsetsOf(text);
        const points = Array.from(text);
        let unit = 0;
        for (const [at, point] of points.entries()) {
          expect(offsets.toUnit(at)).toBe(unit);
          expect(offsets.toCodePoint(unit)).toBe(at);
          unit += point.length;
        }
        expect([offsets.codePoints, unit]).toEqual([points.length, text.length]);
        const [start, end] = [a % (points.length + 1), b % (points.length + 1)].sort((x, y) => x - y) as [
          number,
          number,
        ];
        expect(text.slice(offsets.toUnit(start), offsets.toUnit(end))).toBe(points.slice(start, end).join(""));
      }),
      { numRuns: 5_000 },
    );
  });

  it("refuses exactly the unit offsets inside a surrogate pair and converts the others back", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const offsets = offsetsOf(text);
        const borders = new Set([0]);
        for (const point of text) borders.add(Math.max(...borders) + point.length);
        for (let unit = 0; unit <= text.length; unit++) {
          if (borders.has(unit)) expect(offsets.toUnit(offsets.toCodePoint(unit))).toBe(unit);
          else expect(() => offsets.toCodePoint(unit)).toThrow("inside a surrogate pair");
        }
      }),
      { numRuns: 5_000 },
    );
  });

  it.each([-1, 4, 0.5, Number.NaN])("refuses the offset %s, which is outside a text of three", (offset) => {
    const offsets = offsetsOf("abc");
    expect(() => offsets.toUnit(offset)).toThrow("is not in 0 to 3");
    expect(() => offsets.toCodePoint(offset)).toThrow("is not in 0 to 3");
  });

  it("counts a lone surrogate as one character and a pair as one", () => {
    expect(offsetsOf("\ud83d\ud83d\ude00\ude00").codePoints).toBe(3);
  });
});
