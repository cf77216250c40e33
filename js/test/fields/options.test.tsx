import { afterEach, describe, expect, it } from "vitest";
import { FIELDS } from "../../src/fields";
import { ofItem } from "../../src/options";
import type { QuestionSpec } from "../../src/protocol";
import { FakeKernel, itemAt, labels, moodQuestion } from "../fake_kernel";
import { press, stops, stored, widget } from "../opened";

const FIELD_SPECS = [
  { kind: "text", name: "text" },
  { kind: "options", name: "places" },
];
const where: QuestionSpec = { ...moodQuestion, name: "where", labels: [], labels_from: "places" };
const PLACES = [["Paris, France", "Paris, Texas"], ["York"], Array.from({ length: 11 }, (_, at) => `place ${at}`)];
const kernelOf = (question: QuestionSpec) =>
  new FakeKernel({ fields: FIELD_SPECS, questions: [question] }, 3, (at) => ({
    fields: { text: `text ${at}`, places: PLACES[at] },
  }));

afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

const shown = (root: Element) => [...root.querySelectorAll(".ja-label-name")].map((each) => each.textContent);

describe("options", () => {
  it("are the labels of each item, with the digits as keys", async () => {
    const { root, kernel } = await widget(kernelOf(where));
    expect(shown(root)).toEqual(PLACES[0]);
    press(root, "2");
    await stored(kernel, 1);
    expect(shown(root)).toEqual(["York"]);
    press(root, "1");
    await stored(kernel, 2);
    expect(kernel.stored.map((each) => "answers" in each && each.answers)).toEqual([
      { where: "Paris, Texas" },
      { where: "York" },
    ]);
    expect(kernel.stored.map(({ seen }) => seen.label_order)).toEqual([{ where: PLACES[0] }, { where: ["York"] }]);
  });

  it("stand before the labels of the schema, which keep their keys", () => {
    const question = { ...where, labels: [{ name: "elsewhere", key: "3", color: null }, ...labels("York")] };
    const item = itemAt(0, { fields: { places: ["a", "York", "b", "c"] } });
    const [found] = ofItem([question], () => item);
    expect(found?.labels.map(({ name, key }) => [name, key])).toEqual([
      ["a", "2"],
      ["b", "4"],
      ["c", "5"],
      ["elsewhere", "3"],
      ["York", "1"],
    ]);
  });

  it("make new questions only where a question asks for them, and the same ones for the same item", () => {
    const plain = [moodQuestion];
    expect(ofItem(plain, () => itemAt(0))).toBe(plain);
    const item = itemAt(0, { fields: { places: ["a"] } });
    const asked = [where];
    expect(ofItem(asked, () => item)).toBe(ofItem(asked, () => item));
    expect(ofItem(asked, () => null)).toBe(asked);
    expect(ofItem(asked, () => itemAt(0, { fields: {} }))[0]?.labels).toEqual([]);
  });

  it("take no place of their own, and put names into text only", async () => {
    const nasty = '<img src=x onerror="globalThis.hit=1">';
    PLACES[0] = [nasty];
    const { root } = await widget(kernelOf(where));
    expect(FIELDS.options?.hidden).toBe(true);
    expect(root.querySelectorAll(".ja-field").length).toBe(1);
    expect(root.querySelector(".ja-field-title")).toBeNull();
    expect([root.querySelector("img"), shown(root)]).toEqual([null, [nasty]]);
  });
});
