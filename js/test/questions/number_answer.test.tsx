import fc from "fast-check";
import { act } from "preact/test-utils";
import { describe, expect, it } from "vitest";
import { type NumberSpec, numberAnswer, parsed, problemOf, stepped } from "../../src/questions/number_answer";
import { show } from "./fake";

const QUESTION: NumberSpec = {
  kind: "number_answer",
  name: "minutes",
  title: "Minutes",
  required: true,
  labels: [],
  minimum: 0,
  maximum: 120,
  step: 0.5,
  unit: "min",
  slider: false,
};
const open = (more: Partial<NumberSpec> = {}, setting: object = {}) =>
  show(numberAnswer, { question: { ...QUESTION, ...more }, fields: { text: "a" }, ...setting });
const box = (root: Element) => root.querySelector("input") as HTMLInputElement;
const type = (root: Element, text: string) =>
  act(() => {
    box(root).value = text;
    box(root).dispatchEvent(new Event("input", { bubbles: true }));
  });
const strike = (root: Element, key: string) =>
  act(() => void box(root).dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })));

describe("what is typed", () => {
  it("is a number with either decimal mark, and never another one than was meant", () => {
    const cases: [string, number | null][] = [
      ["3", 3],
      [" 2,5 ", 2.5],
      ["2.5", 2.5],
      [".5", 0.5],
      ["5.", 5],
      ["-1", -1],
      ["\u22121", -1],
      ["1e3", 1000],
      ["-0", 0],
      ["1,234.5", null],
      ["1.234.5", null],
      ["1 234", null],
      ["", null],
      ["-", null],
      ["0x10", null],
      ["Infinity", null],
      ["1e999", null],
      ["٣", null],
    ];
    expect(cases.map(([text]) => [text, parsed(text)])).toEqual(cases);
    expect(Object.is(parsed("-0"), 0)).toBe(true);
  });

  it("comes back as it was written", () => {
    fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => parsed(String(x)) === x + 0));
  });
});

describe("steps", () => {
  it("have no error of floats, and stop at the bounds", () => {
    const tenths = { ...QUESTION, step: 0.1 };
    let at = 0;
    for (let n = 0; n < 300; n++) at = stepped(tenths, at, 1);
    expect(at).toBe(30);
    expect([stepped(tenths, 119.95, 1), stepped(tenths, 0, -1), stepped(tenths, null, 1)]).toEqual([120, 0, 0]);
    expect(problemOf(tenths, 0.3)).toBeNull();
    expect(problemOf(tenths, 0.35)).toBe("In steps of 0.1.");
  });

  it("of one where none are given", () => {
    expect(stepped({ ...QUESTION, step: null, minimum: null, maximum: null }, 2.25, -1)).toBe(1.25);
  });
});

describe("number_answer", () => {
  it("is the answer as soon as it fits, and none as long as it does not, with the reason", () => {
    const { root, draft, status } = open();
    type(root, "12");
    expect(draft.value.value).toBe(12);
    type(root, "12,7");
    expect([draft.value.value, status()]).toEqual([null, "In steps of 0.5."]);
    type(root, "121");
    expect([draft.value.value, status(), box(root).getAttribute("aria-invalid")]).toEqual([
      null,
      "At most 120.",
      "true",
    ]);
    type(root, "7,5");
    expect([draft.value.value, status()]).toEqual([7.5, "A number from 0 to 120 in steps of 0.5."]);
  });

  it("begins with a digit from anywhere, goes on in the field, and leaves it with Escape or Enter", async () => {
    const { root, press, props, draft } = open();
    root.tabIndex = 0;
    root.focus();
    expect(press("4")).toBe(true);
    await Promise.resolve();
    expect(document.activeElement).toBe(box(root));
    type(root, "42");
    strike(root, "Escape");
    expect([document.activeElement, draft.value.value]).toEqual([root, 42]);
    box(root).focus();
    strike(root, "Enter");
    expect(props.submit).toHaveBeenCalledWith("key");
    type(root, "x");
    strike(root, "Escape");
    expect([draft.value.value, box(root).value]).toEqual([null, ""]);
  });

  it("steps by arrows, ten at a time with Shift, from the suggestion if nothing was answered", () => {
    const suggestion = { id: "b:0", value: 30, score: 0.9, source: "m" };
    const { keys, draft, status } = open({}, { suggestion });
    expect(status()).toBe("30 suggested, 90 %");
    keys("ArrowUp");
    expect(draft.value.value).toBe(30.5);
    keys("Shift+ArrowRight", "ArrowDown");
    expect(draft.value.value).toBe(35);
  });

  it("has no position on the slider before somebody sets one", () => {
    const { root, keys, draft } = open({ slider: true, step: 1 });
    expect([box(root).className, root.querySelector("output")?.textContent]).toEqual(["ja-number-unset", "–"]);
    expect(box(root).getAttribute("aria-valuetext")).toBe("not set");
    keys("ArrowRight");
    expect([draft.value.value, box(root).className, root.querySelector("output")?.textContent]).toEqual([
      0,
      "",
      "0 min",
    ]);
    act(() => {
      box(root).value = "60";
      box(root).dispatchEvent(new Event("input", { bubbles: true }));
    });
    expect(draft.value.value).toBe(60);
  });

  it("is complete only within its bounds, and is no decision by itself", () => {
    expect([
      numberAnswer.complete(QUESTION, 3),
      numberAnswer.complete(QUESTION, 3.3),
      numberAnswer.complete(QUESTION, null),
    ]).toEqual([true, false, false]);
    expect([
      numberAnswer.submitsAtOnce(QUESTION, true),
      numberAnswer.initial(QUESTION),
      numberAnswer.summary(QUESTION, 3),
    ]).toEqual([false, null, "3 min"]);
    expect(numberAnswer.legend(QUESTION).length).toBe(2);
    expect(numberAnswer.legend({ ...QUESTION, slider: true }).length).toBe(1);
  });

  it("puts words into text only", () => {
    const nasty = '<img src=x onerror="globalThis.hit=1">';
    const { root } = open({ unit: nasty, title: nasty });
    expect(root.querySelector("img")).toBeNull();
    expect(root.textContent).toContain(nasty);
  });
});
