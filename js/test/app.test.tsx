import { IDBFactory } from "fake-indexeddb";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Item, QuestionSpec, Schema } from "../src/protocol";
import type { MultiChoiceSpec } from "../src/questions/multi_choice";
import factory from "../src/widget";
import { FakeKernel, labels, moodQuestion, moodSchema } from "./fake_kernel";
import { byText, painted, press, stops, stored, text, widget } from "./opened";
import { pause, settle } from "./settle";

const two: Schema = {
  fields: moodSchema.fields,
  questions: [
    moodQuestion,
    {
      kind: "multi_choice",
      name: "topics",
      title: "Topics",
      help: null,
      required: false,
      labels: labels("food", "price"),
      minimum: 0,
      maximum: null,
    } as MultiChoiceSpec,
  ],
};

const suggested = (value: unknown): ((at: number) => Partial<Item>) => {
  return (at) => ({ prelabels: { mood: { id: `b1:${at}`, value, score: 0.9, source: "m" } } });
};

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
  sessionStorage.clear();
});

afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

/** Preact runs effects after the paint; the last one must not find the page gone. */
afterAll(() => pause(200));

describe("a view", () => {
  it("greets, and says nothing else before it is answered", () => {
    const kernel = new FakeKernel();
    kernel.alive = false;
    const module = factory();
    const el = document.createElement("div");
    stops.push(module.initialize({ model: kernel }), module.render({ model: kernel, el }));
    expect(kernel.kinds()).toEqual(["hello"]);
    expect(kernel.sent[0]).toMatchObject({ protocol: 1, pending: [] });
    expect(el.textContent).toContain("Connecting");
  });

  it("shows the next item without any answer of the kernel", async () => {
    const { kernel, root } = await widget();
    kernel.alive = false;
    press(root, "2");
    await painted();
    expect(text(root)).toBe("text 1");
    expect(root.dataset.jaSerial).toBe("2");
    expect(root.dataset.jaStatus).toBe("saving");
  });

  it("sends the answer with its item, its hash and what was on the screen, and is saved after the ack", async () => {
    const { kernel, root } = await widget(new FakeKernel(moodSchema, 40, suggested("glad")));
    kernel.paused = true;
    press(root, "2");
    await vi.waitFor(() => expect(kernel.submits().length).toBe(1));
    const [submit] = kernel.submits();
    expect(submit).toMatchObject({
      action: "answer",
      item: "r-0",
      hash: "h-0",
      answers: { mood: "sad" },
      client_seq: 1,
    });
    expect(submit?.seen).toMatchObject({
      prelabels: { mood: "b1:0" },
      accepted: [],
      dismissed: [],
      label_order: { mood: ["glad", "sad", "mixed"] },
      via: "key",
    });
    expect(submit?.seen.duration_ms).toBeGreaterThan(0);
    expect([root.dataset.jaStatus, root.dataset.jaUnsaved]).toEqual(["saving", "1"]);
    kernel.flush();
    await settle();
    expect([root.dataset.jaStatus, root.dataset.jaUnsaved]).toEqual(["saved", "0"]);
    expect(root.querySelector(".ja-count")?.textContent).toBe("1 / 40");
  });

  it("takes thirty keys in a burst, each for the item that was shown", async () => {
    const { kernel, root } = await widget(new FakeKernel(moodSchema, 60));
    const expected: [string, string][] = [];
    for (let at = 0; at < 30; at++) {
      const shown = text(root);
      const label = (at % 3) + 1;
      press(root, String(label));
      expected.push([`r-${shown.slice(5)}`, ["glad", "sad", "mixed"][label - 1] as string]);
      await painted();
    }
    await stored(kernel, 30);
    const taken = kernel.stored.map((each): [string, unknown] => [
      each.item,
      each.action === "answer" && each.answers.mood,
    ]);
    expect(taken.sort()).toEqual(expected.sort());
    expect(new Set(taken.map(([item]) => item)).size).toBe(30);
  });

  it("does nothing with a key while no item is shown, and goes on when items arrive", async () => {
    const { kernel, root } = await widget(new FakeKernel(moodSchema, 60));
    kernel.paused = true;
    for (let at = 0; at < 50; at++) {
      press(root, "1");
      await painted();
    }
    await settle();
    expect(root.textContent).toContain("Loading the next item");
    kernel.flush();
    await stored(kernel, 41);
    expect(text(root)).toBe("text 41");
  });

  it("ignores a key that is held down", async () => {
    const { kernel, root } = await widget();
    press(root, "1", { repeat: true });
    press(root, " ", { repeat: true });
    press(root, "Enter", { repeat: true });
    await settle();
    expect([text(root), kernel.submits()]).toEqual(["text 0", []]);
  });

  it("ignores the second click of a double click that finds another item", async () => {
    const { kernel, root } = await widget();
    const click = (detail: number): boolean =>
      byText(root, "glad").dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, detail }));
    click(1);
    await painted();
    click(2);
    await settle();
    expect([text(root), kernel.submits().length]).toEqual(["text 1", 1]);
  });

  it("leaves the text and the buttons in the page from item to item, so that there is little to paint", async () => {
    const { root } = await widget();
    const [shown, button] = [root.querySelector(".ja-text"), byText(root, "glad")];
    press(root, "1");
    await painted();
    expect([text(root), root.querySelector(".ja-text"), byText(root, "glad")]).toEqual(["text 1", shown, button]);
    expect(button.getAttribute("aria-pressed")).toBe("false");
  });

  it("begins a long text at its beginning", async () => {
    const long = (at: number): Partial<Item> => ({ fields: { text: `${at} ${"word ".repeat(200)}` } });
    const { root } = await widget(new FakeKernel(moodSchema, 5, long));
    const first = root.querySelector(".ja-text--long");
    press(root, "1");
    await painted();
    expect(root.querySelector(".ja-text--long")).not.toBe(first);
    expect(text(root).slice(0, 6)).toBe("1 word");
  });

  it("takes nothing typed into the search to the next item", async () => {
    const names = Array.from({ length: 14 }, (_, at) => `label ${at}`);
    const { root } = await widget(
      new FakeKernel({ ...moodSchema, questions: [{ ...moodQuestion, labels: labels(...names) }] }),
    );
    const search = (): HTMLInputElement => root.querySelector("input") as HTMLInputElement;
    search().value = "13";
    search().dispatchEvent(new Event("input", { bubbles: true }));
    await settle();
    expect(root.querySelectorAll(".ja-label").length).toBe(1);
    byText(root, "label 13").click();
    await settle();
    expect([text(root), search().value, root.querySelectorAll(".ja-label").length]).toEqual(["text 1", "", 14]);
  });

  it("keeps the focus on the root when a button with the focus goes", async () => {
    const { root } = await widget();
    byText(root, "glad").focus();
    byText(root, "glad").click();
    await settle();
    expect(document.activeElement).toBe(root);
  });

  it("takes back the last decision with z, before and after the ack, and shows what it was", async () => {
    const { kernel, root } = await widget();
    press(root, "2");
    await painted();
    press(root, "z");
    await painted();
    expect(text(root)).toBe("text 0");
    expect(byText(root, "sad").getAttribute("aria-pressed")).toBe("true");
    await stored(kernel, 2);
    expect(kernel.stored.map(({ action }) => action)).toEqual(["answer", "undo"]);
    expect(kernel.stored[1]).toMatchObject({ item: "r-0", target: kernel.stored[0]?.submission });
    press(root, "1");
    await stored(kernel, 3);
    expect([text(root), kernel.standing("r-0")]).toEqual([
      "text 1",
      expect.objectContaining({ answers: { mood: "glad" } }),
    ]);
  });

  it("takes back a decision of an earlier sitting", async () => {
    const kernel = new FakeKernel();
    kernel.commit({ ...blankSubmit("r-0"), submission: "0190-old" });
    kernel.history = [
      { item: "r-0", number: 1, status: "answered", flagged: false, summary: { mood: "sad" }, submission: "0190-old" },
    ];
    const { root } = await widget(kernel);
    expect(text(root)).toBe("text 1");
    press(root, "Backspace");
    await stored(kernel, 2);
    expect(kernel.stored.at(-1)).toMatchObject({ action: "undo", target: "0190-old", item: "r-0" });
    expect(text(root)).toBe("text 0");
    expect(byText(root, "sad").getAttribute("aria-pressed")).toBe("true");
  });

  it("goes back by the history strip, corrects, and returns to where the person was", async () => {
    const { kernel, root } = await widget();
    for (const key of ["1", "2"]) {
      press(root, key);
      await settle();
    }
    (root.querySelectorAll(".ja-chip")[1] as HTMLElement).click();
    await settle();
    expect([text(root), byText(root, "glad").getAttribute("aria-pressed")]).toEqual(["text 0", "true"]);
    expect(kernel.sent.some((each) => each.kind === "open" && each.item === "r-0")).toBe(true);
    press(root, "3");
    await stored(kernel, 3);
    expect([text(root), kernel.standing("r-0")]).toEqual([
      "text 2",
      expect.objectContaining({ answers: { mood: "mixed" } }),
    ]);
    expect(root.querySelector(".ja-count")?.textContent).toBe("2 / 40");
  });

  it("walks back and forth with , and . and sends nothing by Enter where nothing was changed", async () => {
    const { kernel, root } = await widget();
    for (const key of ["1", "2"]) {
      press(root, key);
      await settle();
    }
    const places: string[] = [];
    for (const key of [",", ",", ".", "Enter"]) {
      press(root, key);
      await settle();
      places.push(text(root));
    }
    expect(places).toEqual(["text 1", "text 0", "text 1", "text 2"]);
    expect(kernel.submits().length).toBe(2);
  });

  it("takes back without limit, in one burst, beyond what it knew at first", async () => {
    const kernel = new FakeKernel(moodSchema, 60);
    for (let at = 0; at < 30; at++) kernel.commit({ ...blankSubmit(`r-${at}`), submission: `0190-${100 + at}` });
    kernel.tellHistory = true;
    const { root } = await widget(kernel);
    expect(text(root)).toBe("text 30");
    for (let at = 0; at < 20; at++) {
      press(root, "z");
      await painted();
    }
    press(root, "z");
    await painted();
    expect(root.textContent).not.toContain("There is nothing to take back.");
    await stored(kernel, 50);
    for (let at = 0; at < 10; at++) {
      press(root, "z");
      await settle();
    }
    await stored(kernel, 60);
    expect(kernel.progress().done).toBe(0);
    expect([text(root), root.querySelectorAll(".ja-chip").length]).toEqual(["text 0", 0]);
    press(root, "z");
    await settle();
    expect(root.textContent).toContain("There is nothing to take back.");
  });

  it("leaves no chip of a decision that was taken back at once", async () => {
    const kernel = new FakeKernel();
    kernel.tellHistory = true;
    const { root } = await widget(kernel);
    kernel.paused = true;
    press(root, "1");
    await settle();
    press(root, "z");
    await settle();
    kernel.flush();
    await stored(kernel, 2);
    expect(root.querySelectorAll(".ja-chip").length).toBe(0);
  });

  it("brings back with a skip what was filled in before it", async () => {
    const { root } = await widget(new FakeKernel(two));
    press(root, "2");
    press(root, " ");
    await settle();
    expect(text(root)).toBe("text 1");
    press(root, "z");
    await settle();
    expect([text(root), byText(root, "sad").getAttribute("aria-pressed")]).toEqual(["text 0", "true"]);
  });

  it("obeys its letters on a keyboard of another script", async () => {
    const { kernel, root } = await widget();
    press(root, "1");
    await settle();
    press(root, "\u044f", { code: "KeyZ" });
    await stored(kernel, 2);
    expect(kernel.stored.map(({ action }) => action)).toEqual(["answer", "undo"]);
  });

  it("finds the label that is called so, chooses none for nothing, and keeps what no label has", async () => {
    const names = ["art history", "quart", "art", ...Array.from({ length: 12 }, (_, at) => `label ${at}`)];
    const { kernel, root } = await widget(
      new FakeKernel({ ...moodSchema, questions: [{ ...moodQuestion, labels: labels(...names) }] }),
    );
    const search = (): HTMLInputElement => root.querySelector("input") as HTMLInputElement;
    const find = async (typed: string): Promise<void> => {
      press(root, "/");
      search().value = typed;
      search().dispatchEvent(new Event("input", { bubbles: true }));
      await settle();
      search().dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
      await settle();
    };
    await find("");
    await find("zzz");
    expect([kernel.submits().length, search().value]).toEqual([0, "zzz"]);
    await find("art");
    await stored(kernel, 1);
    expect(kernel.stored[0]).toMatchObject({ answers: { mood: "art" } });
  });

  it("skips, flags and comments", async () => {
    const { kernel, root } = await widget();
    press(root, "f");
    press(root, "c");
    await settle();
    const box = root.querySelector("textarea") as HTMLTextAreaElement;
    expect(document.activeElement).toBe(box);
    box.value = "  hard to say ";
    box.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
    await settle();
    expect(document.activeElement).toBe(root);
    press(root, " ");
    await stored(kernel, 3);
    expect(kernel.stored.map(({ action, item }) => [action, item])).toEqual([
      ["flag", "r-0"],
      ["comment", "r-0"],
      ["skip", "r-0"],
    ]);
    expect(kernel.stored[1]).toMatchObject({ text: "hard to say" });
    expect(text(root)).toBe("text 1");
  });

  it("keeps a comment that is left for a label, and none that is given up or cancelled", async () => {
    const { kernel, root } = await widget();
    const box = (): HTMLTextAreaElement => root.querySelector("textarea") as HTMLTextAreaElement;
    const write = async (words: string): Promise<void> => {
      if (!box()) press(root, "c");
      await settle();
      box().focus();
      box().value = words;
    };
    await write("given up");
    box().dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true, cancelable: true }));
    await settle();
    await write("cancelled");
    byText(root, "Cancel").dispatchEvent(new MouseEvent("mousedown", { bubbles: true, cancelable: true }));
    byText(root, "Cancel").focus();
    byText(root, "Cancel").click();
    await settle();
    await write("half a thought");
    byText(root, "glad").dispatchEvent(new MouseEvent("mousedown", { bubbles: true, cancelable: true }));
    byText(root, "glad").click();
    await stored(kernel, 2);
    expect(kernel.stored.map((each) => [each.action, each.item, each.action === "comment" && each.text])).toEqual([
      ["comment", "r-0", "half a thought"],
      ["answer", "r-0", false],
    ]);
  });

  it("accepts a suggestion by a or Enter and says which, and not once it is dismissed", async () => {
    const { kernel, root } = await widget(new FakeKernel(moodSchema, 40, suggested("sad")));
    press(root, "a");
    await settle();
    press(root, "Enter");
    await settle();
    press(root, "x");
    await settle();
    expect(root.querySelector(".ja-label--suggested")).toBeNull();
    press(root, "a");
    await settle();
    expect(root.textContent).toContain("There is no suggestion to accept.");
    press(root, "1");
    await stored(kernel, 3);
    const seen = kernel
      .submits()
      .map((each) => [each.action === "answer" && each.answers.mood, each.seen.accepted, each.seen.dismissed]);
    expect(seen).toEqual([
      ["sad", ["mood"], []],
      ["sad", ["mood"], []],
      ["glad", [], ["mood"]],
    ]);
  });

  it("with several questions waits for Enter, and asks for what is missing", async () => {
    const { kernel, root } = await widget(new FakeKernel(two));
    press(root, "ArrowDown");
    press(root, "2");
    press(root, "Enter");
    await settle();
    expect(root.textContent).toContain("Answer “Mood” first.");
    expect(kernel.submits()).toEqual([]);
    press(root, "1");
    await settle();
    press(root, "Enter");
    await stored(kernel, 1);
    expect(kernel.stored[0]).toMatchObject({ answers: { mood: "glad", topics: ["price"] } });
  });

  it("takes back and redoes edits of the draft before decisions", async () => {
    const { root } = await widget(new FakeKernel(two));
    press(root, "1");
    press(root, "2");
    press(root, "z");
    await settle();
    expect(byText(root, "glad").getAttribute("aria-pressed")).toBe("true");
    press(root, "Z", { shiftKey: true });
    await settle();
    expect(byText(root, "sad").getAttribute("aria-pressed")).toBe("true");
  });

  it("opens and closes its panels; Esc closes first, then gives the keys back", async () => {
    const { root } = await widget();
    press(root, "?");
    await settle();
    expect(root.textContent).toContain("take back the last edit");
    press(root, "g");
    await settle();
    expect(root.querySelector(".ja-guidelines strong")?.textContent).toBe("all");
    press(root, "w");
    await settle();
    expect(root.classList.contains("ja-root--full")).toBe(true);
    press(root, "Escape");
    press(root, "Escape");
    await settle();
    expect([root.querySelector(".ja-sheet"), root.classList.contains("ja-root--full")]).toEqual([null, false]);
    expect(document.activeElement).toBe(root);
    press(root, "Escape");
    expect(document.activeElement).toBe(document.body);
  });

  it("keeps an unfinished answer over a reload, and forgets it once submitted", async () => {
    const kernel = new FakeKernel(two);
    const first = await widget(kernel);
    press(first.root, "2");
    await settle();
    first.stop();
    const second = await widget(kernel);
    expect(byText(second.root, "sad").getAttribute("aria-pressed")).toBe("true");
    press(second.root, "Enter");
    await stored(kernel, 1);
    expect(kernel.stored[0]).toMatchObject({ item: "r-0", answers: { mood: "sad" } });
    second.stop();
    press((await widget(kernel)).root, "Enter");
    expect(kernel.stored.length).toBe(1);
  });

  it("sends what an older widget left when the cell is run again, and does not show that item", async () => {
    const kernel = new FakeKernel();
    const old = await widget(kernel);
    kernel.alive = false;
    press(old.root, "3");
    await settle();
    old.stop();
    kernel.alive = true;
    const { root } = await widget(kernel);
    expect(text(root)).toBe("text 1");
    await vi.waitFor(() => expect(kernel.standing("r-0")).toMatchObject({ answers: { mood: "mixed" } }), {
      timeout: 6000,
    });
    await settle();
    expect(root.dataset.jaStatus).toBe("saved");
  }, 10_000);

  it("says that a kernel is not answering, stops taking answers, keeps the draft, and recovers", async () => {
    vi.useFakeTimers({
      toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "setImmediate", "Date", "performance"],
    });
    try {
      const kernel = new FakeKernel();
      const opening = widget(kernel);
      for (let at = 0; at < 10; at++) await vi.advanceTimersByTimeAsync(50);
      const { root } = await opening;
      kernel.alive = false;
      press(root, "1");
      await vi.advanceTimersByTimeAsync(2000);
      expect(root.dataset.jaStatus).toBe("waiting");
      expect(root.textContent).toContain("Waiting for the kernel…");
      press(root, "2");
      await vi.advanceTimersByTimeAsync(8000);
      expect([root.dataset.jaStatus, root.dataset.jaUnsaved]).toEqual(["unsaved", "2"]);
      expect(root.textContent).toContain(
        "2 answers not saved: the kernel is not answering. They are kept in this browser. If the kernel was restarted, re-run this cell; if that does not help, reload the page and run it again.",
      );
      press(root, "3");
      await vi.advanceTimersByTimeAsync(100);
      expect([text(root), byText(root, "mixed").getAttribute("aria-pressed")]).toEqual(["text 2", "true"]);
      kernel.alive = true;
      await vi.advanceTimersByTimeAsync(8000);
      expect([root.dataset.jaStatus, kernel.stored.map(({ item }) => item).sort()]).toEqual(["saved", ["r-0", "r-1"]]);
      expect(kernel.kinds()).toContain("sync");
      expect([text(root), byText(root, "mixed").getAttribute("aria-pressed")]).toEqual(["text 2", "true"]);
      press(root, "Enter");
      await vi.advanceTimersByTimeAsync(100);
      expect(kernel.standing("r-2")).toMatchObject({ answers: { mood: "mixed" } });
    } finally {
      for (const stop of stops.splice(0)) stop();
      vi.useRealTimers();
    }
  });

  it("shows a refused answer with its reason until it is discarded", async () => {
    const kernel = new FakeKernel();
    const { root } = await widget(kernel);
    kernel.paused = true;
    press(root, "1");
    await vi.waitFor(() => expect(kernel.submits().length).toBe(1));
    const submission = kernel.submits()[0]?.submission ?? "";
    kernel.emit({
      kind: "nack",
      to: kernel.submits()[0]?.client,
      submission,
      code: "stale_item",
      message: "The text changed.",
      retry: false,
    });
    await settle();
    expect([root.dataset.jaStatus, root.dataset.jaUnsaved]).toEqual(["unsaved", "1"]);
    expect(root.textContent).toContain("Not accepted: The text changed.");
    byText(root, "Show the item").click();
    await settle();
    expect(text(root)).toBe("text 0");
    byText(root, "Discard this answer").click();
    await settle();
    expect([root.dataset.jaStatus, root.textContent?.includes("Not accepted")]).toEqual(["saved", false]);
  });

  it("asks before the page is left while something is unsaved", async () => {
    const { kernel, root } = await widget();
    const leave = (): boolean => window.dispatchEvent(new Event("beforeunload", { cancelable: true }));
    expect(leave()).toBe(true);
    kernel.alive = false;
    press(root, "1");
    expect(leave()).toBe(false);
  });

  it("ends with what was done, and looks for more when asked", async () => {
    const kernel = new FakeKernel(moodSchema, 2);
    const { root } = await widget(kernel);
    press(root, "1");
    await settle();
    press(root, " ");
    await stored(kernel, 2);
    expect(root.textContent).toContain("All done");
    expect(root.textContent).toContain("1 answered, 1 skipped.");
    const asked = kernel.kinds().filter((kind) => kind === "need").length;
    byText(root, "Look for more items").click();
    expect(kernel.kinds().filter((kind) => kind === "need").length).toBe(asked + 1);
    press(root, "1");
    expect(kernel.submits().length).toBe(2);
  });

  it("says so when there is no item at all", async () => {
    const kernel = new FakeKernel(moodSchema, 0);
    const { root } = await widget(kernel);
    await vi.waitFor(() => expect(root.textContent).toContain("There are no items yet"));
  });

  it("shows the same item in two views of one model, and drops what another tab did", async () => {
    const { kernel, root, render } = await widget();
    const other = document.createElement("div");
    document.body.append(other);
    stops.push(render(other));
    await settle();
    press(root, "1");
    await settle();
    expect([text(root), text(other)]).toEqual(["text 1", "text 1"]);
    kernel.commit({ ...blankSubmit("r-3"), submission: "elsewhere" });
    for (const _ of [1, 2]) {
      press(root, "1");
      await settle();
    }
    expect(text(root)).toBe("text 4");
    other.remove();
  });

  it("is dark where JupyterLab is, and follows it", async () => {
    const { root } = await widget();
    document.body.setAttribute("data-jp-theme-light", "false");
    await settle();
    expect(root.dataset.jaTheme).toBe("dark");
    document.body.setAttribute("data-jp-theme-light", "true");
    await settle();
    expect(root.dataset.jaTheme).toBe("light");
    document.body.removeAttribute("data-jp-theme-light");
  });

  it("puts item texts, label names, notices and guidelines into text nodes only", async () => {
    const nasty = '<img src=x onerror="globalThis.hit=1">';
    const question: QuestionSpec = {
      ...moodQuestion,
      title: nasty,
      help: nasty,
      labels: [{ name: nasty, key: "1", color: nasty, help: nasty }],
    };
    const kernel = new FakeKernel({ fields: moodSchema.fields, questions: [question] }, 5, () => ({
      fields: { text: nasty },
      comment: nasty,
    }));
    const { root } = await widget(kernel);
    press(root, "?");
    press(root, "1");
    await settle();
    expect(root.querySelector("img")).toBeNull();
    expect(text(root)).toBe(nasty);
  });

  it("removes every listener, timer and node when it goes", async () => {
    const added = vi.spyOn(window, "addEventListener");
    const removed = vi.spyOn(window, "removeEventListener");
    const { kernel, el, stop } = await widget();
    stop();
    stop();
    expect(el.childNodes.length).toBe(0);
    expect(kernel.listeners["msg:custom"]).toEqual([]);
    const names = (spy: typeof added | typeof removed): string[] => spy.mock.calls.map(([name]) => String(name)).sort();
    expect(names(removed)).toEqual(names(added));
    const sent = kernel.sent.length;
    await pause(1300);
    expect(kernel.sent.length).toBe(sent);
  });

  it("goes when the host's signal says so", () => {
    const kernel = new FakeKernel();
    const [el, abort, module] = [document.createElement("div"), new AbortController(), factory()];
    module.initialize({ model: kernel, signal: abort.signal });
    module.render({ model: kernel, el, signal: abort.signal });
    abort.abort();
    expect([el.childNodes.length, kernel.listeners["msg:custom"]]).toEqual([0, []]);
  });

  it("says so where the browser refuses its database", async () => {
    Reflect.deleteProperty(globalThis, "indexedDB");
    const { kernel, root } = await widget();
    expect(root.textContent).toContain("only as long as this tab is open");
    press(root, "1");
    await stored(kernel, 1);
    expect([root.dataset.jaStatus, kernel.stored.length]).toEqual(["saved", 1]);
  });
});

