/**
 * Submissions between the key press and the kernel's acknowledgement.
 *
 * Each is written to the store before it is sent and removed when the kernel says that it is durable. Of one item
 * at most one is on its way, the oldest; different items go in parallel. Sending twice is harmless.
 */

import { computed, type ReadonlySignal, signal } from "@preact/signals-core";
import { monotonic } from "./clock";
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
  /** How many of the pending ones the kernel has on its own computer, as long as the store is away. */
  readonly kept: ReadonlySignal<number>;
  readonly medium: ReadonlySignal<Medium>;
  add(submission: Submission): void;
  acknowledge(ids: readonly string[]): void;
  refuse(nack: Pick<Nack, "submission" | "code" | "message" | "retry">): void;
  /** The person gives up a refused submission. */
  discard(id: string): void;
  /** The kernel is (again) there: ask what it has, and send the rest anew. */
  reconnect(): void;
  /** How long the oldest one sent has been without an answer, ms. */
  longestWait(): number;
  close(): void;
}

/** What goes on around it in the page. */
export interface Around {
  /** Another page sent these, and the kernel confirmed them to it. */
  settled(submissions: readonly string[]): void;
  /** Run this soon, after what is about to be painted. */
  later(act: () => void): void;
}

export interface Wire extends Around {
  readonly client: string;
  deliver(submission: Submission, seq: number): void;
  ask(submissions: readonly string[]): void;
  /** A silent kernel gets each submission once; what it missed is sent when it answers again. */
  silent(): boolean;
}

interface Entry {
  readonly parcel: Parcel;
  written: boolean;
  /** The kernel keeps it until it reaches the store. */
  kept: boolean;
  /** Since when it is without an answer. */
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
  const medium = signal(store.medium);
  const parcels = signal<readonly Parcel[]>([]);
  const entries = new Map<string, Entry>();
  /** Acknowledged or discarded here, so that a slow look into the store does not bring them back. */
  const gone = new Set<string>();
  const channel = typeof BroadcastChannel === "function" ? new BroadcastChannel(`jupyter_annotate:${desk}`) : null;
  let seq = 0;

  const openEntries = (): Entry[] => [...entries.values()].filter(({ parcel }) => !isRefused(parcel));

  const changed = (): void => {
    parcels.value = [...entries.values()].map(({ parcel }) => parcel).sort(byAge);
  };

  /** The oldest of each item. Of those the kernel keeps only the oldest of all: it shows whether the store is back. */
  const heads = (): Iterable<Entry> => {
    const first = new Map<string | null, Entry>();
    for (const { submission, body } of parcels.peek()) {
      const entry = entries.get(submission);
      const place = entry?.kept ? null : body.item;
      if (entry && !isRefused(entry.parcel) && !first.has(place)) first.set(place, entry);
    }
    return first.values();
  };

  /** Send what is written and due. */
  const pump = (): void => {
    const now = monotonic();
    for (const entry of heads()) {
      if (!entry.written || entry.dueAt > now) continue;
      if (entry.sentFirst !== null && wire.silent()) continue;
      entry.sentFirst ??= now;
      entry.dueAt = now + (BACK_OFF[Math.min(entry.attempts, BACK_OFF.length - 1)] as number);
      entry.attempts += 1;
      wire.deliver(entry.parcel.body, entry.parcel.seq);
    }
  };

  /** Put into the store and tell the other tabs. A browser that refuses is said to keep nothing. */
  const keep = async (parcel: Parcel): Promise<void> => {
    try {
      await store.put("parcels", parcel);
      channel?.postMessage(null);
    } catch {
      medium.value = "memory";
    }
  };

  const erase = async (ids: readonly string[]): Promise<void> => {
    try {
      await store.drop("parcels", ids);
      channel?.postMessage(null);
    } catch {
      // What stays in the store is sent once more some day, and acknowledged at once.
    }
  };

  const remove = (ids: readonly string[]): void => {
    for (const id of ids) {
      entries.delete(id);
      gone.add(id);
    }
    if (gone.size > REMEMBERED) for (const id of [...gone].slice(0, REMEMBERED / 2)) gone.delete(id);
    changed();
    pump();
    if (ids.length > 0) void erase(ids);
  };

  const write = async (entry: Entry): Promise<void> => {
    const { parcel } = entry;
    await keep(parcel);
    entry.written = true;
    if (gone.has(parcel.submission)) void erase([parcel.submission]);
    pump();
  };

