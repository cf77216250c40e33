/**
 * Submissions between the key press and the kernel's acknowledgement.
 *
 * Each is written to the store before it is sent and removed when the kernel says that it is durable. Of one item
 * at most one is on its way, the oldest; different items go in parallel. Sending twice is harmless.
 */

import { batch, computed, type ReadonlySignal, signal } from "@preact/signals-core";
import { madeAt } from "./ids";
import type { Nack, Submission } from "./protocol";
import type { Medium, Parcel, Store } from "./store";

export interface Refusal {
  readonly submission: Submission;
  readonly message: string;
}

export interface Outbox {
  /** Written or not, not acknowledged, of this annotator in this log, from all tabs. Oldest first. */
  readonly pending: ReadonlySignal<readonly Submission[]>;
  readonly refused: ReadonlySignal<readonly Refusal[]>;
  readonly medium: ReadonlySignal<Medium>;
  add(submission: Submission): void;
  acknowledge(ids: readonly string[]): void;
  refuse(nack: Pick<Nack, "submission" | "message" | "retry">): void;
  /** The person gives up a refused submission. */
  discard(id: string): void;
  /** The kernel is (again) there: ask what it has, and send the rest anew. */
  reconnect(): void;
  /** How long the oldest one sent has been without an answer, ms. */
  longestWait(): number;
  close(): void;
}

export interface Wire {
  readonly client: string;
  deliver(submission: Submission, seq: number): void;
  ask(submissions: readonly string[]): void;
  /** A silent kernel gets each submission once; what it missed is sent when it answers again. */
  silent(): boolean;
}

interface Entry {
  readonly parcel: Parcel;
  written: boolean;
  sentFirst: number | null;
  attempts: number;
  dueAt: number;
}

const BACK_OFF = [1000, 2000, 4000, 8000];
const STEP = 250;
/** Another tab that is still open sends its own; only what it left behind is ours to send. */
const FOREIGN_AFTER = 3000;
const SYNC_GRACE = 300;
const REMEMBERED = 5000;

/** Open the outbox of one annotator in one log, with everything an earlier page left in it. */
export async function openOutbox(store: Store, desk: string, wire: Wire): Promise<Outbox> {
  const outbox = new Box(store, desk, wire);
  await outbox.reload();
  return outbox;
}

class Box implements Outbox {
  readonly medium;
  readonly pending: ReadonlySignal<readonly Submission[]>;
  readonly refused: ReadonlySignal<readonly Refusal[]>;
  private readonly entries = new Map<string, Entry>();
  /** Acknowledged or discarded here, so that a slow look into the store does not bring them back. */
  private readonly gone = new Set<string>();
  private readonly parcels = signal<readonly Parcel[]>([]);
  private readonly channel: BroadcastChannel | null;
  private readonly timer: ReturnType<typeof setInterval>;
  private seq = 0;

  constructor(
    private readonly store: Store,
    private readonly desk: string,
    private readonly wire: Wire,
  ) {
    this.medium = signal<Medium>(store.medium);
    this.pending = computed(() => this.parcels.value.filter((p) => p.refusal === undefined).map((p) => p.body));
    this.refused = computed(() =>
      this.parcels.value.flatMap((p) => (p.refusal === undefined ? [] : [{ submission: p.body, message: p.refusal }])),
    );
    this.channel = typeof BroadcastChannel === "function" ? new BroadcastChannel(`jupyter_annotate:${desk}`) : null;
    if (this.channel) this.channel.onmessage = () => void this.reload();
    this.timer = setInterval(() => this.pump(), STEP);
  }

  add(body: Submission): void {
    const { client } = this.wire;
    const parcel: Parcel = { submission: body.submission, desk: this.desk, client, seq: ++this.seq, body };
    const entry: Entry = { parcel, written: false, sentFirst: null, attempts: 0, dueAt: 0 };
    this.entries.set(parcel.submission, entry);
    this.changed();
    void this.write(entry);
  }

  acknowledge(ids: readonly string[]): void {
    const mine = ids.filter((id) => this.entries.has(id));
    if (mine.length > 0) this.remove(mine);
  }

  refuse({ submission, message, retry }: Pick<Nack, "submission" | "message" | "retry">): void {
    const entry = this.entries.get(submission);
    if (!entry || entry.parcel.refusal !== undefined) return;
    if (retry) return;
    const parcel = { ...entry.parcel, refusal: message };
    this.entries.set(submission, { ...entry, parcel });
    // What was to be taken back never was there: its undo has nothing to do.
    const moot = [...this.entries.values()].map((e) => e.parcel.body).filter((b) => isUndoOf(b, submission));
    this.remove(moot.map((b) => b.submission));
    void this.keep(parcel);
    this.pump();
  }

  discard(id: string): void {
    this.remove([id]);
  }

