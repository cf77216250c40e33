import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { problemOf, type TextAnswerSpec, textAnswer } from "../../src/questions/text_answer";
import { show } from "./fake";

const QUESTION: TextAnswerSpec = {
  kind: "text_answer",
  name: "title",
  title: "Title",
  required: true,
  labels: [],
  lines: 3,
  minimum: 1,
  maximum: 30,
  placeholder: "In a few words",
  rewrite: null,
};
const SOURCE = "Ada have met Grace.";
const open = (more: Partial<TextAnswerSpec> = {}, setting: object = {}) => {
  const page = show(textAnswer, { question: { ...QUESTION, ...more }, fields: { text: SOURCE }, ...setting });
  page.root.tabIndex = 0;
  page.root.focus();
  return page;
};
const box = (root: Element) => root.querySelector("textarea") as HTMLTextAreaElement;
const type = (root: Element, text: string) =>
  act(() => {
    box(root).value = text;
    box(root).dispatchEvent(new Event("input", { bubbles: true }));
  });
const strike = (root: Element, key: string, init: KeyboardEventInit = {}) =>
  act(
    () => void box(root).dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...init })),
  );

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("text_answer", () => {
  it("is entered by key, keeps what is typed after a pause as one edit, and gives the keys back", async () => {
    const { root, press, draft } = open();
    expect(press("e")).toBe(true);
    await Promise.resolve();
    expect(document.activeElement).toBe(box(root));
    for (const text of ["a", "a r", "a red", "a red fox"]) type(root, text);
    expect(draft.past).toEqual([]);
    act(() => void vi.advanceTimersByTime(700));
    expect([draft.value.value, draft.past]).toEqual(["a red fox", [null]]);
    type(root, "a red fox!");
    strike(root, "Escape");
    expect([draft.value.value, document.activeElement]).toEqual(["a red fox!", root]);
  });

  it("submits from the field, with what was typed last", () => {
    const { root, draft, props } = open();
    box(root).focus();
    type(root, "a red fox");
    strike(root, "Enter");
    expect(props.submit).not.toHaveBeenCalled();
    strike(root, "Enter", { ctrlKey: true });
    expect([draft.value.value, document.activeElement]).toEqual(["a red fox", root]);
    expect(props.submit).toHaveBeenCalledWith("key");
    const line = open({ lines: 1 });
    box(line.root).focus();
    type(line.root, "one");
    strike(line.root, "Enter", { isComposing: true });
    expect(line.props.submit).not.toHaveBeenCalled();
    strike(line.root, "Enter");
    expect(line.props.submit).toHaveBeenCalledTimes(1);
  });

  it("keeps what was typed when the focus goes elsewhere, and forgets nothing it was not told", () => {
    const { root, draft } = open();
    box(root).focus();
    type(root, "half a th");
    act(() => root.focus());
    expect(draft.value.value).toBe("half a th");
    type(root, "");
    act(() => void vi.advanceTimersByTime(700));
    expect(draft.value.value).toBeNull();
  });

  it("lets no key of the app through while somebody types", () => {
    const { root } = open();
    const outside = vi.fn();
    root.addEventListener("keydown", outside);
    for (const key of ["f", " ", "z", "Enter", "?"]) strike(root, key);
    expect(outside).not.toHaveBeenCalled();
  });

  it("begins with the text to rewrite, shows each change, and takes it unchanged only on purpose", () => {
    const { root, draft, press, status } = open({ rewrite: "text" });
    expect([box(root).value, draft.value.value, root.querySelector("ins, del")]).toEqual([SOURCE, null, null]);
    expect(status()).toBe("Change the text, or keep it as it is.");
    type(root, "Ada met Grace twice.");
    expect([...root.querySelectorAll("del, ins")].map((each) => each.outerHTML)).toEqual([
      "<del>have </del>",
      "<ins> twice</ins>",
    ]);
    act(() => void vi.advanceTimersByTime(700));
    expect(press("k")).toBe(true);
    expect([draft.value.value, root.querySelector("ins, del")]).toEqual([SOURCE, null]);
    expect(open().press("k")).toBe(false);
  });

  it("says what is wrong as it is typed, in characters a person counts", () => {
    const { root, status } = open({ minimum: 5 });
    type(root, "🦊🦊");
    expect([status(), box(root).getAttribute("aria-invalid")]).toEqual(["At least 5 characters, 2 so far.", "true"]);
    type(root, "x".repeat(31));
    expect(status()).toBe("At most 30 characters, 31 now.");
    type(root, "🦊🦊🦊🦊🦊");
    expect([status(), box(root).getAttribute("aria-invalid")]).toEqual(["5 of 30 characters", "false"]);
    expect(problemOf(QUESTION, " \n ")).toBe("Type something.");
  });

  it("shows a suggestion as one until something is typed", () => {
    const suggestion = { id: "b:0", value: "a fox", score: 0.5, source: "m" };
    const { root, status } = open({}, { suggestion });
    expect([box(root).value, box(root).className]).toEqual(["a fox", "ja-answer-entry ja-answer-entry--begun"]);
    expect(status()).toContain("suggested, 50 %");
    type(root, "a red fox");
    expect(box(root).className).toBe("ja-answer-entry");
  });

  it("is complete within its bounds, and short in the history", () => {
    expect([
      textAnswer.complete(QUESTION, "a"),
      textAnswer.complete(QUESTION, " "),
      textAnswer.complete(QUESTION, null),
    ]).toEqual([true, false, false]);
    expect([textAnswer.initial(QUESTION), textAnswer.submitsAtOnce(QUESTION, true)]).toEqual([null, false]);
    expect(textAnswer.summary(QUESTION, `a\n ${"b".repeat(50)}`)).toBe(`a ${"b".repeat(27)}…`);
    expect(textAnswer.legend({ ...QUESTION, rewrite: "text", lines: 1 }).map(({ keys }) => keys)).toEqual([
      ["e"],
      ["k"],
      ["Enter"],
    ]);
  });

  it("puts texts into text only", () => {
    const nasty = '<img src=x onerror="globalThis.hit=1">';
    const { root } = open({ rewrite: "text", placeholder: nasty, title: nasty }, { fields: { text: nasty } });
    type(root, `${nasty}${nasty}`);
    expect(root.querySelector("img")).toBeNull();
    expect(root.querySelector("ins")?.textContent).toBe(nasty);
  });
});
