import { IDBFactory } from "fake-indexeddb";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Item, QuestionSpec, Schema } from "../src/protocol";
import { FakeKernel, labels, moodQuestion, moodSchema } from "./fake_kernel";
import { byText, type Opened, painted, press, stops, stored, widget } from "./opened";
import { pause, settle } from "./settle";

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
  sessionStorage.clear();
});

afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

afterAll(() => pause(200));

const topics = {
  kind: "multi_choice",
  name: "topics",
  title: "Topics",
  help: null,
  required: false,
  labels: labels("food", "price"),
  minimum: 0,
  maximum: null,
} as QuestionSpec;

async function several(
  more: { bulk?: number; total?: number; schema?: Schema; item?: (at: number) => Partial<Item> } = {},
): Promise<Opened> {
  const kernel = new FakeKernel(more.schema ?? moodSchema, more.total ?? 40, more.item);
  kernel.bulk = more.bulk ?? 6;
  const opened = await widget(kernel);
  press(opened.root, "B", { shiftKey: true });
  await settle();
  return opened;
}

const cards = (root: Element): HTMLElement[] => [...root.querySelectorAll<HTMLElement>(".ja-card")];
const words = (root: Element): string[] => cards(root).map((each) => each.querySelector(".ja-text")?.textContent ?? "");
const chosen = (root: Element): number[] =>
  cards(root).flatMap((each, at) => (each.matches(".ja-card--chosen") ? [at] : []));
const answers = (root: Element): string[] =>
  cards(root).map((each) => each.querySelector(".ja-card-answer")?.textContent ?? "");
const here = (root: Element): number => cards(root).findIndex((each) => each.matches(".ja-card--here"));
const items = (kernel: FakeKernel): [string, unknown][] =>
  kernel.stored.map((each) => [each.item, "answers" in each ? each.answers : each.action]);