function blankSubmit(item: string) {
  const seen = {
    shown_ms: 0,
    decided_ms: 0,
    duration_ms: 0,
    prelabels: {},
    dismissed: [],
    accepted: [],
    label_order: {},
    via: "key" as const,
  };
  return {
    kind: "submit" as const,
    client: "other",
    client_seq: 1,
    item,
    hash: "h",
    action: "answer" as const,
    answers: { mood: "sad" },
    seen,
  };
}

describe("copying the answers to the item before", () => {
  it("fills them in with Shift and c, one undo each, and says where there are none", async () => {
    const { kernel, root } = await widget(new FakeKernel(two));
    press(root, "C", { shiftKey: true });
    await painted();
    expect(root.textContent).toContain("no answer before this one");
    press(root, "2");
    press(root, "PageDown");
    press(root, "1");
    press(root, "Enter");
    await stored(kernel, 1);
    press(root, "C", { shiftKey: true });
    press(root, "Enter");
    await stored(kernel, 2);
    const [first, second] = kernel.stored.map((submit) => (submit.action === "answer" ? submit.answers : null));
    expect(second).toEqual(first);
    expect(Object.keys(second ?? {})).toEqual(["mood", "topics"]);
  });
});

describe("keys that a person set", () => {
  it("do what they stand for, are shown, and free what they replace", async () => {
    const kernel = new FakeKernel();
    kernel.keys = { " ": "k" };
    const { root } = await widget(kernel);
    expect(byText(root, "Skip").textContent).toBe("Skipk");
    press(root, " ");
    press(root, "k");
    await stored(kernel, 1);
    expect(kernel.stored.map(({ action }) => action)).toEqual(["skip"]);
  });
});

describe("another page of the same person", () => {
  it("may send what this one could not; it counts once", async () => {
    const kernel = new FakeKernel();
    const { root } = await widget(kernel);
    kernel.alive = false;
    press(root, "1");
    await vi.waitFor(() => expect(kernel.submits().length).toBe(1));
    const other = new FakeKernel();
    await widget(other);
    await stored(other, 1);
    await vi.waitFor(() => expect(root.dataset.jaUnsaved).toBe("0"));
    kernel.alive = true;
    kernel.stored.push(...other.stored);
    kernel.emit({ kind: "ack", submissions: [], progress: kernel.progress(), done: ["r-0"], reopened: [] });
    await vi.waitFor(() => expect(root.dataset.jaStatus).toBe("saved"));
    await pause(200);
    expect(root.querySelector(".ja-count")?.textContent).toBe("1 / 40");
  });
});
