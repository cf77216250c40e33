import { describe, expect, it } from "vitest";
import { type MultiChoiceSpec, multiChoice, toggled } from "../../src/questions/multi_choice";
import { labels } from "../fake_kernel";
import { button, key, mountPanel } from "./panel";

const topics: MultiChoiceSpec = {
  kind: "multi_choice",
  name: "topics",
  title: "Topics",
  help: null,
  required: true,
  labels: labels("food", "service", "price"),
  minimum: 0,
  maximum: 2,
};

describe("multi_choice", () => {
  it("switches labels on and off, kept in the schema's order", () => {
    const { root, draft, handler } = mountPanel(multiChoice, topics);
    handler().handle(key("3"));
    handler().handle(key("1"));
    expect(draft.value.value).toEqual(["food", "price"]);
    handler().handle(key("3"));
    expect(draft.value.value).toEqual(["food"]);
    expect([...root.querySelectorAll("[role=checkbox]")].length).toBe(3);
  });

  it("tells assistive technology what is on", async () => {
    const { root, draft, painted } = mountPanel(multiChoice, topics);
    draft.value.value = ["service"];
    await painted();
    expect([...root.querySelectorAll("button")].map((each) => each.getAttribute("aria-checked"))).toEqual([
      "false",
      "true",
      "false",
    ]);
  });

  it("starts a correction from the suggestion", () => {
    const suggestion = { id: "b:0", value: ["food", "price"], score: null, source: "m" };
    const { root, draft } = mountPanel(multiChoice, topics, { suggestion });
    expect(root.querySelectorAll(".ja-label--suggested").length).toBe(2);
    button(root, "price").click();
    expect(draft.value.value).toEqual(["food"]);
  });

  it("says what the bounds are and when they are broken", async () => {
    const { root, draft, painted } = mountPanel(multiChoice, topics);
    expect(root.textContent).toContain("Choose at most 2. 0 chosen.");
    draft.value.value = ["food", "service", "price"];
    await painted();
    expect(root.querySelector(".ja-quiet--alert")?.textContent).toContain("3 chosen");
  });

  it("is complete within its bounds; nothing is an answer where none may apply", () => {
    const complete = (value: string[] | null, more: Partial<MultiChoiceSpec> = {}): boolean =>
      multiChoice.complete({ ...topics, ...more }, value);
    expect([complete([]), complete(["food"]), complete(["food", "service", "price"]), complete(null)]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect([complete([], { minimum: 1 }), complete(["a"], { minimum: 1, maximum: null })]).toEqual([false, true]);
    expect([multiChoice.initial(topics), multiChoice.initial({ ...topics, minimum: 1 })]).toEqual([[], null]);
  });

  it("toggles without touching the list it was given", () => {
    const before = ["price"];
    expect(toggled(topics, before, "food")).toEqual(["food", "price"]);
    expect(before).toEqual(["price"]);
  });

  it("never submits by itself and sums itself up", () => {
    expect(multiChoice.submitsAtOnce(topics, true)).toBe(false);
    expect([multiChoice.summary(topics, []), multiChoice.summary(topics, ["food", "price"])]).toEqual([
      "none",
      "food, price",
    ]);
  });
});
