import { signal } from "@preact/signals-core";
import { describe, expect, it, vi } from "vitest";
import { choice } from "../../src/questions/choice";
import { labels, moodQuestion } from "../fake_kernel";
import { button, key, mountPanel } from "./panel";

describe("choice", () => {
  it("shows every label as a button with its key", () => {
    const { root } = mountPanel(choice, moodQuestion);
    const shown = [...root.querySelectorAll("button")].map((each) => each.textContent);
    expect(shown).toEqual(["1glad", "2sad", "3mixed"]);
  });

  it("answers with the label of a key or of a click, and activates the question", () => {
    const { root, draft, handler, activate } = mountPanel(choice, moodQuestion);
    expect(handler().handle(key("2"))).toBe(true);
    expect(draft.value.value).toBe("sad");
    button(root, "glad").click();
    expect(draft.value.value).toBe("glad");
    expect(activate).toHaveBeenCalledTimes(2);
  });

  it("takes a key that is held down once", () => {
    const { draft, handler } = mountPanel(choice, moodQuestion);
    expect(handler().handle(key("1", { repeat: true }))).toBe(true);
    expect(draft.value.value).toBeNull();
  });

  it("leaves keys alone that no label has", () => {
    const { handler } = mountPanel(choice, moodQuestion);
    for (const name of ["9", "q", "Enter"]) expect([name, handler().handle(key(name))]).toEqual([name, false]);
  });

  it("marks a suggestion as one, with its score, until something is answered", async () => {
    const suggestion = { id: "b:0", value: "sad", score: 0.934, source: "m" };
    const { root, draft, painted } = mountPanel(choice, moodQuestion, { suggestion });
    expect(button(root, "sad").className).toContain("ja-label--suggested");
    expect(button(root, "sad").textContent).toContain("suggested 93 %");
    expect(button(root, "sad").getAttribute("aria-pressed")).toBe("false");
    draft.value.value = "glad";
    await painted();
    expect(root.querySelector(".ja-label--suggested")).toBeNull();
    expect(button(root, "glad").getAttribute("aria-pressed")).toBe("true");
  });

  it("searches where there are many labels: / goes there, Enter takes the first that fits", async () => {
    const many = { ...moodQuestion, labels: labels(...Array.from({ length: 30 }, (_, at) => `label ${at}`)) };
    const { root, draft, handler, painted } = mountPanel(choice, many);
    expect(handler().handle(key("/"))).toBe(true);
    const search = root.querySelector("input") as HTMLInputElement;
    expect(document.activeElement).toBe(search);
    search.value = "LABEL 27";
    search.dispatchEvent(new Event("input", { bubbles: true }));
    await painted();
    expect(root.querySelectorAll(".ja-label").length).toBe(1);
    search.dispatchEvent(key("Enter"));
    expect(draft.value.value).toBe("label 27");
  });

  it("puts names of labels into text only", () => {
    const nasty = '<img src=x onerror="globalThis.hit=1">';
    const { root } = mountPanel(choice, {
      ...moodQuestion,
      labels: [{ name: nasty, key: "1", color: "red;x", help: nasty }],
    });
    expect(root.querySelector("img")).toBeNull();
    expect(root.querySelector(".ja-label-name")?.textContent).toBe(nasty);
    expect(root.innerHTML).not.toContain("red;x");
  });

  it("is the decision on the item only where it is the only question", () => {
    expect([choice.submitsAtOnce(moodQuestion, true), choice.submitsAtOnce(moodQuestion, false)]).toEqual([
      true,
      false,
    ]);
    expect([
      choice.complete(moodQuestion, "glad"),
      choice.complete(moodQuestion, "nonsense"),
      choice.complete(moodQuestion, null),
    ]).toEqual([true, false, false]);
    expect([choice.initial(moodQuestion), choice.summary(moodQuestion, "sad")]).toEqual([null, "sad"]);
    expect(choice.legend(moodQuestion)[1]).toEqual({ keys: ["2"], text: "sad" });
  });

  it("gives its keys back when it goes", () => {
    const unregister = vi.fn();
    const { unmount } = mountPanel(choice, moodQuestion, { register: () => unregister, active: signal(false) });
    unmount();
    expect(unregister).toHaveBeenCalledTimes(1);
  });
});