  reconnect(): void {
    const open = this.open();
    const dueAt = performance.now() + SYNC_GRACE;
    for (const entry of open) {
      entry.dueAt = entry.sentFirst === null ? 0 : dueAt;
      entry.attempts = 0;
    }
    if (open.length > 0) this.wire.ask(open.map(({ parcel }) => parcel.submission));
    this.pump();
  }

  longestWait(): number {
    const now = performance.now();
    return Math.max(0, ...this.open().map((entry) => (entry.sentFirst === null ? 0 : now - entry.sentFirst)));
  }

  close(): void {
    clearInterval(this.timer);
    if (this.channel) {
      this.channel.onmessage = null;
      this.channel.close();
    }
  }

  /** Take over what the store holds now: other tabs put there and removed. */
  async reload(): Promise<void> {
    const before = [...this.entries.values()].filter((entry) => entry.written);
    let parcels: Parcel[];
    try {
      parcels = await this.store.all("parcels", this.desk);
    } catch {
      return;
    }
    const held = new Set(parcels.map((parcel) => parcel.submission));
    for (const { parcel } of before) if (!held.has(parcel.submission)) this.entries.delete(parcel.submission);
    for (const parcel of parcels) this.takeIn(parcel);
    this.changed();
    this.pump();
  }

  private takeIn(parcel: Parcel): void {
    const { submission } = parcel;
    const known = this.entries.get(submission);
    if (this.gone.has(submission) || known?.parcel.refusal !== undefined) return;
    if (known && parcel.refusal === undefined) return;
    const wait = madeAt(submission) + FOREIGN_AFTER - Date.now();
    const dueAt = performance.now() + Math.min(Math.max(wait, 0), FOREIGN_AFTER);
    this.entries.set(submission, { parcel, written: true, sentFirst: null, attempts: 0, dueAt });
  }

  private async write(entry: Entry): Promise<void> {
    await this.keep(entry.parcel);
    entry.written = true;
    if (this.gone.has(entry.parcel.submission)) void this.erase([entry.parcel.submission]);
    this.pump();
  }

  /** Put into the store and tell the other tabs. A browser that refuses is said to keep nothing. */
  private async keep(parcel: Parcel): Promise<void> {
    try {
      await this.store.put("parcels", parcel);
      this.channel?.postMessage(null);
    } catch {
      this.medium.value = "memory";
    }
  }

  private remove(ids: readonly string[]): void {
    for (const id of ids) {
      this.entries.delete(id);
      this.gone.add(id);
    }
    if (this.gone.size > REMEMBERED) for (const id of [...this.gone].slice(0, REMEMBERED / 2)) this.gone.delete(id);
    this.changed();
    this.pump();
    if (ids.length > 0) void this.erase(ids);
  }

  private async erase(ids: readonly string[]): Promise<void> {
    try {
      await this.store.drop("parcels", ids);
      this.channel?.postMessage(null);
    } catch {
      // What stays in the store is sent once more some day, and acknowledged at once.
    }
  }

  private changed(): void {
    const sorted = [...this.entries.values()].map((entry) => entry.parcel).sort(byAge);
    batch(() => {
      this.parcels.value = sorted;
    });
  }

  private open(): Entry[] {
    return [...this.entries.values()].filter(({ parcel }) => parcel.refusal === undefined);
  }

  /** Send the oldest of each item, if it is written and due. */
  private pump(): void {
    const heads = new Map<string, Entry>();
    for (const parcel of this.parcels.peek()) {
      const entry = this.entries.get(parcel.submission);
      if (entry && entry.parcel.refusal === undefined && !heads.has(parcel.body.item))
        heads.set(parcel.body.item, entry);
    }
    const now = performance.now();
    for (const entry of heads.values()) {
      if (!entry.written || entry.dueAt > now) continue;
      if (entry.sentFirst !== null && this.wire.silent()) continue;
      entry.sentFirst ??= now;
      entry.dueAt = now + (BACK_OFF[Math.min(entry.attempts, BACK_OFF.length - 1)] as number);
      entry.attempts += 1;
      this.wire.deliver(entry.parcel.body, entry.parcel.seq);
    }
  }
}

/** Items with a decision the kernel has not confirmed: they are not to be shown as open. */
export function decidedIn(pending: readonly Submission[]): ReadonlySet<string> {
  const last = new Map<string, string>();
  for (const { item, action } of pending) if (action !== "flag" && action !== "comment") last.set(item, action);
  return new Set([...last].filter(([, action]) => action !== "undo").map(([item]) => item));
}

const byAge = (a: Parcel, b: Parcel): number =>
  a.submission < b.submission ? -1 : a.submission > b.submission ? 1 : 0;

const isUndoOf = (body: Submission, target: string): boolean => body.action === "undo" && body.target === target;
