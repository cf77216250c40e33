import { describe, expect, it } from "vitest";
import { choicesOf, type PreferenceSpec, preference, sidesOf } from "../../src/questions/preference";
import { itemOf, show } from "./fake";

const QUESTION: PreferenceSpec = {
  kind: "preference",
  name: "q",
  title: "Which is better?",
  required: true,
  labels: [],
  between: ["one", "other"],
  ties: true,
  grades: 1,
  aspects: [],
};
const FIELDS = { one: "Yes.", other: "Yes, since 1998." };
const open = (more: Partial<PreferenceSpec> = {}, setting: object = {}) =>
  show(preference, { question: { ...QUESTION, ...more }, fields: FIELDS, ...setting });
const SIDES = sidesOf(QUESTION, itemOf(FIELDS), "ada");
const [LEFT, RIGHT] = SIDES;
const names = (root: Element) => [...root.querySelectorAll(".ja-label-name")].map((each) => each.textContent);

describe("preference", () => {
  it("shows both fields side by side, by lot and alike for what is kept with the answer", () => {
    const { root } = open();
    const shown = [...root.querySelectorAll(".ja-preference-side")].map((each) => each.lastChild?.textContent);
    expect(shown).toEqual(SIDES.map((name) => FIELDS[name as "one" | "other"]));
    expect(preference.order?.(QUESTION, itemOf(FIELDS), "ada")).toEqual(SIDES);
    expect(preference.shows?.(QUESTION)).toEqual(["one", "other"]);
    const others = Array.from({ length: 40 }, (_, n) => sidesOf(QUESTION, itemOf(FIELDS), `person ${n}`)[0]);
    expect(new Set(others).size).toBe(2);
  });

  it("answers with the field, never the side, by key or click", () => {
    const { press, click, draft } = open();
    press("1");
    expect(draft.value.value).toEqual({ better: LEFT });
    press("2");
    expect(draft.value.value).toEqual({ better: RIGHT });
    press("t");
    expect(draft.value.value).toEqual({ better: "tie" });
    click(/Left better/);
    expect(draft.value.value).toEqual({ better: LEFT });
    expect([press("3"), press("1", { shiftKey: true })]).toEqual([false, false]);
    expect(open({ ties: false }).press("0")).toBe(false);
  });

  it("has grades from the left to the right, with a tie in the middle", () => {
    const { root, press, draft } = open({ grades: 3 });
    expect(names(root)).toEqual(
      [
        "1Left much better",
        "2Left better",
        "3Left slightly better",
        "0Tie",
        "4Right slightly better",
        "5Right better",
        "6Right much better",
      ].map((text) => text.slice(1)),
    );
    const grades = ["1", "2", "3", "4", "5", "6"].map((key) => {
      press(key);
      return draft.value.value;
    });
    expect(grades).toEqual([
      ...[3, 2, 1].map((grade) => ({ better: LEFT, grade })),
      ...[1, 2, 3].map((grade) => ({ better: RIGHT, grade })),
    ]);
    expect(choicesOf({ ...QUESTION, grades: 2, ties: false }, SIDES).length).toBe(4);
  });

  it("goes on from aspect to aspect, and s comes round to one again", () => {
    const { press, draft, root } = open({ aspects: ["helpful", "true"] });
    const now = () => root.querySelector(".ja-preference-row--now")?.getAttribute("aria-label");
    expect(now()).toBe("helpful");
    press("1");
    expect([now(), draft.value.value]).toEqual(["true", { helpful: { better: LEFT } }]);
    press("0");
    expect(draft.value.value).toEqual({ helpful: { better: LEFT }, true: { better: "tie" } });
    press("s");
    press("2");
    expect(draft.value.value).toEqual({ helpful: { better: RIGHT }, true: { better: "tie" } });
  });

  it("is complete with every aspect, and the decision only where there is one", () => {
    const two = { ...QUESTION, aspects: ["helpful", "true"] };
    expect([
      preference.complete(two, { helpful: { better: "one" } }),
      preference.complete(two, { helpful: { better: "one" }, true: { better: "tie" } }),
      preference.complete(QUESTION, { better: "left" }),
      preference.complete(QUESTION, { better: "one", grade: 2 }),
      preference.complete(QUESTION, null),
    ]).toEqual([false, true, false, false, false]);
    expect([preference.submitsAtOnce(QUESTION, true), preference.submitsAtOnce(two, true)]).toEqual([true, false]);
    expect([
      preference.summary(QUESTION, { better: "one" }),
      preference.summary(two, { helpful: { better: "one" }, true: { better: "tie" } }),
    ]).toEqual(["one", "helpful: one, true: tie"]);
    expect(preference.legend(two).map(({ keys }) => keys)).toEqual([["1", "2"], ["0", "t"], ["s"]]);
    expect(preference.initial(QUESTION)).toBeNull();
  });

  it("shows a suggestion as one, and puts names into text only", () => {
    const nasty = '<img src=x onerror="globalThis.hit=1">';
    const suggestion = { id: "b:0", value: { [nasty]: { better: "one" } }, score: 0.8, source: "m" };
    const { root, press, draft } = open({ aspects: [nasty] }, { suggestion });
    expect(root.querySelectorAll(".ja-label--suggested").length).toBe(1);
    expect([root.querySelector("img"), root.querySelector(".ja-preference-aspect")?.textContent]).toEqual([
      null,
      nasty,
    ]);
    press("0");
    expect(draft.value.value).toEqual({ [nasty]: { better: "tie" } });
    expect(root.querySelector(".ja-label--suggested")).toBeNull();
  });
});
