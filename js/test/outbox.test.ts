import { IDBFactory } from "fake-indexeddb";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { uuid7 } from "../src/ids";
import { decidedIn, type Outbox, openOutbox, type Wire } from "../src/outbox";
import type { Submission } from "../src/protocol";
import { openStore, type Store } from "../src/store";

const seen = {
  shown_ms: 0,
  decided_ms: 0,
  duration_ms: 0,
  prelabels: {},
  dismissed: [],
  accepted: [],
  label_order: {},
  via: "key",
} as const;

const answer = (item: string, label = "glad"): Submission => ({
  submission: uuid7(),
  item,
  hash: "h",
  seen,
  action: "answer",
  answers: { mood: label },
});

const kept = ({ submission }: Submission) => ({ submission, code: "kept", message: "Away.", retry: true }) as const;

const undo = (item: string, target: string): Submission => ({
  submission: uuid7(),
  item,
  hash: "h",
  seen,
  action: "undo",
  target,
});

class FakeWire implements Wire {
  readonly delivered: Submission[] = [];
  readonly asked: string[][] = [];
  quiet = false;
  /** What was in the store at the time of each delivery. */
  readonly atDelivery: Promise<string[]>[] = [];

  constructor(
    readonly client: string,
    private readonly store?: Store,
  ) {}

  readonly elsewhere: string[] = [];

  later(act: () => void): void {
    act();
  }

  settled(ids: readonly string[]): void {
    this.elsewhere.push(...ids);
  }

  deliver(submission: Submission): void {
    this.delivered.push(submission);
    if (this.store) this.atDelivery.push(this.store.all("parcels", "desk").then((all) => all.map((p) => p.submission)));
  }

  ask(ids: readonly string[]): void {
    this.asked.push([...ids]);
  }

  silent(): boolean {
    return this.quiet;
  }
}

const open: Outbox[] = [];

async function boxWith(wire: FakeWire, store: Store): Promise<Outbox> {
  const box = await openOutbox(store, "desk", wire);
  open.push(box);
  return box;
}

/** Let the fake database and the timers of the outbox work. */
const work = async (ms = 20): Promise<void> => {
  await vi.advanceTimersByTimeAsync(ms);
};

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "setImmediate", "Date", "performance"],
  });
  globalThis.indexedDB = new IDBFactory();
});

afterEach(() => {
  for (const box of open.splice(0)) box.close();
  vi.useRealTimers();
});

async function store(): Promise<Store> {
  const opening = openStore();
  await work();
  return opening;
}

async function opened(wire: FakeWire, at: Store): Promise<Outbox> {
  const opening = boxWith(wire, at);
  await work();
  return opening;
}