  const takeIn = (parcel: Parcel): void => {
    const { submission } = parcel;
    const known = entries.get(submission)?.parcel;
    if (gone.has(submission) || (known && (isRefused(known) || !isRefused(parcel)))) return;
    const wait = madeAt(submission) + FOREIGN_AFTER - Date.now();
    const dueAt = monotonic() + Math.min(Math.max(wait, 0), FOREIGN_AFTER);
    entries.set(submission, { parcel, written: true, kept: false, sentFirst: null, attempts: 0, dueAt });
  };

  /** Take over what the store holds now: other tabs put there and removed. */
  const reload = async (): Promise<void> => {
    const before = [...entries.values()].filter((entry) => entry.written);
    let found: Parcel[];
    try {
      found = await store.all("parcels", desk);
    } catch {
      return;
    }
    const held = new Set(found.map(({ submission }) => submission));
    const done = before.map(({ parcel }) => parcel.submission).filter((id) => !held.has(id));
    for (const id of done) entries.delete(id);
    if (done.length > 0) wire.settled(done);
    for (const parcel of found) takeIn(parcel);
    changed();
    pump();
  };

  const reconnect = (): void => {
    const open = openEntries();
    const dueAt = monotonic() + SYNC_GRACE;
    for (const entry of open) {
      entry.dueAt = entry.sentFirst === null && !entry.kept ? 0 : dueAt;
      entry.attempts = 0;
      // Whether it still keeps it is for the kernel to say again.
      entry.kept = false;
    }
    changed();
    if (open.length > 0) wire.ask(open.map(({ parcel }) => parcel.submission));
    pump();
  };

  if (channel) channel.onmessage = () => void reload();
  const timer = setInterval(pump, STEP);
  await reload();

  return {
    medium,
    pending: computed(() => parcels.value.filter((parcel) => !isRefused(parcel)).map(({ body }) => body)),
    refused: computed(() =>
      parcels.value.flatMap(({ body, refusal }) =>
        refusal === undefined ? [] : [{ submission: body, message: refusal }],
      ),
    ),
    add(body) {
      const { submission } = body;
      const parcel: Parcel = { submission, desk, client: wire.client, seq: ++seq, body };
      const entry: Entry = { parcel, written: false, kept: false, sentFirst: null, attempts: 0, dueAt: 0 };
      entries.set(submission, entry);
      changed();
      wire.later(() => void write(entry));
    },
    kept: computed(() => parcels.value.filter(({ submission }) => entries.get(submission)?.kept).length),
    acknowledge(ids) {
      const mine = ids.filter((id) => entries.has(id));
      if (mine.length === 0) return;
      remove(mine);
      // The store is back: it may have all that was kept.
      if (openEntries().some(({ kept }) => kept)) reconnect();
    },
    refuse({ submission, code, message, retry }) {
      const entry = entries.get(submission);
      if (!entry || isRefused(entry.parcel)) return;
      if (retry) {
        entry.kept = code === "kept";
        if (entry.kept) entry.sentFirst = null;
        changed();
        pump();
        return;
      }
      const parcel = { ...entry.parcel, refusal: message };
      entries.set(submission, { ...entry, parcel, kept: false });
      // What was to be taken back never was there: its undo has nothing to do.
      const bodies = [...entries.values()].map((each) => each.parcel.body);
      remove(bodies.filter((body) => isUndoOf(body, submission)).map((body) => body.submission));
      void keep(parcel);
      pump();
    },
    discard: (id) => remove([id]),
    reconnect,
    longestWait() {
      const now = monotonic();
      return Math.max(0, ...openEntries().map(({ sentFirst }) => now - (sentFirst ?? now)));
    },
    close() {
      clearInterval(timer);
      if (!channel) return;
      channel.onmessage = null;
      channel.close();
    },
  };
}

/** Items with a decision the kernel has not confirmed: they are not to be shown as open. */
export function decidedIn(pending: readonly Submission[]): ReadonlySet<string> {
  const last = new Map<string, string>();
  for (const { item, action } of pending) if (action !== "flag" && action !== "comment") last.set(item, action);
  return new Set([...last].filter(([, action]) => action !== "undo").map(([item]) => item));
}

const byAge = (a: Parcel, b: Parcel): number =>
  a.submission < b.submission ? -1 : a.submission > b.submission ? 1 : 0;

const isRefused = ({ refusal }: Parcel): boolean => refusal !== undefined;

const isUndoOf = (body: Submission, target: string): boolean => body.action === "undo" && body.target === target;
