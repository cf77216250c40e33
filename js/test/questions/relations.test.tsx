import { act } from "preact/test-utils";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { relations } from "../../src/questions/relations";
import { arcOf, levelsOf } from "../../src/questions/relations/arcs";
import type { RelationsSpec, RelationValue } from "../../src/questions/relations/editor";
import { labelled, type Setting, show } from "./fake";

const QUESTION: RelationsSpec = {
  kind: "relations",
  name: "rels",
  title: "Relations",
  required: true,
  field: "text",
  between: "who",
  loops: false,
  labels: labelled(["in", "knows"]),
};
const ADA = { start: 0, end: 3, label: "person" };
const BOB = { start: 13, end: 16, label: "person" };
const OSLO = { start: 20, end: 24, label: "place" };
const TEXT = "Ada 👩🏽‍🔬 met Bob in Oslo.";
const IN: RelationValue = { head: ADA, tail: OSLO, label: "in" };

beforeEach(() => {
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe() {}
      disconnect() {}
    },
  );
  Range.prototype.getClientRects = () => [{ left: 10, top: 20, width: 30, height: 18 }] as unknown as DOMRectList;
});

const open = (setting: Partial<Setting<readonly RelationValue[], RelationsSpec>> = {}) =>
  show(relations, {
    question: QUESTION,
    fields: { text: TEXT },
    standing: { who: [ADA, BOB, OSLO] },
    ...setting,
  });

type Page = ReturnType<typeof open>;
const answer = ({ draft }: Page) => draft.value.value;
const chip = ({ root }: Page, at: number) =>
  act(() => root.querySelectorAll<HTMLElement>(".ja-mark + .ja-mark-label")[at]?.click());

describe("relations", () => {
  it("are made by arrow keys: from here, to there, a label", () => {
    const page = open();
    page.keys("ArrowRight", "b", "ArrowRight", "ArrowRight");
    expect(page.status()).toContain("From “Ada” to");
    page.keys("1");
    expect(answer(page)).toEqual([IN]);
    expect(page.root.querySelectorAll(".ja-arc")).toHaveLength(1);
  });

  it("are made by two clicks with a label armed, or a label after them", () => {
    const page = open();
    page.keys("2");
    chip(page, 1);
    chip(page, 0);
    expect(answer(page)).toEqual([{ head: BOB, tail: ADA, label: "knows" }]);
    page.keys("Escape", "Escape", "Escape");
    chip(page, 0);
    chip(page, 2);
    page.keys("1");
    expect(answer(page)?.[0]).toEqual(IN);
  });

  it("do not lead back to where they come from, unless the schema says so", () => {
    const page = open();
    page.keys("ArrowRight", "b", "1");
    expect(page.status()).toContain("not related to itself");
    expect(answer(page)).toBeNull();
    const loops = open({ question: { ...QUESTION, loops: true } });
    loops.keys("ArrowRight", "b", "1");
    expect(answer(loops)).toEqual([{ head: ADA, tail: ADA, label: "in" }]);
  });

  it("are chosen, relabeled, turned round and removed", () => {
    const page = open({ value: [IN] });
    page.keys("s");
    expect(page.status()).toBe("“Ada” in “Oslo”");
    page.keys("2", "r");
    expect(answer(page)).toEqual([{ head: OSLO, tail: ADA, label: "knows" }]);
    page.keys("n");
    expect(answer(page)).toEqual([]);
  });

  it("go with their spans, and say so before they do", () => {
    const page = open({ value: [IN], standing: { who: [ADA, BOB] } });
    expect(page.root.querySelectorAll(".ja-arc")).toHaveLength(0);
    expect(page.status()).toContain("1 without its spans will not be kept.");
    expect(relations.amid?.(QUESTION, [IN], { who: [ADA, BOB] })).toEqual([]);
    expect(relations.amid?.(QUESTION, [IN], { who: [OSLO, ADA] })).toEqual([IN]);
    expect(relations.amid?.(QUESTION, [IN], {})).toEqual([]);
  });

  it("say what is missing where there is nothing to relate", () => {
    expect(open({ standing: { who: [ADA] } }).status()).toContain("no two spans");
  });
});

describe("arcs", () => {
  it("stand above each other over the same text, up to a limit", () => {
    expect(
      levelsOf([
        { start: 0, end: 9 },
        { start: 1, end: 4 },
        { start: 10, end: 12 },
      ]),
    ).toEqual([0, 1, 0]);
    const [low, high] = [
      arcOf({ x: 0, top: 50 }, { x: 80, top: 50 }, 0),
      arcOf({ x: 0, top: 50 }, { x: 80, top: 50 }, 1),
    ];
    expect(high.y).toBeLessThan(low.y);
    expect(low.x).toBe(40);
    expect(low.tip.endsWith("80,50")).toBe(true);
  });

  it("of a span with itself have a width", () => {
    expect(arcOf({ x: 30, top: 50 }, { x: 30, top: 50 }, 0).path).toBe("M 16 50 C 16 34 44 34 44 48");
  });
});

describe("relations between spans in several pieces", () => {
  const WHOLE = { start: 0, end: 16, label: "person" };
  const APART = {
    ...WHOLE,
    fragments: [
      [0, 3],
      [13, 16],
    ] as const,
  };

  it("tell spans of one reach apart by their pieces", () => {
    const page = open({ standing: { who: [WHOLE, APART, OSLO] } });
    page.keys("ArrowRight", "ArrowRight", "b", "ArrowRight");
    expect(page.status()).toContain("From “Ada … Bob” to");
    page.keys("1");
    expect(answer(page)).toEqual([{ head: APART, tail: OSLO, label: "in" }]);
    expect(page.root.querySelectorAll(".ja-gap")).not.toHaveLength(0);
  });

  it("lose one whose span has other pieces by now", () => {
    const page = open({ value: [{ ...IN, head: APART }], standing: { who: [WHOLE, OSLO] } });
    expect(page.root.querySelectorAll(".ja-arc")).toHaveLength(0);
  });
});
