import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { moved, type RankingSpec, ranking, taken, tiedUp } from "../../src/questions/ranking";
import { dropped, type Groups, spotAt } from "../../src/questions/ranking/drag";
import { optionsOf } from "../../src/shuffle";
import { settle } from "../settle";
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

interface Step {
  readonly option: string;
  readonly place: number;
  readonly tied: boolean;
}
const ACTS = {
  up: (groups: Groups, { option }: Step) => moved(groups, option, -1),
  down: (groups: Groups, { option }: Step) => moved(groups, option, 1),
  tie: (groups: Groups, { option }: Step) => tiedUp(groups, option),
  drop: (groups: Groups, { option, place, tied }: Step) =>
    dropped(groups, option, { place: Math.min(place, groups.length - Number(tied)), tied }),
};

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

  it("are where something is dropped: between two, on one, at the end", () => {
    const groups = [["a"], ["b", "c"], ["d"]];
    expect(dropped(groups, "d", { place: 0, tied: false })).toEqual([["d"], ["a"], ["b", "c"]]);
    expect(dropped(groups, "a", { place: 3, tied: false })).toEqual([["b", "c"], ["d"], ["a"]]);
    expect(dropped(groups, "a", { place: 1, tied: true })).toEqual([["b", "c", "a"], ["d"]]);
    expect(dropped(groups, "b", { place: 1, tied: false })).toEqual([["a"], ["b"], ["c"], ["d"]]);
    expect(dropped(groups, "b", { place: 1, tied: true })).toEqual([["a"], ["c", "b"], ["d"]]);
    const places = [0, 40, 80].map((top) => ({ top, bottom: top + 40 }));
    const at = (y: number, ties: boolean) => spotAt(places, y, ties);
    expect([at(5, true), at(20, true), at(35, true), at(200, true)]).toEqual([
      { place: 0, tied: false },
      { place: 0, tied: true },
      { place: 1, tied: false },
      { place: 3, tied: false },
    ]);
    expect([at(15, false), at(25, false), at(119, false)].map(({ place }) => place)).toEqual([0, 1, 3]);
  });

  it("lose and double no option, whatever is done", () => {
    const step = fc.record({
      act: fc.constantFrom("up" as const, "down" as const, "tie" as const, "drop" as const),
      place: fc.nat(4),
      tied: fc.boolean(),
      option: fc.constantFrom("a", "b", "c", "d"),
    });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        let groups: Groups = [["a", "b"], ["c"], ["d"]];
        for (const { act, ...step } of steps) groups = ACTS[act](groups, step);
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
    expect(ranking.legend(QUESTION).map(({ keys }) => keys)).toEqual([["1", "3"], ["Shift"], ["drag"]]);
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

  it("moves what is dragged, by mouse anywhere on it, by finger from its grip", async () => {
    const { press, draft, root } = open();
    for (const option of ["a", "b", "c"]) press(keyOf(option));
    await settle();
    const rows = () => [...root.querySelectorAll<HTMLElement>("[data-ja-option]")];
    const drag = async (row: Element, y: number, pointerType: string): Promise<void> => {
      for (const [at, place] of [...root.querySelectorAll(".ja-ranking-place")].entries())
        place.getBoundingClientRect = () => ({ top: 40 * at, bottom: 40 * at + 40 }) as DOMRect;
      const fire = (name: string, clientY: number) =>
        row.dispatchEvent(
          Object.assign(new MouseEvent(name, { bubbles: true, clientY, button: 0 }), { pointerType, pointerId: 1 }),
        );
      fire("pointerdown", 100);
      fire("pointermove", y);
      fire("pointerup", y);
      await settle();
    };
    await drag(rows()[2] as Element, 2, "mouse");
    expect(draft.value.value).toEqual([["c"], ["a"], ["b"]]);
    await drag(rows()[2] as Element, 2, "touch");
    expect(draft.value.value).toEqual([["c"], ["a"], ["b"]]);
    await drag(rows()[2]?.querySelector(".ja-ranking-grip") as Element, 20, "touch");
    expect(draft.value.value).toEqual([["c", "b"], ["a"]]);
    await drag(rows()[0] as Element, 101, "mouse");
    expect(draft.value.value).toEqual([["c", "b"], ["a"]]);
  });
});
