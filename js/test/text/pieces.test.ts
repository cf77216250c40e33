import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { caretAt, moved, nudged, placed, reachOf } from "../../src/text/caret";
import { nextPiece, piecesOf, type Snap, snapped } from "../../src/text/pieces";
import { anyText } from "./arbitrary";

const FAMILY = "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}";
const RUNS = { numRuns: 3_000 };
const snaps = fc.constantFrom<Snap>("token", "character");

function picked(text: string, snap: Snap, anchor: number, focus: number): string | null {
  const reach = snapped(piecesOf(text, snap), anchor, focus);
  return reach && text.slice(reach.start, reach.end);
}

function walk(text: string, snap: Snap): string[] {
  const pieces = piecesOf(text, snap);
  const found: string[] = [];
  for (let piece = nextPiece(pieces, 0, 1); piece; piece = nextPiece(pieces, piece.end, 1)) {
    found.push(text.slice(piece.start, piece.end));
  }
  return found;
}

/** The border before the character this unit is inside of, and the one after it. */
const insidePair = (text: string, unit: number): boolean => unit > 0 && (text.codePointAt(unit - 1) ?? 0) > 0xffff;
const wholeFrom = (text: string, unit: number): number => (insidePair(text, unit) ? unit - 1 : unit);
const wholeTo = (text: string, unit: number): number => (insidePair(text, unit) ? unit + 1 : unit);

describe("snapping a selection", () => {
  it.each([
    ["inside a word, grown to the word", "the quick fox", 5, 7, "quick"],
    ["dragged backwards", "the quick fox", 7, 5, "quick"],
    ["over two words", "the quick fox", 5, 11, "quick fox"],
    ["with blanks around it", "the  quick  fox", 3, 12, "quick"],
    ["touching the next word's border only", "the quick fox", 4, 10, "quick"],
    ["over punctuation, which counts once selected", "See Paris.", 5, 10, "Paris."],
    ["before punctuation, which stays out", "See Paris.", 5, 9, "Paris"],
    ["in a contraction", "I don't know", 3, 4, "don't"],
    ["in a number", "costs 3.14 now", 7, 8, "3.14"],
    ["over a line break", "one\r\ntwo", 1, 6, "one\r\ntwo"],
    ["on a line break with one word", "one\r\ntwo", 1, 5, "one"],
    ["in a surrogate pair", "a \u{1f600} b", 3, 4, "\u{1f600}"],
    ["inside a joined family", `a ${FAMILY} b`, 4, 5, FAMILY],
    ["between a letter and its accent", "cafe\u0301 x", 4, 5, "cafe\u0301"],
    ["with a byte order mark before it", "\ufeffHello", 0, 6, "Hello"],
    ["in Hebrew", "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd", 6, 7, "\u05e2\u05d5\u05dc\u05dd"],
  ])("takes whole words: %s", (_, text, anchor, focus, expected) => {
    expect(picked(text, "token", anchor, focus)).toBe(expected);
  });

  it("takes characters exactly as selected, but never half a visible one", () => {
    expect(picked("the quick fox", "character", 2, 6)).toBe("e qu");
    expect(picked("cafe\u0301 x", "character", 3, 4)).toBe("e\u0301");
    expect(picked("a\r\nb", "character", 0, 4)).toBe("a\r\nb");
    expect(picked(" a\t b ", "character", 0, 3)).toBe(" a\t");
    expect(picked(`a ${FAMILY} b`, "character", 4, 5)).toBe(FAMILY);
  });

  it("leaves out characters without a width at the ends, which no pointer can tell apart", () => {
    expect(picked("no\u200bbreak\r\n", "character", 2, 10)).toBe("break");
    expect(picked("\ufeff\r\n", "character", 0, 3)).toBeNull();
  });

  it("means nothing when blanks alone are selected by word", () => {
    expect(picked("a \t b", "token", 1, 4)).toBeNull();
    expect(picked("abc", "token", 2, 2)).toBeNull();
  });

  it("keeps what was selected, apart from blanks, and is stable when repeated", () => {
    fc.assert(
      fc.property(anyText, snaps, fc.nat(), fc.nat(), (text, snap, a, b) => {
        const [anchor, focus] = [a % (text.length + 1), b % (text.length + 1)];
        const pieces = piecesOf(text, snap);
        const reach = snapped(pieces, anchor, focus);
        if (anchor === focus) {
          expect(reach).toBeNull();
          return;
        }
        // Half a surrogate pair has no category: look at whole characters.
        const [low, high] = [wholeFrom(text, Math.min(anchor, focus)), wholeTo(text, Math.max(anchor, focus))];
        if (!reach) {
          expect(text.slice(low, high)).toMatch(/^[\p{White_Space}\p{Cc}\p{Cf}\p{M}]*$/u);
          return;
        }
        expect(text.slice(low, reach.start) + text.slice(reach.end, high)).toMatch(
          /^[\p{White_Space}\p{Cc}\p{Cf}\p{M}]*$/u,
        );
        expect(snapped(pieces, reach.end, reach.start)).toEqual(reach);
      }),
      RUNS,
    );
  });

  it("never cuts a visible character, whatever the text", () => {
    fc.assert(
      fc.property(anyText, snaps, fc.nat(), fc.nat(), (text, snap, a, b) => {
        const reach = snapped(piecesOf(text, snap), a % (text.length + 1), b % (text.length + 1));
        if (!reach) return;
        const borders = new Set(
          [...new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text)].map((s) => s.index),
        );
        borders.add(text.length);
        expect(borders.has(reach.start) && borders.has(reach.end)).toBe(true);
      }),
      RUNS,
    );
  });
});

