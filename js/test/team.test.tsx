import { IDBFactory } from "fake-indexeddb";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { TeamProgress } from "../src/protocol";
import { FakeKernel, itemAt, moodSchema } from "./fake_kernel";
import { byText, press, stops, stored, text, widget } from "./opened";
import { pause, settle } from "./settle";

const TEAM: TeamProgress = { complete: 340, total: 2000, overlap: 2, held: 3 };

function inTeam(total = 40, team: Partial<TeamProgress> = {}): FakeKernel {
  return Object.assign(new FakeKernel(moodSchema, total), { team: { ...TEAM, ...team } });
}

const count = (root: Element): string => root.querySelector(".ja-count")?.textContent ?? "";
const saving = (root: Element): string => root.querySelector(".ja-saving")?.textContent ?? "";
const needs = (kernel: FakeKernel): number => kernel.kinds().filter((kind) => kind === "need").length;

async function answerAll(kernel: FakeKernel, root: Element, n: number): Promise<void> {
  for (let at = 0; at < n; at++) {
    press(root, "1");
    await settle();
  }
  await stored(kernel, n);
}

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
  sessionStorage.clear();
});

afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

afterAll(() => pause(200));

describe("a store that cannot be reached", () => {
  const away = async () => {
    const kernel = Object.assign(inTeam(), { away: true });
    const opened = await widget(kernel);
    for (const key of ["1", "2", "3"]) {
      press(opened.root, key);
      await settle();
    }
    await vi.waitFor(() => expect(opened.root.dataset.jaStatus).toBe("kept"), { timeout: 4000 });
    await settle();
    return opened;
  };

  it("is told in words and calmly, to those who listen too, and stops nobody", async () => {
    const { kernel, root } = await away();
    expect([saving(root), root.dataset.jaUnsaved]).toEqual(["Saved on this computer only", "0"]);
    expect(root.textContent).toContain(
      "The team’s store cannot be reached. 3 answers are on this computer and follow by themselves.",
    );
    expect(root.querySelector("[role=alert]")?.textContent).toBe("");
    await vi.waitFor(
      () => expect(root.querySelector("[aria-live]")?.textContent).toContain("Saved on this computer only."),
      { timeout: 4000 },
    );
    expect(window.dispatchEvent(new Event("beforeunload", { cancelable: true }))).toBe(true);
    press(root, "1");
    await settle();
    expect([text(root), count(root)]).toEqual(["text 4", "4 yours · 340 / 2,000"]);
    await vi.waitFor(() => expect(kernel.spool.length).toBe(4), { timeout: 4000 });
  });

  it("has everything once it is back, and only then is it saved", async () => {
    const { kernel, root } = await away();
    const told: string[] = [];
    const watch = new MutationObserver(() => told.push(`${root.dataset.jaStatus} ${kernel.stored.length}`));
    watch.observe(root, { attributes: true });
    kernel.away = false;
    await vi.waitFor(() => expect(root.dataset.jaStatus).toBe("saved"), { timeout: 15_000 });
    watch.disconnect();
    expect(kernel.stored.map(({ item }) => item)).toEqual(["r-0", "r-1", "r-2"]);
    expect(told.filter((each) => each.startsWith("saved") && each !== "saved 3")).toEqual([]);
    expect(root.textContent).not.toContain("cannot be reached");
  }, 20_000);

  it("does not hide what not even this computer has", async () => {
    const { kernel, root } = await away();
    kernel.paused = true;
    press(root, "1");
    await settle();
    expect([saving(root), root.dataset.jaUnsaved]).toEqual(["Saving", "1"]);
    expect(root.textContent).toContain("3 answers are on this computer");
    expect(window.dispatchEvent(new Event("beforeunload", { cancelable: true }))).toBe(false);
  });

  it("lets a decision be taken back", async () => {
    const { kernel, root } = await away();
    press(root, "z");
    await settle();
    expect([text(root), byText(root, "mixed").getAttribute("aria-pressed")]).toEqual(["text 2", "true"]);
    await vi.waitFor(() => expect(kernel.spool.at(-1)).toMatchObject({ action: "undo", item: "r-2" }));
  });

  it("is not the same as a disk that is full, which is told as it is until it is over", async () => {
    const { kernel, root } = await widget();
    kernel.paused = true;
    press(root, "1");
    await vi.waitFor(() => expect(kernel.submits().length).toBe(1));
    const submission = kernel.submits()[0]?.submission ?? "";
    kernel.emit({ kind: "nack", submission, code: "storage", message: "The disk is full.", retry: true });
    await settle();
    expect([root.dataset.jaStatus, root.dataset.jaUnsaved]).toEqual(["saving", "1"]);
    expect(root.textContent).toContain("The disk is full.");
    kernel.flush();
    await settle();
    expect([root.dataset.jaStatus, root.textContent?.includes("The disk is full.")]).toEqual(["saved", false]);
  });
});