describe("several items at once", () => {
  it("are as many as the kernel says, in the order of the queue", async () => {
    const { root } = await several();
    expect(words(root)).toEqual([0, 1, 2, 3, 4, 5].map((at) => `text ${at}`));
    expect(root.querySelector(".ja-content")).toBeNull();
  });

  it("are not offered where the kernel does not say so", async () => {
    const { root } = await widget();
    expect(root.querySelector('[aria-label="Several items at once"]')).toBeNull();
    press(root, "B", { shiftKey: true });
    await settle();
    expect(cards(root)).toEqual([]);
  });

  it("begin so where the person asked for it", async () => {
    const kernel = new FakeKernel();
    kernel.bulk = 5;
    kernel.together = true;
    const { root } = await widget(kernel);
    expect(cards(root).length).toBe(5);
  });

  it("get one answer by one key, each as an event of its own that says so", async () => {
    const { kernel, root } = await several();
    press(root, " ");
    press(root, "ArrowRight", { shiftKey: true });
    cards(root)[4]?.click();
    await painted();
    expect(chosen(root)).toEqual([0, 1, 4]);
    press(root, "2");
    await stored(kernel, 3);
    expect(items(kernel)).toEqual(["r-0", "r-1", "r-4"].map((item) => [item, { mood: "sad" }]));
    const acts = kernel.stored.map(({ seen }) => seen.together);
    expect(new Set(acts.map((each) => each?.id)).size).toBe(1);
    expect(acts.map((each) => each?.items)).toEqual([3, 3, 3]);
    expect(answers(root)).toEqual(["sad", "sad", "", "", "sad", ""]);
    expect(chosen(root)).toEqual([]);
    expect(here(root)).toBe(5);
  });

  it("without a choice the card with the frame is meant", async () => {
    const { kernel, root } = await several();
    for (const key of ["1", "2", "3"]) {
      press(root, key);
      await painted();
    }
    await stored(kernel, 3);
    expect(items(kernel).map(([item]) => item)).toEqual(["r-0", "r-1", "r-2"]);
    expect(answers(root)).toEqual(["glad", "sad", "mixed", "", "", ""]);
  });

  it("are all chosen and none by ⇧A, those only that wait", async () => {
    const { kernel, root } = await several();
    press(root, "1");
    press(root, "A", { shiftKey: true });
    await painted();
    expect(chosen(root)).toEqual([1, 2, 3, 4, 5]);
    press(root, "A", { shiftKey: true });
    await painted();
    expect(chosen(root)).toEqual([]);
    press(root, "A", { shiftKey: true });
    press(root, "Escape");
    await painted();
    expect(chosen(root)).toEqual([]);
    expect(document.activeElement).toBe(root);
    await stored(kernel, 1);
  });

  it("one press takes the whole act back, and they are chosen again", async () => {
    const { kernel, root } = await several();
    press(root, "1");
    await painted();
    press(root, "A", { shiftKey: true });
    press(root, "2");
    await stored(kernel, 6);
    press(root, "z");
    await stored(kernel, 11);
    expect(kernel.progress()).toMatchObject({ done: 1 });
    expect(chosen(root)).toEqual([1, 2, 3, 4, 5]);
    press(root, "3");
    await stored(kernel, 16);
    expect(answers(root)).toEqual(["glad", ...Array(5).fill("mixed")]);
    press(root, "z");
    press(root, "z");
    await stored(kernel, 22);
    expect(kernel.progress()).toMatchObject({ done: 0 });
    press(root, "z");
    await settle();
    expect(root.textContent).toContain("Nothing was done to several items here");
  });

  it("another answer takes the place of the one before", async () => {
    const { kernel, root } = await several();
    press(root, "1");
    await stored(kernel, 1);
    cards(root)[0]?.click();
    press(root, "2");
    await stored(kernel, 2);
    expect(answers(root)[0]).toBe("sad");
    expect(kernel.progress()).toMatchObject({ done: 1 });
    expect(root.querySelector(".ja-count")?.textContent).toContain("1 / 40");
  });

  it("Enter turns the page once nothing waits; before, it says how many do", async () => {
    const { kernel, root } = await several({ total: 8 });
    press(root, "1");
    press(root, "Enter");
    await settle();
    expect(root.textContent).toContain("5 of 6 wait");
    press(root, "A", { shiftKey: true });
    press(root, "1");
    await stored(kernel, 6);
    press(root, "Enter");
    await settle();
    expect(words(root)).toEqual(["text 6", "text 7"]);
    press(root, "A", { shiftKey: true });
    press(root, "1");
    await stored(kernel, 8);
    press(root, "Enter");
    await settle();
    expect(root.textContent).toContain("All done");
  });

  it("those that wait come later with a full stop", async () => {
    const { kernel, root } = await several({ total: 8 });
    press(root, "1");
    await stored(kernel, 1);
    press(root, ".");
    await settle();
    expect(words(root)).toEqual([6, 7, 1, 2, 3, 4].map((at) => `text ${at}`));
  });

  it("suggestions are shown on the cards and taken by a, each its own", async () => {
    const value = (at: number): string => (at % 2 ? "sad" : "glad");
    const { kernel, root } = await several({
      item: (at) =>
        at === 2 ? {} : { prelabels: { mood: { id: `b:${at}`, value: value(at), score: 0.9, source: "m" } } },
    });
    expect(answers(root)).toEqual([
      "suggested glad",
      "suggested sad",
      "",
      ...["sad", "glad", "sad"].map((e) => `suggested ${e}`),
    ]);
    press(root, "A", { shiftKey: true });
    press(root, "a");
    await stored(kernel, 5);
    expect(items(kernel)).toEqual([0, 1, 3, 4, 5].map((at) => [`r-${at}`, { mood: value(at) }]));
    expect(kernel.stored[0]?.seen).toMatchObject({ accepted: ["mood"], prelabels: { mood: "b:0" } });
    press(root, "a");
    await settle();
    expect(root.textContent).toContain("There is no suggestion to accept");
  });

  it("one form with several questions is filled in for all of them", async () => {
    const { kernel, root } = await several({ schema: { ...moodSchema, questions: [moodQuestion, topics] } });
    press(root, " ");
    press(root, "ArrowRight", { shiftKey: true });
    press(root, "Enter");
    await settle();
    expect(root.textContent).toContain("Answer “Mood” first.");
    press(root, "1");
    press(root, "PageDown");
    await settle();
    press(root, "2");
    byText(root, "Submit").click();
    await stored(kernel, 2);
    expect(items(kernel)).toEqual(["r-0", "r-1"].map((item) => [item, { mood: "glad", topics: ["price"] }]));
  });

  it("skips, and skipped is not answered", async () => {
    const { kernel, root } = await several();
    press(root, "s");
    await stored(kernel, 1);
    expect(kernel.progress()).toMatchObject({ done: 0, skipped: 1 });
    expect(answers(root)[0]).toBe("skipped");
  });

  it("goes back to one item at a time, to the one the keys were at", async () => {
    const { kernel, root } = await several();
    press(root, "1");
    press(root, "ArrowRight");
    press(root, "B", { shiftKey: true });
    await settle();
    expect(root.querySelector(".ja-text")?.textContent).toBe("text 2");
    press(root, "1");
    await stored(kernel, 2);
    await settle();
    expect(root.querySelector(".ja-text")?.textContent).toBe("text 1");
  });

  it("a refused answer waits again", async () => {
    const { kernel, root } = await several();
    kernel.alive = false;
    press(root, "1");
    await vi.waitFor(() => expect(kernel.submits().length).toBe(1));
    const { submission } = kernel.submits()[0] as { submission: string };
    kernel.emit({ kind: "nack", submission, code: "bad_answer", message: "No.", retry: false });
    await settle();
    expect(answers(root)[0]).toBe("");
  });

  it("keys of one item do nothing here, and the legend says which do", async () => {
    const { kernel, root } = await several();
    for (const key of ["f", "c", "x", ","]) press(root, key);
    press(root, "?");
    await settle();
    expect(kernel.stored).toEqual([]);
    expect(root.querySelector(".ja-comment")).toBeNull();
    expect(root.querySelector('[aria-label="Several items at once"].ja-legend-part')?.textContent).toContain("⇧A");
  });
});
