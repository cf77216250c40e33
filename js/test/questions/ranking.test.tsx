import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Groups, moved, type RankingSpec, ranking, taken, tiedUp } from "../../src/questions/ranking";
import { optionsOf } from "../../src/shuffle";
import { itemOf, labelled, show } from "./fake";

const QUESTION: RankingSpec = {
  kind: "ranking",
  name: "q",
  title: "Order",
  required: true,
  labels: labelled(["a", "b", "c"]),
  ties: true,
};
const open = (more: Partial<RankingSpec> = {}, setting: object = {}) =>
  show(ranking, { question: { ...QUESTION, ...more }, fields: { text: "?" }, ...setting });
const SHOWN = optionsOf(QUESTION, itemOf({ text: "?" }), "ada");
const keyOf = (option: string) => String(SHOWN.indexOf(option) + 1);

describe("places", () => {
  it("are taken one after the other, tied or given up", () => {
    expect(taken([], "a", false)).toEqual([["a"]]);
    expect(taken([["a"]], "b", true)).toEqual([["a", "b"]]);
    expect(taken([], "b", true)).toEqual([["b"]]);
    expect(taken([["a", "b"], ["c"]], "c", false)).toEqual([["a", "b"]]);
  });

  it("change up and down, out of a tie first", () => {
    expect(moved([["a"], ["b"]], "b", -1)).toEqual([["b"], ["a"]]);
    expect(moved([["a"], ["b"]], "b", 1)).toEqual([["a"], ["b"]]);
    expect(moved([["a", "b"], ["c"]], "b", -1)).toEqual([["b"], ["a"], ["c"]]);
    expect(moved([["a", "b"], ["c"]], "a", 1)).toEqual([["b"], ["a"], ["c"]]);
    expect(tiedUp([["a"], ["b"]], "b")).toEqual([["a", "b"]]);
    expect(tiedUp([["a", "b"]], "a")).toEqual([["b"], ["a"]]);
    expect(tiedUp([["a"]], "a")).toEqual([["a"]]);
    expect(moved([["a"]], "z", 1)).toEqual([["a"]]);
  });

  it("lose and double no option, whatever is done", () => {
    const step = fc.record({
      act: fc.constantFrom("up", "down", "tie"),
      option: fc.constantFrom("a", "b", "c", "d"),
    });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        let groups: Groups = [["a", "b"], ["c"], ["d"]];
        for (const { act, option } of steps)
          groups = act === "tie" ? tiedUp(groups, option) : moved(groups, option, act === "up" ? -1 : 1);
        expect(groups.flat().sort()).toEqual(["a", "b", "c", "d"]);
        expect(groups.every((group) => group.length > 0)).toBe(true);
      }),
    );
  });
});

describe("ranking", () => {
  it("takes each option by its key, tied with Shift, and gives it up again", () => {
    const { press, draft, root, status } = open();
    press(keyOf("c"));
    press(keyOf("a"));
    press("#", { shiftKey: true, code: `Digit${keyOf("b")}` });
    expect([draft.value.value, status()]).toEqual([[["c"], ["a", "b"]], "All ranked."]);
    expect([...root.querySelectorAll(".ja-ranking-name")].map((each) => each.textContent)).toEqual(["c", "a", "b"]);
    press(keyOf("a"));
    expect([draft.value.value, status()]).toEqual([[["c"], ["b"]], "Best first: 1 of 3 to go."]);
    expect(press("9")).toBe(false);
    expect(open({ ties: false }).press("#", { shiftKey: true, code: "Digit1" })).toBe(false);
  });

  it("is done by pointer as well", () => {
    const { click, draft } = open();
    for (const option of ["a", "b", "c"]) click(new RegExp(`^\\d${option}$`));
    click(/Move c up/);
    click(/Tie b with the one above/);
    expect(draft.value.value).toEqual([["a"], ["c", "b"]]);
    click(/Take a out/);
    click(/Move b down/);
    expect(draft.value.value).toEqual([["c"], ["b"]]);
  });

  it("is complete with every option in one place, and keeps the order shown", () => {
    expect([
      ranking.complete(QUESTION, [["a"], ["b", "c"]]),
      ranking.complete({ ...QUESTION, ties: false }, [["a"], ["b", "c"]]),
      ranking.complete(QUESTION, [["a"], ["b"]]),
      ranking.complete(QUESTION, [["a"], ["b"], ["b"]]),
      ranking.complete(QUESTION, null),
    ]).toEqual([true, false, false, false, false]);
    expect(ranking.summary(QUESTION, [["c"], ["a", "b"]])).toBe("c > a = b");
    expect(ranking.order?.(QUESTION, itemOf({ text: "?" }), "ada")).toEqual(SHOWN);
    expect([ranking.initial(QUESTION), ranking.submitsAtOnce(QUESTION, true)]).toEqual([null, false]);
    expect(ranking.legend(QUESTION).map(({ keys }) => keys)).toEqual([["1", "3"], ["Shift"]]);
  });

  it("begins with a suggestion, and puts names into text only", () => {
    const nasty = '<img src=x onerror="globalThis.hit=1">';
    const suggestion = { id: "b:0", value: [[nasty], ["b"]], score: 0.5, source: "m" };
    const { root, click, draft } = open({ labels: labelled([nasty, "b"]) }, { suggestion });
    expect([root.querySelector("img"), root.querySelector(".ja-ranking-name")?.textContent]).toEqual([null, nasty]);
    expect(root.querySelector(".ja-ranking-list--suggested")).not.toBeNull();
    click(/Move b up/);
    expect(draft.value.value).toEqual([["b"], [nasty]]);
  });
});
