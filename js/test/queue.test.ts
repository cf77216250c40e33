import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { openQueue, type Queue } from "../src/queue";
import { itemAt } from "./fake_kernel";

const NONE: ReadonlySet<string> = new Set();
const items = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => itemAt(from + at));
const progress = (done: number, total = 40) => ({ done, skipped: 0, total });

let queue: Queue;
beforeEach(() => {
  queue = openQueue();
  queue.load({ items: items(0, 5), history: [], progress: progress(0) }, NONE);
});

const shown = (): string | undefined => queue.displayed.value?.item;

describe("queue", () => {
  it("shows the first item, and the next in the moment one is decided", () => {
    expect([shown(), queue.serial.value]).toEqual(["r-0", 1]);
    queue.decide("answered", { mood: "glad" }, "s1");
    expect([shown(), queue.serial.value, queue.progress.value.done]).toEqual(["r-1", 2, 1]);
  });

  it("asks for more than it needs when it has too few, and not after the end", () => {
    expect(queue.wanted(20)).toBe(36);
    queue.refill(items(5, 25), false, NONE);
    expect(queue.wanted(20)).toBe(0);
    queue.refill([], true, NONE);
    for (let at = 0; at < 18; at++) queue.decide("skipped", {}, `s${at}`);
    expect(queue.wanted(20)).toBe(0);
  });

  it("neither doubles an item nor takes one whose decision is on its way", () => {
    queue.decide("answered", {}, "s1");
    queue.refill([itemAt(0), itemAt(2), itemAt(9)], false, new Set(["r-0"]));
    expect(queue.have()).toEqual(["r-1", "r-2", "r-3", "r-4", "r-9"]);
  });

  it("is loading while it is dry, then done, or empty", () => {
    for (let at = 0; at < 5; at++) queue.decide("answered", {}, `s${at}`);
    expect(queue.phase.value).toBe("loading");
    queue.refill([], true, NONE);
    expect(queue.phase.value).toBe("done");
    const empty = openQueue();
    empty.load({ items: [], history: [], progress: progress(0, 0) }, NONE);
    empty.refill([], true, NONE);
    expect(empty.phase.value).toBe("empty");
  });

  it("brings an item back by undo, with the one that was shown next in line", () => {
    queue.decide("answered", { mood: "sad" }, "s1");
    const undone = queue.undo("u1");
    expect(undone?.past.answers).toEqual({ mood: "sad" });
    expect([shown(), queue.progress.value.done, queue.have()[1]]).toEqual(["r-0", 0, "r-1"]);
    expect(queue.past.value).toEqual([]);
    expect(queue.undo("u2")).toBeNull();
  });

  it("counts the same before and after the acknowledgements, in any order", () => {
    queue.decide("answered", {}, "s1");
    queue.decide("skipped", {}, "s2");
    queue.undo("u2");
    expect(queue.progress.value).toMatchObject({ done: 1, skipped: 0 });
    queue.settle(["u2"], progress(0));
    queue.settle(["s1", "s2"], progress(1));
    expect(queue.progress.value).toMatchObject({ done: 1, skipped: 0 });
  });

  it("goes back to a decided item and returns to where the person was", () => {
    queue.decide("answered", { mood: "sad" }, "s1");
    queue.decide("answered", { mood: "glad" }, "s2");
    expect(queue.revisit("r-0")).toBe(true);
    expect([shown(), queue.away.value, queue.displayed.value?.answers]).toEqual(["r-0", true, { mood: "sad" }]);
    queue.decide("answered", { mood: "glad" }, "s3");
    expect([shown(), queue.away.value, queue.progress.value.done]).toEqual(["r-2", false, 2]);
    queue.undo("u3");
    expect([shown(), queue.displayed.value?.answers]).toEqual(["r-0", { mood: "sad" }]);
  });

  it("walks through the past decisions and back", () => {
    for (const id of ["s0", "s1", "s2"]) queue.decide("answered", {}, id);
    expect([queue.neighbour(-1), queue.neighbour(1)]).toEqual(["r-2", null]);
    queue.revisit("r-1");
    expect([queue.neighbour(-1), queue.neighbour(1)]).toEqual(["r-0", "r-2"]);
  });

  it("holds the last fifty decided items", () => {
    queue.refill(items(5, 70), false, NONE);
    for (let at = 0; at < 60; at++) queue.decide("answered", {}, `s${at}`);
    expect([queue.revisit("r-5"), queue.revisit("r-30")]).toEqual([false, true]);
  });

  it("leaves the shown item alone when another tab decides it, unless nobody is there", () => {
    queue.drop(["r-0", "r-2"], false);
    expect([shown(), queue.elsewhere.value, queue.have()]).toEqual(["r-0", true, ["r-0", "r-1", "r-3", "r-4"]]);
    queue.drop(["r-0"], true);
    expect(shown()).toBe("r-1");
  });

  it("wants items that another tab opened again, if it has not got them", () => {
    queue.refill([], true, NONE);
    expect(queue.reopen(["r-0", "r-3"])).toBe(false);
    expect(queue.reopen(["r-17"])).toBe(true);
    expect(queue.wanted(20)).toBeGreaterThan(0);
  });

  it("keeps the end of a team's queue on the screen while it looks for more, and shows what comes", () => {
    const team = { complete: 3, total: 40, overlap: 1, held: 2 };
    for (let at = 0; at < 5; at++) queue.decide("answered", {}, `s${at}`);
    queue.settle([], { ...progress(5), team });
    queue.refill([], true, NONE);
    expect([queue.phase.value, queue.waits(), queue.wanted(20)]).toEqual(["done", true, 0]);
    queue.expectMore();
    expect([queue.phase.value, queue.wanted(20)]).toEqual(["done", 40]);
    queue.refill([], true, NONE);
    expect([queue.phase.value, queue.wanted(20)]).toEqual(["done", 0]);
    queue.expectMore();
    queue.refill([itemAt(9)], true, NONE);
    expect([shown(), queue.wanted(20)]).toEqual(["r-9", 0]);
  });

  it("goes on where there is no team, and where there was no item, as soon as there may be more", () => {
    for (let at = 0; at < 5; at++) queue.decide("answered", {}, `s${at}`);
    queue.refill([], true, NONE);
    expect([queue.phase.value, queue.waits()]).toEqual(["done", false]);
    queue.expectMore();
    expect([queue.phase.value, queue.wanted(20)]).toEqual(["loading", 40]);
    const empty = openQueue();
    const team = { complete: 0, total: 0, overlap: 2, held: 0 };
    empty.load({ items: [], history: [], progress: { ...progress(0, 0), team } }, NONE);
    empty.refill([], true, NONE);
    empty.expectMore();
    expect(empty.phase.value).toBe("loading");
  });

  it("never replaces the shown item by itself, whatever the kernel says in whatever order", () => {
    const word = fc.record({
      kind: fc.constantFrom("items", "end", "more", "news", "done", "reopened", "key", "undo", "back"),
      from: fc.integer({ min: 0, max: 12 }),
    });
    fc.assert(
      fc.property(fc.array(word, { maxLength: 40 }), fc.boolean(), (words, inTeam) => {
        const own = openQueue();
        const team = inTeam ? { complete: 1, total: 40, overlap: 1, held: 3 } : null;
        own.load({ items: items(0, 3), history: [], progress: { ...progress(0), team } }, NONE);
        const acts: Record<string, (from: number, id: string) => unknown> = {
          items: (from) => own.refill(items(from, from + 3), false, NONE),
          end: () => own.refill([], true, NONE),
          more: () => own.expectMore(),
          news: (from) => own.settle([], { ...progress(from), team }),
          done: (from) => own.drop([`r-${from}`], false),
          reopened: (from) => own.reopen([`r-${from}`]),
          key: (_from, id) => own.decide("answered", {}, id),
          undo: (_from, id) => own.undo(id),
          back: () => own.revisit(own.neighbour(-1) ?? ""),
        };
        words.forEach(({ kind, from }, at) => {
          const before = [own.displayed.value?.item, own.serial.value];
          acts[kind]?.(from, `s${at}`);
          const mayMove = !before[0] || /key|undo|back/.test(kind);
          if (!mayMove) expect([own.displayed.value?.item, own.serial.value]).toEqual(before);
          expect(new Set(own.have()).size).toBe(own.have().length);
        });
      }),
    );
  });

  it("forgets a refused decision", () => {
    queue.decide("answered", { mood: "?" }, "s1");
    queue.revert("s1");
    expect([queue.past.value.length, queue.progress.value.done]).toEqual([0, 0]);
    expect(queue.revisit("r-0")).toBe(true);
    expect(queue.displayed.value?.status).toBe("open");
  });

  it("keeps the shown item and the decisions on their way when the state comes again", () => {
    queue.decide("answered", { mood: "sad" }, "s1");
    const entry = {
      item: "r-7",
      number: 8,
      status: "answered",
      flagged: false,
      summary: { mood: "glad" },
      submission: "s0",
    } as const;
    queue.load({ items: items(0, 6), history: [entry], progress: progress(1) }, new Set(["r-0"]));
    expect([shown(), queue.serial.value, queue.have()]).toEqual(["r-1", 2, ["r-1", "r-2", "r-3", "r-4", "r-5"].sort()]);
    expect(queue.past.value.map(({ item }) => item)).toEqual(["r-7", "r-0"]);
  });

  it("takes back a decision of an earlier sitting, whose item has to be fetched", () => {
    const entry = {
      item: "r-7",
      number: 8,
      status: "answered",
      flagged: false,
      summary: { mood: "glad" },
      submission: "s0",
    } as const;
    queue.load({ items: items(0, 5), history: [entry], progress: progress(1) }, NONE);
    const undone = queue.undo("u1");
    expect([undone?.past.submission, undone?.item, queue.progress.value.done]).toEqual(["s0", null, 0]);
  });

  it("marks an item without showing it anew", () => {
    queue.note({ flagged: true });
    expect([queue.displayed.value?.flagged, queue.serial.value]).toEqual([true, 1]);
  });
});

describe("a queue of long texts", () => {
  const long = (at: number) => itemAt(at, { fields: { text: "x".repeat(10_000_000) } });

  it("asks for one after the other, and for no more while two wait", () => {
    const texts = openQueue();
    texts.load({ items: [long(0)], history: [], progress: progress(0) }, NONE);
    expect(texts.wanted(20)).toBe(40);
    texts.refill([long(1)], false, NONE);
    expect(texts.wanted(20)).toBe(39);
    texts.refill([long(2)], false, NONE);
    expect(texts.wanted(20)).toBe(0);
  });

  it("forgets those decided long ago, which the kernel has", () => {
    const texts = openQueue();
    texts.load({ items: Array.from({ length: 9 }, (_, at) => long(at)), history: [], progress: progress(0) }, NONE);
    for (let at = 0; at < 9; at++) texts.decide("answered", {}, `s${at}`);
    const kept = texts.past.value.map(({ before }) => before?.item);
    expect(kept).toEqual([undefined, undefined, undefined, "r-3", "r-4", "r-5", "r-6", "r-7", "r-8"]);
    expect(texts.revisit("r-0")).toBe(false);
    expect(texts.revisit("r-8")).toBe(true);
  });
});
