import { act } from "preact/test-utils";
import { describe, expect, it } from "vitest";
import { spans } from "../../src/questions/spans";
import type { SpansSpec } from "../../src/questions/spans/editor";
import { labelled, show } from "./fake";

const QUESTION: SpansSpec = {
  kind: "spans",
  name: "who",
  title: "Who",
  required: true,
  field: "text",
  labels: labelled(["person", "place"]),
  attributes: { certainty: ["sure", "unsure"], source: ["seen"] },
};
const ADA = { start: 0, end: 3, label: "person" };
const open = (value = [ADA]) =>
  show(spans, { question: QUESTION, fields: { text: "Ada met Grace in New York." }, value });

describe("attributes", () => {
  it("are said of the chosen mark by Shift and a digit, and taken back the same way", () => {
    const page = open();
    page.keys("s");
    page.press("@", { code: "Digit2", shiftKey: true });
    page.press("#", { code: "Digit3", shiftKey: true });
    expect(page.draft.value.value).toEqual([{ ...ADA, attributes: { certainty: "unsure", source: "seen" } }]);
    page.press("!", { code: "Digit1", shiftKey: true });
    page.press("#", { code: "Digit3", shiftKey: true });
    expect(page.draft.value.value).toEqual([{ ...ADA, attributes: { certainty: "sure" } }]);
    page.press("!", { code: "Digit1", shiftKey: true });
    expect(page.draft.value.value).toEqual([ADA]);
  });

  it("are said by button, and stay when the mark gets another label or edge", () => {
    const page = open();
    page.keys("s");
    const unsure = [...page.root.querySelectorAll<HTMLButtonElement>(".ja-saying")][1];
    expect(unsure?.textContent).toBe("⇧2 unsure");
    act(() => unsure?.click());
    expect(unsure?.getAttribute("aria-pressed")).toBe("true");
    page.keys("2", "]");
    expect(page.draft.value.value).toEqual([{ start: 0, end: 7, label: "place", attributes: { certainty: "unsure" } }]);
    expect(page.root.querySelector(".ja-marks-list")?.textContent).toContain("(unsure)");
  });

  it("need a chosen mark", () => {
    const page = open();
    page.press("!", { code: "Digit1", shiftKey: true });
    expect(page.status()).toBe("Choose a mark first: certainty is said about one.");
    expect(page.draft.value.value).toEqual([ADA]);
  });
});