describe("outbox", () => {
  it("has written a submission when it sends it", async () => {
    const at = await store();
    const wire = new FakeWire("a", at);
    const box = await opened(wire, at);
    const one = answer("r-1");
    box.add(one);
    expect(wire.delivered).toEqual([]);
    await work();
    expect(wire.delivered).toEqual([one]);
    await work();
    expect(await wire.atDelivery[0]).toContain(one.submission);
  });

  it("does not send before the store has it, however slow the store is", async () => {
    const at = await store();
    const put = at.put;
    at.put = async (kind, value) => {
      await new Promise((resolve) => setTimeout(resolve, 2000));
      return put(kind, value);
    };
    const wire = new FakeWire("a");
    const box = await opened(wire, at);
    box.add(answer("r-1"));
    await work(1900);
    expect(wire.delivered).toEqual([]);
    await work(200);
    expect(wire.delivered.length).toBe(1);
  });

  it("does not take up again what was acknowledged while it was looking into the store", async () => {
    const at = await store();
    const wire = new FakeWire("a");
    const box = await opened(wire, at);
    const one = answer("r-1");
    box.add(one);
    await work();
    const all = at.all;
    at.all = async (kind, desk) => {
      const found = await all(kind, desk);
      await new Promise((resolve) => setTimeout(resolve, 500));
      return found;
    };
    const other = new BroadcastChannel("jupyter_annotate:desk");
    other.postMessage(null);
    await vi.waitFor(() => expect(box.pending.value.length).toBe(1));
    await work(100);
    box.acknowledge([one.submission]);
    await work(2000);
    other.close();
    expect(box.pending.value).toEqual([]);
    expect(wire.delivered).toEqual([one]);
  });

  it("knows which items are decided: the last of answer, skip and undo counts", () => {
    const [first, second] = [answer("r-1"), answer("r-2")];
    const flag: Submission = { submission: uuid7(), item: "r-3", hash: "h", seen, action: "flag", on: true };
    expect([...decidedIn([first, second, undo("r-2", second.submission), flag])]).toEqual(["r-1"]);
  });

  it("deletes on acknowledgement, and only then shows nothing pending", async () => {
    const at = await store();
    const box = await opened(new FakeWire("a"), at);
    const one = answer("r-1");
    box.add(one);
    await work();
    expect(box.pending.value).toEqual([one]);
    box.acknowledge([one.submission]);
    expect(box.pending.value).toEqual([]);
    await work();
    const left = at.all("parcels", "desk");
    await work();
    expect(await left).toEqual([]);
  });

  it("sends one of each item at a time, oldest first, and items in parallel", async () => {
    const wire = new FakeWire("a");
    const box = await opened(wire, await store());
    const first = answer("r-1");
    const back = undo("r-1", first.submission);
    const other = answer("r-2");
    for (const each of [first, back, other]) box.add(each);
    await work();
    expect(wire.delivered).toEqual([first, other]);
    box.acknowledge([first.submission]);
    expect(wire.delivered).toEqual([first, other, back]);
  });

  it("resends after 1, 2, 4, 8 and 8 seconds", async () => {
    const wire = new FakeWire("a");
    const box = await opened(wire, await store());
    box.add(answer("r-1"));
    await work(100);
    const counts: number[] = [];
    for (const seconds of [1, 2, 4, 8, 8]) {
      await work(seconds * 1000 + 300);
      counts.push(wire.delivered.length);
    }
    expect(counts).toEqual([2, 3, 4, 5, 6]);
  });

  it("does not pile up resends in front of a silent kernel, but sends what is new once", async () => {
    const wire = new FakeWire("a");
    const box = await opened(wire, await store());
    wire.quiet = true;
    box.add(answer("r-1"));
    await work(30_000);
    expect(wire.delivered.length).toBe(1);
    expect(box.longestWait()).toBeGreaterThan(29_000);
  });

  it("asks for everything pending when the kernel is back and sends what was not there", async () => {
    const wire = new FakeWire("a");
    const box = await opened(wire, await store());
    wire.quiet = true;
    const [one, two] = [answer("r-1"), answer("r-2")];
    box.add(one);
    box.add(two);
    await work(10_000);
    wire.quiet = false;
    box.reconnect();
    expect(wire.asked).toEqual([[one.submission, two.submission]]);
    box.acknowledge([one.submission]);
    await work(1000);
    expect(wire.delivered.slice(2)).toEqual([two]);
  });

  it("keeps what is refused, with its message, until it is discarded, and sends the next of that item", async () => {
    const at = await store();
    const wire = new FakeWire("a");
    const box = await opened(wire, at);
    const [bad, good] = [answer("r-1", "nonsense"), answer("r-1")];
    box.add(bad);
    box.add(good);
    await work();
    box.refuse({ submission: bad.submission, code: "bad_answer", message: "No such label.", retry: false });
    expect(box.refused.value).toEqual([{ submission: bad, message: "No such label." }]);
    expect(box.pending.value).toEqual([good]);
    expect(wire.delivered).toEqual([bad, good]);
    await work();
    const again = await opened(new FakeWire("b"), at);
    expect(again.refused.value).toEqual([{ submission: bad, message: "No such label." }]);
    again.discard(bad.submission);
    expect(again.refused.value).toEqual([]);
  });

  it("has no use for the undo of what was refused", async () => {
    const box = await opened(new FakeWire("a"), await store());
    const bad = answer("r-1", "nonsense");
    box.add(bad);
    box.add(undo("r-1", bad.submission));
    await work();
    box.refuse({ submission: bad.submission, code: "bad_answer", message: "No.", retry: false });
    expect(box.pending.value).toEqual([]);
  });

  it("tries again what the kernel could not store just now", async () => {
    const wire = new FakeWire("a");
    const box = await opened(wire, await store());
    const one = answer("r-1");
    box.add(one);
    await work();
    box.refuse({ submission: one.submission, code: "storage", message: "The disk is full.", retry: true });
    await work(1500);
    expect(wire.delivered).toEqual([one, one]);
  });

  it("tries what the kernel keeps by its oldest only, and sends what is new at once", async () => {
    const wire = new FakeWire("a");
    const box = await opened(wire, await store());
    const all = [answer("r-1"), answer("r-2"), answer("r-3")];
    const late = answer("r-4");
    for (const each of all) box.add(each);
    await work();
    for (const each of all) box.refuse(kept(each));
    expect([box.kept.value, box.pending.value.length, box.refused.value]).toEqual([3, 3, []]);
    const counts: number[] = [];
    for (const seconds of [1, 2, 4, 8, 8]) {
      await work(seconds * 1000 + 300);
      counts.push(wire.delivered.length);
      box.refuse(kept(all[0] as Submission));
    }
    expect(counts).toEqual([4, 5, 6, 7, 8]);
    expect(new Set(wire.delivered.slice(3))).toEqual(new Set([all[0]]));
    box.add(late);
    await work();
    expect([wire.delivered.at(-1), box.kept.value, box.longestWait() < 1000]).toEqual([late, 3, true]);
  });

  it("asks for all that was kept as soon as one is acknowledged, and sends what is not there", async () => {
    const wire = new FakeWire("a");
    const box = await opened(wire, await store());
    const [one, two, three] = [answer("r-1"), answer("r-2"), answer("r-3")];
    for (const each of [one, two, three]) box.add(each);
    await work();
    for (const each of [one, two, three]) box.refuse(kept(each));
    box.acknowledge([one.submission]);
    expect([wire.asked, box.kept.value]).toEqual([[[two.submission, three.submission]], 0]);
    box.acknowledge([two.submission]);
    expect(wire.asked.length).toBe(1);
    await work(1000);
    expect(wire.delivered.slice(3)).toEqual([three]);
  });

  it("sends the next of an item once the kernel keeps the one before", async () => {
    const wire = new FakeWire("a");
    const box = await opened(wire, await store());
    const first = answer("r-1");
    const back = undo("r-1", first.submission);
    box.add(first);
    box.add(back);
    await work();
    expect(wire.delivered).toEqual([first]);
    box.refuse(kept(first));
    expect(wire.delivered).toEqual([first, back]);
  });

  it("keeps nothing any more that is refused for good", async () => {
    const box = await opened(new FakeWire("a"), await store());
    const one = answer("r-1");
    box.add(one);
    await work();
    box.refuse(kept(one));
    box.refuse({ submission: one.submission, code: "conflict", message: "No.", retry: false });
    expect([box.kept.value, box.refused.value.length]).toEqual([0, 1]);
  });

  it("drains what an older page left, oldest first", async () => {
    const at = await store();
    const dead = new FakeWire("old");
    const left = await opened(dead, at);
    const [one, two] = [answer("r-1"), answer("r-1", "sad")];
    left.add(one);
    left.add(two);
    await work();
    left.close();
    await work(5000);
    const wire = new FakeWire("new");
    const box = await opened(wire, at);
    expect([box.pending.value, box.kept.value]).toEqual([[one, two], 0]);
    await work(300);
    expect(wire.delivered).toEqual([one]);
    box.acknowledge([one.submission]);
    expect(wire.delivered).toEqual([one, two]);
  });

  it("leaves the submissions of a tab that is open to that tab, and sees them go", async () => {
    const at = await store();
    const [mine, theirs] = [new FakeWire("a"), new FakeWire("b")];
    const here = await opened(mine, at);
    const there = await opened(theirs, at);
    const one = answer("r-1");
    there.add(one);
    await vi.waitFor(() => expect(here.pending.value).toEqual([one]));
    await work(1000);
    expect(mine.delivered).toEqual([]);
    there.acknowledge([one.submission]);
    await vi.waitFor(() => expect(here.pending.value).toEqual([]));
  });

  it("says so when the browser refuses to write, and sends all the same", async () => {
    const at = await store();
    at.put = () => Promise.reject(new Error("quota"));
    const wire = new FakeWire("a");
    const box = await opened(wire, at);
    expect(box.medium.value).toBe("disk");
    box.add(answer("r-1"));
    await work();
    expect(box.medium.value).toBe("memory");
    expect(wire.delivered.length).toBe(1);
  });

  it("loses nothing, stores nothing twice and keeps the order of each item, whatever the channel does", async () => {
    const kind = fc.constantFrom("answer", "answer", "undo", "wait", "wait", "reload", "away", "back");
    const step: fc.Arbitrary<Step> = fc.record({
      kind,
      item: fc.integer({ min: 0, max: 3 }),
      ms: fc.integer({ min: 1, max: 3000 }),
    });
    const fate = fc.record({
      lost: fc.boolean(),
      ackLost: fc.boolean(),
      delay: fc.integer({ min: 0, max: 4000 }),
      twice: fc.boolean(),
    });
    const steps = fc.array(step, { maxLength: 14 });
    const fates = fc.array(fate, { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(steps, fates, async (all, fate) => {
        globalThis.indexedDB = new IDBFactory();
        const desk = await Desk.open(fate);
        for (const each of all) await desk.take(each);
        await desk.finish();
      }),
      { numRuns: 90 },
    );
  }, 60_000);
});

interface Step {
  readonly kind: string;
  readonly item: number;
  readonly ms: number;
}

/** A person, a page that is reloaded now and then, and a channel that cannot be relied on. */
class Desk {
  private readonly made: Submission[] = [];
  private box: Outbox | null = null;

  private constructor(
    private readonly store: Store,
    private readonly kernel: UnreliableKernel,
  ) {}

  static async open(fates: readonly Fate[]): Promise<Desk> {
    const desk = new Desk(await store(), new UnreliableKernel(fates));
    await desk.load();
    return desk;
  }

  async take({ kind, item, ms }: Step): Promise<void> {
    const id = `r-${item}`;
    const last = this.made.filter((each) => each.item === id).at(-1);
    if (kind === "answer") this.add(answer(id));
    else if (kind === "undo" && last) this.add(undo(id, last.submission));
    else if (kind === "wait") await work(ms);
    else if (kind === "reload") await this.load();
    else if (kind === "away" || kind === "back") this.kernel.away = kind === "away";
    this.checkSaved();
  }

  async finish(): Promise<void> {
    this.kernel.reliable = true;
    this.kernel.away = false;
    await work(60_000);
    this.checkSaved();
    const ids = (all: readonly Submission[]): string[] => all.map(({ submission }) => submission);
    expect(this.box?.pending.value).toEqual([]);
    expect(ids(this.kernel.stored).sort()).toEqual(ids(this.made).sort());
    for (const { item } of this.made) {
      const order = (all: readonly Submission[]): string[] => ids(all.filter((each) => each.item === item));
      expect(order(this.kernel.stored)).toEqual(order(this.made));
    }
    this.box?.close();
  }

  private add(submission: Submission): void {
    this.made.push(submission);
    this.box?.add(submission);
  }

  private async load(): Promise<void> {
    await work(30);
    this.box?.close();
    this.box = await opened(this.kernel, this.store);
    this.kernel.box = this.box;
    this.box.reconnect();
  }

  /** What is not shown as pending is shown as saved; what is shown as kept, all of it, the kernel has. */
  private checkSaved(): void {
    const pending = this.box?.pending.value.map(({ submission }) => submission) ?? [];
    const stored = new Set(this.kernel.stored.map(({ submission }) => submission));
    const spool = new Set(this.kernel.spool.map(({ submission }) => submission));
    const lost = this.made.filter(({ submission }) => !pending.includes(submission) && !stored.has(submission));
    expect(lost).toEqual([]);
    const safe = pending.filter((id) => stored.has(id) || spool.has(id));
    expect(this.box?.kept.value).toBeLessThanOrEqual(safe.length);
  }
}

interface Fate {
  readonly lost: boolean;
  readonly ackLost: boolean;
  readonly delay: number;
  readonly twice: boolean;
}

/** Loses, delays, doubles and reorders messages in both directions. What it commits it commits once. */
class UnreliableKernel extends FakeWire {
  readonly stored: Submission[] = [];
  /** Kept while the store is away, in order; stored before anything else when it is back. */
  readonly spool: Submission[] = [];
  away = false;
  box: Outbox | null = null;
  reliable = false;
  private turn = 0;

  constructor(private readonly fates: readonly Fate[]) {
    super("a");
  }

  override deliver(submission: Submission): void {
    const fate = this.reliable ? null : this.fates[this.turn++ % this.fates.length];
    if (fate?.lost) return;
    for (let copies = fate?.twice ? 2 : 1; copies > 0; copies--) {
      setTimeout(() => this.commit(submission, fate?.ackLost ?? false), (fate?.delay ?? 5) * copies);
    }
  }

  override ask(ids: readonly string[]): void {
    if (!this.away) this.drain();
    const known = this.stored.map(({ submission }) => submission).filter((id) => ids.includes(id));
    setTimeout(() => this.box?.acknowledge(known), 5);
  }

  private drain(): void {
    this.stored.push(...this.spool.splice(0));
  }

  private commit(submission: Submission, ackLost: boolean): void {
    const { submission: id } = submission;
    const known = [...this.stored, ...this.spool].some((each) => each.submission === id);
    if (this.away) {
      if (!known) this.spool.push(submission);
      // Late and doubled ones tell of what has been stored meanwhile, too.
      if (!ackLost) setTimeout(() => this.box?.refuse(kept(submission)), 5);
      return;
    }
    this.drain();
    if (!this.stored.some((each) => each.submission === submission.submission)) this.stored.push(submission);
    if (!ackLost) setTimeout(() => this.box?.acknowledge([submission.submission]), 5);
  }
}
