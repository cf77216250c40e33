import { describe, expect, it } from "vitest";
import { contrast, inkOn, lineOn, lookOf, parseColor, type Theme } from "../src/palette";
import { labels, moodQuestion } from "./fake_kernel";

const THEMES: Theme[] = ["light", "dark"];
const BACKGROUND = { light: "#ffffff", dark: "#17181b" };

/** 16 steps of each channel. */
const everyColor = Array.from({ length: 4096 }, (_, at) => {
  const part = (shift: number): string => (((at >> shift) & 15) * 17).toString(16).padStart(2, "0");
  return `#${part(8)}${part(4)}${part(0)}`;
});

/** What a dichromat sees of a colour (Viénot, Brettel and Mollon 1999), in linear RGB. */
function dichromat(color: string, kind: "protan" | "deutan"): [number, number, number] {
  const linear = [1, 3, 5].map((at) => {
    const s = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  const [r, g, b] = linear;
  return kind === "protan"
    ? [0.11238 * r + 0.88762 * g, 0.11238 * r + 0.88762 * g, 0.00401 * r - 0.00401 * g + b]
    : [0.29275 * r + 0.70725 * g, 0.29275 * r + 0.70725 * g, -0.02234 * r + 0.02234 * g + b];
}

/** CIE L*a*b* difference of two linear colours. */
function difference(one: [number, number, number], other: [number, number, number]): number {
  const lab = ([r, g, b]: [number, number, number]): number[] => {
    const f = (t: number): number => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
    const x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047);
    const y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
    const z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883);
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
  };
  const [a, b] = [lab(one), lab(other)];
  return Math.hypot(...a.map((value, at) => value - (b[at] ?? 0)));
}

describe("palette", () => {
  it("reads #rrggbb and nothing else", () => {
    expect(parseColor("#A0b1C2")).toBe("#a0b1c2");
    for (const bad of ["red", "#fff", "#12345g", "url(#x)", "#123456;x:y", null, 7]) expect(parseColor(bad)).toBeNull();
  });

  it("has legible ink for each of 4,096 colours", () => {
    expect(Math.min(...everyColor.map((color) => contrast(color, inkOn(color))))).toBeGreaterThanOrEqual(4.5);
  });

  it.each(THEMES)("has a visible outline for each of 4,096 colours, %s", (theme) => {
    expect(
      Math.min(...everyColor.map((color) => contrast(lineOn(color, theme), BACKGROUND[theme]))),
    ).toBeGreaterThanOrEqual(3);
  });

  it.each(THEMES)(
    "shows its own ten colours as they are, and tells the first eight apart with and without colour vision, %s",
    (theme) => {
      const question = { ...moodQuestion, labels: labels("a", "b", "c", "d", "e", "f", "g", "h", "i", "j") };
      const colors = question.labels.map(({ name }) => lookOf(question, name, theme));
      expect(colors.map(({ line }) => line)).toEqual(colors.map(({ color }) => color));
      const first = colors.slice(0, 8).map(({ color }) => color);
      for (const kind of ["protan", "deutan"] as const) {
        for (const [at, one] of first.entries()) {
          for (const other of first.slice(at + 1)) {
            expect([one, other, difference(dichromat(one, kind), dichromat(other, kind)) > 9]).toEqual([
              one,
              other,
              true,
            ]);
          }
        }
      }
    },
  );

  it("prefers the colour of the schema, and starts over after ten labels", () => {
    const question = {
      ...moodQuestion,
      labels: [
        { name: "x", key: null, color: "#ABCDEF" },
        ...labels("1", "2", "3", "4", "5", "6", "7", "8", "9", "10"),
      ],
    };
    expect(lookOf(question, "x", "light").color).toBe("#abcdef");
    expect(
      lookOf({ ...moodQuestion, labels: question.labels.slice(1).concat(labels("again")) }, "again", "dark"),
    ).toEqual(lookOf({ ...moodQuestion, labels: question.labels.slice(1) }, "1", "dark"));
  });
});
