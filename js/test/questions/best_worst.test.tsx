import { describe, expect, it } from "vitest";
import type { QuestionSpec } from "../../src/protocol";
import { bestWorst, chosen } from "../../src/questions/best_worst";
import { optionsOf } from "../../src/shuffle";
import { itemOf, labelled, show } from "./fake";

const QUESTION: QuestionSpec = {
  kind: "best_worst",
  name: "q",
  title: "Which?",
  required: true,
  labels: labelled(["a", "b", "c"]),
};
const open = (setting: object = {}) => show(bestWorst, { question: QUESTION, fields: { text: "?" }, ...setting });
const SHOWN = optionsOf(QUESTION, itemOf({ text: "?" }), "ada");
const keyOf = (option: string) => String(SHOWN.indexOf(option) + 1);

describe("best_worst", () => {
  it("never has one option at both ends, and gives up the one pressed again", () => {
    expect(chosen({ best: "a" }, "a", "worst")).toEqual({ worst: "a" });
    expect(chosen({ best: "a", worst: "b" }, "b", "best")).toEqual({ best: "b" });
    expect(chosen({ best: "a", worst: "b" }, "a", "best")).toEqual({ worst: "b" });
    expect(chosen({ best: "a" }, "a", "best")).toBeNull();
  });

  it("takes the best with the first key and the worst with the second, or with Shift", () => {
    const { press, draft, status } = open();
    expect(status()).toBe("Now the best; Shift and a key is the worst.");
    press(keyOf("c"));
    expect([draft.value.value, status()]).toEqual([{ best: "c" }, "Now the worst; Shift and a key is the worst."]);
    press(keyOf("a"));
    expect(draft.value.value).toEqual({ best: "c", worst: "a" });
    press(keyOf("b"));
    expect(draft.value.value).toEqual({ best: "b", worst: "a" });
    press("#", { shiftKey: true, code: `Digit${keyOf("c")}` });
    expect(draft.value.value).toEqual({ best: "b", worst: "c" });
    expect(press("8")).toBe(false);
  });

  it("is done by pointer in any order, and says what is chosen", () => {
    const { click, draft, root } = open();
    click(/^worst: b$/);
    click(/^best: a$/);
    expect(draft.value.value).toEqual({ worst: "b", best: "a" });
    expect([...root.querySelectorAll('[aria-pressed="true"]')].map((each) => each.textContent).sort()).toEqual([
      "▲",
      "▼",
    ]);
  });

  it("is complete with two different options of the schema", () => {
    expect([
      bestWorst.complete(QUESTION, { best: "a", worst: "b" }),
      bestWorst.complete(QUESTION, { best: "a", worst: "a" }),
      bestWorst.complete(QUESTION, { best: "a" }),
      bestWorst.complete(QUESTION, { best: "a", worst: "z" }),
      bestWorst.complete(QUESTION, null),
    ]).toEqual([true, false, false, false, false]);
    expect([bestWorst.initial(QUESTION), bestWorst.submitsAtOnce(QUESTION, true)]).toEqual([null, false]);
    expect(bestWorst.summary(QUESTION, { best: "a", worst: "b" })).toBe("a > b");
    expect(bestWorst.order?.(QUESTION, itemOf({ text: "?" }), "ada")).toEqual(SHOWN);
    expect(bestWorst.legend(QUESTION).length).toBe(2);
  });

  it("shows a suggestion as one, and puts names into text only", () => {
    const nasty = '<img src=x onerror="globalThis.hit=1">';
    const suggestion = { id: "b:0", value: { best: nasty, worst: "b" }, score: 0.5, source: "m" };
    const { root } = open({ question: { ...QUESTION, labels: labelled([nasty, "b"]) }, suggestion });
    expect(root.querySelector("img")).toBeNull();
    expect(root.textContent).toContain(nasty);
    expect(root.querySelector(".ja-best-worst--suggested")).not.toBeNull();
  });
});
