import fc from "fast-check";
import { act } from "preact/test-utils";
import { describe, expect, it } from "vitest";
import type { QuestionSpec } from "../../src/protocol";
import { shareOf, softLabel, voted, withShare } from "../../src/questions/soft_label";
import { labelled, show } from "./fake";

const QUESTION: QuestionSpec = {
  kind: "soft_label",
  name: "mood",
  title: "Mood",
  required: true,
  labels: labelled(["glad", "sad", "mixed"]),
};
const open = (setting: object = {}) => show(softLabel, { question: QUESTION, fields: { text: "a" }, ...setting });
const shown = (root: Element) => [...root.querySelectorAll("output")].map((each) => each.textContent);

describe("votes", () => {
  it("make the shares, and the last one taken back leaves no answer", () => {
    let weights = voted(null, "glad", 1);
    weights = voted(weights, "glad", 1);
    weights = voted(weights, "sad", 1);
    expect(weights).toEqual({ glad: 2, sad: 1 });
    expect(voted(voted(voted(weights, "glad", -1), "glad", -1), "sad", -1)).toBeNull();
    expect(voted(null, "glad", -1)).toBeNull();
  });

  it("go on from shares that come back as from ten votes", () => {
    expect(voted({ glad: 0.75, sad: 0.25 }, "sad", 1)).toEqual({ glad: 7.5, sad: 3.5 });
  });

  it("give a label just the share it is dragged to, and leave the others their proportions", () => {
    const share = fc.double({ min: 0.01, max: 0.99, noNaN: true });
    fc.assert(
      fc.property(share, share, share, share, (a, b, c, wanted) => {
        const next = withShare({ glad: a, sad: b, mixed: c }, "glad", wanted);
        expect(shareOf(next ?? {}, "glad")).toBeCloseTo(wanted, 9);
        expect((next?.sad ?? 0) / (next?.mixed ?? 1)).toBeCloseTo(b / c, 6);
      }),
    );
    expect([withShare(null, "glad", 0.3), withShare(null, "glad", 0), withShare({ sad: 1 }, "sad", 0.2)]).toEqual([
      { glad: 1 },
      null,
      { sad: 1 },
    ]);
  });
});

describe("soft_label", () => {
  it("takes votes by key, with Shift back, and by button", () => {
    const { root, press, click, draft } = open();
    for (const key of ["1", "1", "1", "2", "3"]) press(key);
    press("#", { shiftKey: true, code: "Digit3" });
    expect([draft.value.value, shown(root)]).toEqual([{ glad: 3, sad: 1 }, ["75 %", "25 %", "0 %"]]);
    click(/One vote more for mixed/);
    click(/One vote less for glad/);
    expect(draft.value.value).toEqual({ glad: 2, sad: 1, mixed: 1 });
    expect(press("9")).toBe(false);
  });

  it("is dragged to a share, and says it to those who do not see it", () => {
    const { root, draft } = open({ value: { glad: 1, sad: 1 } });
    const range = root.querySelectorAll("input")[0] as HTMLInputElement;
    act(() => {
      range.value = "80";
      range.dispatchEvent(new Event("input", { bubbles: true }));
    });
    expect([shareOf(draft.value.value ?? {}, "glad"), range.getAttribute("aria-valuetext")]).toEqual([0.8, "80 %"]);
  });

  it("begins with a suggestion, shown as one until the first vote", () => {
    const suggestion = { id: "b:0", value: { sad: 1 }, score: 0.9, source: "m" };
    const { root, press, draft, status } = open({ suggestion });
    expect([shown(root)[1], status()]).toEqual(["100 %", "suggested, 90 %: a accepts, any vote corrects"]);
    expect(root.querySelectorAll(".ja-soft-row--suggested").length).toBe(3);
    press("1");
    expect(draft.value.value).toEqual({ sad: 1, glad: 1 });
    expect(root.querySelectorAll(".ja-soft-row--suggested").length).toBe(0);
  });

  it("is complete with any vote for a label there is", () => {
    expect([
      softLabel.complete(QUESTION, { sad: 1 }),
      softLabel.complete(QUESTION, { nobody: 1 }),
      softLabel.complete(QUESTION, {}),
      softLabel.complete(QUESTION, null),
    ]).toEqual([true, false, false, false]);
    expect([softLabel.initial(QUESTION), softLabel.submitsAtOnce(QUESTION, true)]).toEqual([null, false]);
    expect(softLabel.summary(QUESTION, { sad: 1, glad: 3 })).toBe("glad 75 %, sad 25 %");
    expect(softLabel.legend(QUESTION).length).toBe(4);
  });

  it("puts names into text only", () => {
    const nasty = '<img src=x onerror="globalThis.hit=1">';
    const { root } = open({ question: { ...QUESTION, labels: labelled([nasty]) } });
    expect([root.querySelector("img"), root.querySelector(".ja-soft-name")?.textContent]).toEqual([null, `1${nasty}`]);
  });
});
