import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { blockAt, blocksOf, lookupIn } from "../../src/text/blocks";
import { nextPiece, piecesOf } from "../../src/text/pieces";
import { anyText } from "./arbitrary";

const RUNS = { numRuns: 5_000 };
const FAMILY = "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}";
const FLAGS = "\u{1f1e9}\u{1f1ea}\u{1f1eb}\u{1f1f7}";

const bordersOf = (text: string, granularity: "word" | "grapheme"): Set<number> =>
  new Set([...new Intl.Segmenter(undefined, { granularity }).segment(text)].map(({ index }) => index));

describe("the blocks of a text", () => {
  it("keep every character, and are cut after line feeds where lines are short", () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 9 }), (text, size) => {
        const blocks = blocksOf(text, size);
        expect(blocks.map(({ start, end }) => text.slice(start, end)).join("")).toBe(text);
        for (const { end } of blocks.slice(0, -1)) expect(text[end - 1]).toBe("\n");
        for (const { start, end } of blocks) expect(text.slice(start + size - 1, end - 1)).not.toContain("\n");
      }),
      RUNS,
    );
  });

  it("keep every character of a line that is too long, and cut no visible one", () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 5 }), fc.integer({ min: 6, max: 20 }), (text, size, longest) => {
        const blocks = blocksOf(text, size, longest);
        expect(blocks.map(({ start, end }) => text.slice(start, end)).join("")).toBe(text);
        const borders = bordersOf(text, "grapheme");
        for (const { start, end } of blocks) {
          // A single character may be longer than a block; it is cut all the same.
          if (end - start < longest) expect(start === 0 || borders.has(start) || text.length === 0).toBe(true);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ["words", "machines that weave patterns "],
    ["words and accents", "cafe\u0301 \u0301x naïve "],
    ["families", `${FAMILY} ${FAMILY} `],
    ["Hebrew", "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd "],
  ])("end where words end, in a text without line ends: %s", (_, part) => {
    const text = part.repeat(3000);
    const blocks = blocksOf(text);
    expect(blocks.length).toBeGreaterThan(2);
    for (const { start, end } of blocks) {
      expect(end - start).toBeLessThanOrEqual(10_000);
      const before = Math.max(0, start - 2 * part.length);
      const around = text.slice(before, start + 2 * part.length);
      for (const kind of ["word", "grapheme"] as const) expect(bordersOf(around, kind).has(start - before)).toBe(true);
    }
  });

  it.each([
    ["one word", "a", 1],
    ["flags", FLAGS, 4],
    ["families", FAMILY, FAMILY.length],
  ])("have an end in a text of %s without any space, between visible characters", (_, part, length) => {
    const blocks = blocksOf(part.repeat(8000));
    expect(blocks.length).toBeGreaterThan(0);
    expect(Math.max(...blocks.map(({ start, end }) => end - start))).toBeLessThanOrEqual(10_000);
    for (const { start } of blocks) expect(start % length).toBe(0);
  });

  it("are found by a unit in them", () => {
    const blocks = blocksOf("ab\ncd\nef", 1);
    expect([0, 2, 3, 5, 6, 7, 8].map((unit) => blockAt(blocks, unit))).toEqual([0, 0, 1, 1, 2, 2, 2]);
  });

  it("are empty for an empty text", () => {
    expect(blocksOf("")).toEqual([{ start: 0, end: 0 }]);
  });
});

describe("pieces of a long text", () => {
  const part = `Ada don't\r\nmet 3.14 ${FAMILY} cafe\u0301\n\n\u0600\u0661 שלום `;

  it.each(["word", "grapheme"] as const)("are those of the whole text, block by block: %s", (granularity) => {
    const text = part.repeat(300);
    const find = lookupIn(text, granularity);
    const whole = [...new Intl.Segmenter(undefined, { granularity }).segment(text)];
    for (const { index, segment } of whole) {
      expect(find(index)).toEqual({ start: index, end: index + segment.length });
      expect(find(index + segment.length - 1)?.start).toBe(index);
    }
    expect([find(-1), find(text.length)]).toEqual([null, null]);
  });

  it("lead from the first word to the last and back, over every border between blocks", () => {
    const text = "weave patterns ".repeat(2000);
    const pieces = piecesOf(text, "token");
    const on: number[] = [];
    for (let piece = nextPiece(pieces, 0, 1); piece; piece = nextPiece(pieces, piece.end, 1)) on.push(piece.start);
    const back: number[] = [];
    for (let piece = nextPiece(pieces, text.length, -1); piece; piece = nextPiece(pieces, piece.start, -1))
      back.push(piece.start);
    expect(on).toHaveLength(4000);
    expect(back.reverse()).toEqual(on);
  });
});
