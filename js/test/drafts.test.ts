import { IDBFactory } from "fake-indexeddb";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { type Drafts, openDrafts, openSheet } from "../src/drafts";
import { gather, standingSuggestion } from "../src/gather";
import { QUESTIONS } from "../src/questions";
import { openStore, type Store, shelfStore } from "../src/store";
import { itemAt, moodQuestion } from "./fake_kernel";

const nothing = (): void => undefined;

const reopened = (store: Store): Promise<Drafts> => openDrafts(store, "desk");

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
});

describe("a draft", () => {
  it("is taken back and done again edit by edit, over all questions", () => {
    const sheet = openSheet(itemAt(0), {}, undefined, nothing);
    sheet.draft("mood").set("glad");
    sheet.draft("topics").set(["a"]);
    sheet.dismiss("mood");
    const now = () => [
      sheet.draft("mood").value.value,
      sheet.draft("topics").value.value,
      sheet.draft("mood").dismissed.value,
    ];
    expect([sheet.undo(), now()]).toEqual([true, ["glad", ["a"], false]]);
    expect([sheet.undo(), now()]).toEqual([true, ["glad", null, false]]);
    expect([sheet.redo(), sheet.redo(), sheet.redo(), now()]).toEqual([true, true, false, ["glad", ["a"], true]]);
    sheet.undo();
    sheet.draft("mood").set("sad");
    expect(sheet.redo()).toBe(false);
  });

  it("starts from what stands, and is untouched until it is edited", () => {
    const sheet = openSheet(itemAt(0), { mood: "sad" }, undefined, nothing);
    expect([sheet.draft("mood").value.value, sheet.touched(), sheet.undo()]).toEqual(["sad", false, false]);
    sheet.draft("mood").set("glad");
    expect(sheet.touched()).toBe(true);
  });

  it("tells of answers, not of what is taken back", () => {
    const answered = vi.fn();
    const sheet = openSheet(itemAt(0), {}, undefined, nothing, answered);
    sheet.draft("mood").set("glad");
    sheet.draft("mood").set(null);
    sheet.undo();
    expect(answered.mock.calls).toEqual([["mood"]]);
  });

  it("comes back on the next page, only for the same content, until it is forgotten", async () => {
    const store = await openStore();
    const drafts = await reopened(store);
    drafts.open(itemAt(0), {}, nothing).draft("mood").set("glad");
    await Promise.resolve();
    const value = async (hash: string): Promise<unknown> => {
      const again = await reopened(store);
      return again.open(itemAt(0, { hash }), {}, nothing).draft("mood").value.value;
    };
    expect([await value("h-0"), await value("another")]).toEqual(["glad", null]);
    drafts.forget("r-0");
    expect(await value("h-0")).toBeNull();
  });

  it("that is submitted at once never reaches the browser's disk", async () => {
    const store = await openStore();
    const put = vi.spyOn(store, "put");
    const drafts = await reopened(store);
    drafts
      .open(itemAt(0), {}, () => drafts.forget("r-0"))
      .draft("mood")
      .set("glad");
    await Promise.resolve();
    expect([put.mock.calls, await store.all("sketches", "desk")]).toEqual([[], []]);
  });

  it("never takes what the item shows to the browser's disk", async () => {
    const store = await openStore();
    const drafts = await reopened(store);
    drafts
      .open(itemAt(0, { fields: { text: "secret words" } }), {}, nothing)
      .draft("mood")
      .set("glad");
    await Promise.resolve();
    const kept = await store.all("sketches", "desk");
    expect(kept.length).toBe(1);
    expect(JSON.stringify(kept)).not.toContain("secret");
  });

  it("nobody came back to for a month is gone", async () => {
    const store = await openStore();
    const old = {
      key: "desk\nr-0",
      desk: "desk",
      item: "r-0",
      hash: "h-0",
      values: { mood: "sad" },
      dismissed: [],
      at: Date.now() - 31 * 864e5,
    };
    await store.put("sketches", old);
    await reopened(store);
    expect(await store.all("sketches", "desk")).toEqual([]);
  });
});

describe("an answer", () => {
  const item = itemAt(0, { prelabels: { mood: { id: "b:0", value: "sad", score: null, source: "m" } } });

  it("is the draft, else the standing suggestion, which then is named", () => {
    const sheet = openSheet(item, {}, undefined, nothing);
    expect(gather([moodQuestion], item, sheet, QUESTIONS)).toEqual({
      answers: { mood: "sad" },
      accepted: ["mood"],
      missing: null,
    });
    sheet.draft("mood").set("glad");
    expect(standingSuggestion("mood", item, sheet)).toBeNull();
    expect(gather([moodQuestion], item, sheet, QUESTIONS)).toEqual({
      answers: { mood: "glad" },
      accepted: [],
      missing: null,
    });
  });

  it("is missing where a required question has neither, and left out where it is optional", () => {
    const sheet = openSheet(item, {}, undefined, nothing);
    sheet.dismiss("mood");
    expect(gather([moodQuestion], item, sheet, QUESTIONS).missing).toBe(moodQuestion);
    expect(gather([{ ...moodQuestion, required: false }], item, sheet, QUESTIONS)).toEqual({
      answers: {},
      accepted: [],
      missing: null,
    });
  });
});

describe("the store of a browser without a database", () => {
  it("lasts as long as the tab", async () => {
    Reflect.deleteProperty(globalThis, "indexedDB");
    sessionStorage.clear();
    const store = await openStore();
    expect(store.medium).toBe("tab");
    const sketch = { key: "k", desk: "desk", item: "r", hash: "h", values: {}, dismissed: [], at: 0 };
    await store.put("sketches", sketch);
    expect([await store.all("sketches", "desk"), await store.all("sketches", "other")]).toEqual([[sketch], []]);
    expect(await (await openStore()).all("sketches", "desk")).toEqual([sketch]);
    await store.drop("sketches", ["k"]);
    expect(await store.all("sketches", "desk")).toEqual([]);
  });

  it("is memory where even that is refused", async () => {
    Reflect.deleteProperty(globalThis, "indexedDB");
    vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
      throw new DOMException("no", "SecurityError");
    });
    expect((await openStore()).medium).toBe("memory");
    expect(shelfStore(sessionStorage, "tab").medium).toBe("tab");
  });
});