describe("the progress of a team", () => {
  it("stands beside the own count, which grows at once", async () => {
    const { kernel, root } = await widget(inTeam());
    expect(count(root)).toBe("0 yours · 340 / 2,000");
    kernel.paused = true;
    press(root, "1");
    press(root, " ");
    await settle();
    expect(count(root)).toBe("1 yours · 340 / 2,000");
    const bar = root.querySelector("[role=progressbar]");
    const words = "1 answered, 1 skipped by you; 340 of 2,000 items have their 2 answers";
    expect([bar?.getAttribute("aria-valuenow"), bar?.getAttribute("aria-valuemax")]).toEqual(["340", "2000"]);
    expect([bar?.getAttribute("aria-valuetext"), bar?.getAttribute("aria-label")]).toEqual([
      words,
      "Progress of the team",
    ]);
    expect((root.querySelector(".ja-count") as HTMLElement).title).toBe(words);
  });

  it("follows what others do", async () => {
    const { kernel, root } = await widget(inTeam());
    kernel.team = { ...TEAM, complete: 341, overlap: 1 };
    kernel.news(false);
    await settle();
    expect(count(root)).toBe("0 yours · 341 / 2,000");
    expect(root.querySelector("[role=progressbar]")?.getAttribute("aria-valuetext")).toContain("have an answer");
  });
});

describe("the end of a team's queue", () => {
  it.each([
    [{ held: 5 }, "Nothing for you right now", "Others hold 5 items. Some may come free: this page looks by itself."],
    [{ held: 1 }, "Nothing for you right now", "Others hold 1 item."],
    [{ held: 0 }, "Your part is done", "1,660 items still need answers of others."],
    [{ held: 0, complete: 2000 }, "All done", "1 answered, 0 skipped."],
  ])("with %o says why", async (team, title, words) => {
    const kernel = inTeam(1, team);
    const { root } = await widget(kernel);
    await answerAll(kernel, root, 1);
    expect(root.querySelector(".ja-blank-title")?.textContent).toBe(title);
    expect(root.textContent).toContain(words);
    await vi.waitFor(() => expect(root.querySelector("[aria-live]")?.textContent).toContain(`${title}.`), {
      timeout: 4000,
    });
  });

  it("stays on the screen while it is looked for more, and gives way to what comes, without a key", async () => {
    const kernel = inTeam(4);
    kernel.leased.add("r-2").add("r-3");
    const { root } = await widget(kernel);
    await answerAll(kernel, root, 2);
    expect(root.textContent).toContain("Nothing for you right now");
    const before = needs(kernel);
    kernel.paused = true;
    kernel.leased.clear();
    kernel.news();
    await settle();
    expect([needs(kernel), root.textContent?.includes("Nothing for you right now")]).toEqual([before + 1, true]);
    kernel.flush();
    await settle();
    expect(text(root)).toBe("text 2");
  });

  it("is looked at now and then without any news, for a lease that nobody ends", async () => {
    vi.useFakeTimers({
      toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "setImmediate", "Date", "performance"],
    });
    try {
      const kernel = inTeam(2);
      kernel.leased.add("r-1");
      const opening = widget(kernel);
      for (let at = 0; at < 10; at++) await vi.advanceTimersByTimeAsync(50);
      const { root } = await opening;
      press(root, "1");
      await vi.advanceTimersByTimeAsync(1000);
      expect(root.textContent).toContain("Nothing for you right now");
      kernel.leased.clear();
      const hidden = vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");
      await vi.advanceTimersByTimeAsync(21_000);
      expect(text(root)).toBe("");
      hidden.mockRestore();
      await vi.advanceTimersByTimeAsync(11_000);
      expect(text(root)).toBe("text 1");
    } finally {
      for (const stop of stops.splice(0)) stop();
      vi.useRealTimers();
    }
  });

  it("that opens again never takes an item from under the person's hands", async () => {
    const kernel = inTeam(3);
    kernel.leased.add("r-1").add("r-2");
    const { root } = await widget(kernel);
    await settle();
    const serial = root.dataset.jaSerial;
    kernel.leased.clear();
    kernel.news();
    await settle();
    expect([text(root), root.dataset.jaSerial]).toEqual(["text 0", serial]);
    press(root, "1");
    await settle();
    expect(text(root)).toBe("text 1");
  });
});

describe("items that are added while somebody labels", () => {
  it.each([0, 1])("are shown by themselves where there were %i", async (total) => {
    const kernel = new FakeKernel(moodSchema, total);
    const { root } = await widget(kernel);
    await vi.waitFor(() => expect(root.textContent).toMatch(total ? /text 0/ : /There are no items yet/));
    await answerAll(kernel, root, total);
    kernel.items.push(itemAt(7));
    kernel.news();
    await settle();
    expect(text(root)).toBe("text 7");
  });
});
