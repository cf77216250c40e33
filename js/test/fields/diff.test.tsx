import { describe, expect, it } from "vitest";
import { diff } from "../../src/fields/diff";
import { rendered, texts } from "./rendered";

describe("diff", () => {
  it("shows both texts whole, each with what only it has, and one with all changes for a narrow page", () => {
    const root = rendered(diff, { names: ["before", "after"], texts: ["Ada have met Grace.", "Ada met Grace twice."] });
    expect(texts(root, ".ja-diff-side .ja-changes")).toEqual(["Ada have met Grace.", "Ada met Grace twice."]);
    expect(texts(root, ".ja-diff-side del")).toEqual(["have "]);
    expect(texts(root, ".ja-diff-side ins")).toEqual([" twice"]);
    expect(texts(root, ".ja-diff-one .ja-diff-name, .ja-diff-one .ja-changes")).toEqual([
      "before → after",
      "Ada have met Grace twice.",
    ]);
  });

  it("marks nothing where nothing differs", () => {
    const root = rendered(diff, { names: ["a", "b"], texts: ["same", "same"] });
    expect(root.querySelector("ins, del")).toBeNull();
  });

  it("puts everything into text only", () => {
    const nasty = '<img src=x onerror="globalThis.hit=1">';
    const root = rendered(diff, { names: [nasty, "b"], texts: [nasty, "y"] });
    expect(root.querySelector("img")).toBeNull();
    expect(texts(root, ".ja-diff-side .ja-changes")[0]).toBe(nasty);
    expect(rendered(diff, null).textContent).toBe(" → ");
  });
});
