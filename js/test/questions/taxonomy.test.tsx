import { act } from "preact/test-utils";
import { describe, expect, it } from "vitest";
import { below, found, type TaxonomySpec, taxonomy, toggled } from "../../src/questions/taxonomy";
import { show } from "./fake";

const PATHS = ["animal", "animal/dog", "animal/cat", "animal/fish", "animal/fish/carp", "plant", "plant/été"];
const QUESTION: TaxonomySpec = {
  kind: "taxonomy",
  name: "what",
  title: "What",
  required: true,
  labels: PATHS.map((name) => ({ name, key: null, color: null })),
  separator: "/",
  leaves_only: true,
  multiple: false,
};
const open = (more: Partial<TaxonomySpec> = {}, setting: object = {}) =>
  show(taxonomy, { question: { ...QUESTION, ...more }, fields: { text: "?" }, ...setting });
const names = (root: Element) => [...root.querySelectorAll(".ja-label-name")].map((each) => each.textContent);
const box = (root: Element) => root.querySelector("input") as HTMLInputElement;
const type = (root: Element, text: string) =>
  act(() => {
    box(root).value = text;
    box(root).dispatchEvent(new Event("input", { bubbles: true }));
  });
const strike = (root: Element, key: string) =>
  act(() => void box(root).dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })));

describe("a tree", () => {
  it("is walked node by node", () => {
    expect(below(QUESTION, "")).toEqual(["animal", "plant"]);
    expect(below(QUESTION, "animal")).toEqual(["animal/dog", "animal/cat", "animal/fish"]);
    expect(below(QUESTION, "animal/dog")).toEqual([]);
    expect(
      below(
        {
          ...QUESTION,
          labels: [
            { name: "a", key: null, color: null },
            { name: "ab", key: null, color: null },
          ],
        },
        "a",
      ),
    ).toEqual([]);
  });

  it("is searched by any words of a path, the last part first, without accents and case", () => {
    expect(found(QUESTION, "Animal")).toEqual(["animal/dog", "animal/cat", "animal/fish/carp"]);
    expect(found(QUESTION, "ETE")).toEqual(["plant/été"]);
    expect(found(QUESTION, "carp fish")).toEqual(["animal/fish/carp"]);
    expect(found(QUESTION, "  ")).toEqual([]);
    expect(found({ ...QUESTION, leaves_only: false }, "fish")).toEqual(["animal/fish", "animal/fish/carp"]);
  });

  it("keeps multiple answers in its own order", () => {
    const multiple = { ...QUESTION, multiple: true };
    expect(toggled(multiple, ["plant/été"], "animal/dog")).toEqual(["animal/dog", "plant/été"]);
    expect(toggled(multiple, ["animal/dog"], "animal/dog")).toEqual([]);
    expect(toggled(QUESTION, "animal/dog", "plant/été")).toBe("plant/été");
  });
});

describe("taxonomy", () => {
  it("goes down by digit, up by 0, and chooses a leaf", () => {
    const { root, press, draft } = open();
    expect(names(root)).toEqual(["animal", "plant"]);
    press("1");
    expect(names(root)).toEqual(["dog", "cat", "fish"]);
    press("3");
    expect([names(root), draft.value.value]).toEqual([["carp"], null]);
    press("0");
    press("2");
    expect(draft.value.value).toBe("animal/cat");
    press("ArrowLeft");
    expect(names(root)).toEqual(["animal", "plant"]);
    expect([press("ArrowLeft"), press("0"), press("9"), press("e")]).toEqual([false, false, false, false]);
  });

  it("chooses a node one is in where inner nodes are answers", () => {
    const { press, draft, click } = open({ leaves_only: false });
    press("1");
    press("e");
    expect(draft.value.value).toBe("animal");
    press("3");
    click(/Choose it/);
    expect(draft.value.value).toBe("animal/fish");
  });

  it("finds by typing; Enter takes the first, Escape leaves", () => {
    const { root, press, draft } = open();
    root.tabIndex = 0;
    press("/");
    expect(document.activeElement).toBe(box(root));
    type(root, "ca");
    expect(names(root)).toEqual(["animal/cat", "animal/fish/carp"]);
    strike(root, "Enter");
    expect([draft.value.value, document.activeElement, box(root).value]).toEqual(["animal/cat", root, ""]);
    type(root, "zebra");
    strike(root, "Enter");
    expect([box(root).value, root.textContent?.includes("No path has this in it.")]).toEqual(["zebra", true]);
    strike(root, "Escape");
    expect(names(root)).toEqual(["animal", "plant"]);
  });

  it("shows what is chosen, marks the way to it, and takes one of multiple out again", () => {
    const { root, click, draft } = open({ multiple: true }, { value: ["animal/dog", "plant/été"] });
    expect([...root.querySelectorAll(".ja-taxonomy-chosen li")].map((each) => each.firstChild?.textContent)).toEqual([
      "animal/dog",
      "plant/été",
    ]);
    expect(root.querySelectorAll(".ja-taxonomy-inside").length).toBe(2);
    click(/Take animal\/dog out/);
    expect(draft.value.value).toEqual(["plant/été"]);
  });

  it("is complete with leaves of its own", () => {
    expect([
      taxonomy.complete(QUESTION, "animal/dog"),
      taxonomy.complete(QUESTION, "animal"),
      taxonomy.complete(QUESTION, ["animal/dog"]),
      taxonomy.complete({ ...QUESTION, multiple: true }, ["animal/dog"]),
      taxonomy.complete({ ...QUESTION, multiple: true }, ["zebra"]),
      taxonomy.complete(QUESTION, null),
    ]).toEqual([true, false, false, true, false, false]);
    expect([taxonomy.initial(QUESTION), taxonomy.initial({ ...QUESTION, multiple: true })]).toEqual([null, []]);
    expect([
      taxonomy.submitsAtOnce(QUESTION, true),
      taxonomy.submitsAtOnce({ ...QUESTION, multiple: true }, true),
    ]).toEqual([true, false]);
    expect([taxonomy.summary(QUESTION, "a/b"), taxonomy.summary(QUESTION, [])]).toEqual(["a/b", "none"]);
    expect([taxonomy.legend(QUESTION).length, taxonomy.legend({ ...QUESTION, leaves_only: false }).length]).toEqual([
      3, 4,
    ]);
  });

  it("shows a suggestion as one, and puts names into text only", () => {
    const nasty = '<img src=x onerror="globalThis.hit=1">';
    const suggestion = { id: "b:0", value: nasty, score: 0.9, source: "m" };
    const { root } = open({ labels: [{ name: nasty, key: null, color: null }] }, { suggestion });
    expect(root.querySelector("img")).toBeNull();
    expect(root.querySelector(".ja-taxonomy-chosen--suggested")?.textContent).toBe(`${nasty} suggested 90 %`);
  });
});