describe("the caret", () => {
  it("stops at words and punctuation and passes blanks", () => {
    expect(walk("Hi,  Ann \u200b\u{1f600}!\n", "token")).toEqual(["Hi", ",", "Ann", "\u{1f600}", "!"]);
  });

  it("stops at every visible character in character steps", () => {
    expect(walk("e\u0301\r\n \u{1f1e9}\u{1f1ea}", "character")).toEqual(["e\u0301", "\r\n", " ", "\u{1f1e9}\u{1f1ea}"]);
  });

  it("reaches the end from any place, in steps that always advance", () => {
    fc.assert(
      fc.property(anyText, snaps, fc.constantFrom<1 | -1>(1, -1), (text, snap, step) => {
        const pieces = piecesOf(text, snap);
        let unit = step > 0 ? 0 : text.length;
        for (let piece = nextPiece(pieces, unit, step); piece; piece = nextPiece(pieces, unit, step)) {
          const next = step > 0 ? piece.end : piece.start;
          expect(Math.sign(next - unit)).toBe(step);
          unit = next;
        }
      }),
      RUNS,
    );
  });

  it("extends both ways from its anchor and collapses on a plain step", () => {
    const pieces = piecesOf("one two three four", "token");
    let caret = caretAt({ start: 4, end: 7 });
    caret = moved(pieces, caret, 1, true);
    expect(reachOf(caret)).toEqual({ start: 4, end: 13 });
    caret = moved(pieces, moved(pieces, caret, -1, true), -1, true);
    expect(reachOf(caret)).toEqual({ start: 0, end: 7 });
    expect(reachOf(moved(pieces, caret, 1, false))).toEqual({ start: 4, end: 7 });
  });

  it("stays at the last word when there is no next one", () => {
    const pieces = piecesOf("one two  ", "token");
    const last = caretAt({ start: 4, end: 7 });
    expect(moved(pieces, last, 1, false)).toEqual(last);
    expect(moved(pieces, last, 1, true)).toEqual(last);
  });

  it("lands on the nearest word when put on a blank, and nowhere in a text of blanks", () => {
    expect(placed(piecesOf("one  ", "token"), null, 4, false)).toEqual(caretAt({ start: 0, end: 3 }));
    expect(placed(piecesOf(" \n", "token"), null, 0, false)).toBeNull();
    expect(placed(piecesOf("", "token"), null, 0, false)).toBeNull();
  });

  it.each([
    ["end", 1, "two three four"],
    ["end", -1, "two"],
    ["start", -1, "one two three"],
    ["start", 1, "three"],
  ] as const)("moves the %s of a span by a word (%s)", (edge, step, expected) => {
    const text = "one two three four";
    const reach = nudged(piecesOf(text, "token"), { start: 4, end: 13 }, edge, step);
    expect(text.slice(reach.start, reach.end)).toBe(expected);
  });

  it("leaves a span of one word as it is rather than emptying it, and stops at the ends of the text", () => {
    const pieces = piecesOf("one two", "token");
    const word = { start: 4, end: 7 };
    expect(nudged(pieces, word, "end", -1)).toBe(word);
    expect(nudged(pieces, word, "start", 1)).toBe(word);
    expect(nudged(pieces, word, "end", 1)).toBe(word);
  });
});
