/** Which item is on the screen, what comes next and what was decided. Pure: it sends nothing and draws nothing. */

import { batch, computed, type ReadonlySignal, signal } from "@preact/signals-core";
import type { Answers, HistoryEntry, Item, Progress, StateReply, Status } from "./protocol";

/** loading: asked for, on its way. done: nothing is open. empty: the project has no item. */
export type Phase = "loading" | "item" | "done" | "empty";

/** One decision of this annotator, newest last in a list. */
export interface Past {
  readonly item: string;
  readonly number: number;
  readonly status: Status;
  readonly answers: Answers;
  readonly submission: string | null;
  /** The item as it was before this decision. */
  readonly before: Item | null;
}

/** How many decided items can be shown again without asking the kernel. */
const HELD = 50;
const NOTHING: Progress = { done: 0, skipped: 0, total: 0 };

export class Queue {
  readonly displayed = signal<Item | null>(null);
  /** Grows by one each time another item is displayed. */
  readonly serial = signal(0);
  readonly past = signal<readonly Past[]>([]);
  /** The displayed item was gone back to: after it the person returns to where they were. */
  readonly away = signal(false);
  /** The displayed item was meanwhile decided in another tab. */
  readonly elsewhere = signal(false);
  readonly phase: ReadonlySignal<Phase>;
  readonly progress: ReadonlySignal<Progress>;
  private readonly ahead = signal<readonly Item[]>([]);
  private readonly exhausted = signal(false);
  private readonly counted = signal<Progress>(NOTHING);
  private readonly steps = signal<ReadonlyMap<string, Progress>>(new Map());
  private readonly held = new Map<string, Item>();

  constructor() {
    this.phase = computed(() => {
      if (this.displayed.value) return "item";
      if (!this.exhausted.value) return "loading";
      return this.counted.value.total === 0 ? "empty" : "done";
    });
    this.progress = computed(() => summed(this.counted.value, [...this.steps.value.values()]));
  }

  /** Ids in the queue, the displayed one included. */
  have(): string[] {
    return [...(this.displayed.peek() ? [this.displayed.peek() as Item] : []), ...this.ahead.peek()].map((i) => i.item);
  }

  /**
   * How many items to ask for; 0 while `prefetch` are there. Twice that is asked for, since the kernel stores the
   * answers of a burst of keys before it sends more items.
   */
  wanted(prefetch: number): number {
    const have = this.ahead.peek().length;
    return this.exhausted.peek() || have >= prefetch ? 0 : 2 * prefetch - have;
  }

  upcoming(n: number): readonly Item[] {
    return this.ahead.peek().slice(0, n);
  }

  /** The kernel's whole state. The displayed item stays on the screen. */
  load(state: Pick<StateReply, "items" | "history" | "progress">, pending: ReadonlySet<string>): void {
    batch(() => {
      this.counted.value = state.progress;
      this.exhausted.value = false;
      const local = this.past.peek().filter((past) => pending.has(past.item));
      const known = state.history.map(pastOf).filter((past) => !pending.has(past.item));
      this.past.value = [...known, ...local];
      for (const entry of state.history) if (isItem(entry)) this.hold(entry);
      const shown = this.displayed.peek();
      const fresh = state.items.filter((item) => !pending.has(item.item) && item.item !== shown?.item);
      this.ahead.value = fresh;
      if (!shown) this.advance();
    });
  }

  refill(items: readonly Item[], exhausted: boolean, pending: ReadonlySet<string>): void {
    batch(() => {
      const have = new Set(this.have());
      const fresh = items.filter((item) => !have.has(item.item) && !pending.has(item.item));
      this.ahead.value = [...this.ahead.peek(), ...fresh];
      this.exhausted.value = exhausted;
      if (!this.displayed.peek()) this.advance();
    });
  }

  /** There may be more: ask again. */
  reopenEnd(): void {
    this.exhausted.value = false;
  }

  /** The displayed item was answered or skipped; the next one takes its place at once. */
  decide(status: "answered" | "skipped", answers: Answers, submission: string): void {
    const item = this.displayed.peek();
    if (!item) return;
    batch(() => {
      this.step(submission, item.status, status);
      this.hold({ ...item, status, answers, submission });
      const { number } = item;
      this.past.value = [...this.past.peek(), { item: item.item, number, status, answers, submission, before: item }];
      this.advance();
    });
  }

  /** Take the last decision back and show its item with what was answered; null if there is none. */
  undo(submission: string): { past: Past; item: Item | null } | null {
    const past = this.past.peek().at(-1);
    if (!past?.submission) return null;
    const held = this.held.get(past.item);
    const before: Item | null =
      past.before ?? (held ? { ...held, status: "open", answers: null, submission: null } : null);
    batch(() => {
      this.past.value = this.past.peek().slice(0, -1);
      this.step(submission, past.status, before?.status ?? "open");
      if (before) this.show(before);
    });
    return { past, item: before };
  }

  /** The hash of an item that is in memory. */
  hashOf(id: string): string | null {
    return this.held.get(id)?.hash ?? null;
  }

  /** Go to an item that is still in memory. */
  revisit(id: string): boolean {
    if (this.displayed.peek()?.item === id) return true;
    const waiting = this.ahead.peek().find((item) => item.item === id);
    const item = this.held.get(id) ?? waiting;
    if (item) this.show(item);
    return item !== undefined;
  }

  /** Show this item; the one that was there, if it is open, comes next. */
  show(item: Item): void {
    batch(() => {
      const was = this.displayed.peek();
      const rest = this.ahead.peek().filter((other) => other.item !== item.item);
      const back = was?.status === "open" && was.item !== item.item && !this.elsewhere.peek();
      this.ahead.value = back ? [was, ...rest] : rest;
      if (item.status !== "open") this.hold(item);
      this.display(item, item.status !== "open");
    });
  }

  /** Leave an item gone back to. */
  advance(): void {
    const [next, ...rest] = this.ahead.peek();
    batch(() => {
      this.ahead.value = rest;
      this.display(next ?? null, next !== undefined && next.status !== "open");
    });
  }

  /** A mark on the displayed item: flag or comment. */
  note(change: Partial<Pick<Item, "flagged" | "comment">>): void {
    const item = this.displayed.peek();
    if (!item) return;
    const next = { ...item, ...change };
    this.displayed.value = next;
    if (this.held.has(item.item)) this.held.set(item.item, next);
  }

  /** The kernel has it (or will not have it): its count is now in, or out of, the kernel's own. */
  settle(submissions: readonly string[], progress: Progress | null): void {
    batch(() => {
      const steps = new Map(this.steps.peek());
      for (const id of submissions) steps.delete(id);
      this.steps.value = steps;
      if (progress) this.counted.value = progress;
    });
  }

  /** A decision was refused: its item is as it was. */
  revert(submission: string): void {
    this.settle([submission], null);
    const past = this.past.peek().find((each) => each.submission === submission);
    if (!past) return;
    if (past.before) this.held.set(past.item, past.before);
    this.past.value = this.past.peek().filter((each) => each !== past);
  }

  /** Items decided in another tab. The displayed one is only replaced when `quiet`: nobody is about to press a key. */
  drop(ids: readonly string[], quiet: boolean): void {
    const gone = new Set(ids);
    batch(() => {
      this.ahead.value = this.ahead.peek().filter((item) => !gone.has(item.item));
      const shown = this.displayed.peek();
      if (shown?.status !== "open" || !gone.has(shown.item)) return;
      if (quiet) this.advance();
      else this.elsewhere.value = true;
    });
  }

  /** Items open again by another tab; true if there is reason to ask for them. */
  reopen(ids: readonly string[]): boolean {
    const have = new Set(this.have());
    const missing = ids.filter((id) => !have.has(id));
    if (missing.length > 0) this.exhausted.value = false;
    return missing.length > 0;
  }

  /** The item before or after the displayed one among the past decisions; null past the newest. */
  neighbour(step: -1 | 1): string | null {
    const ids = this.decidedIds();
    const shown = this.displayed.peek()?.item ?? "";
    const at = this.away.peek() && ids.includes(shown) ? ids.indexOf(shown) : ids.length;
    return ids[at + step] ?? null;
  }

  /** Items of the past decisions, each once, newest last. */
  decidedIds(): string[] {
    return [...new Map(this.past.value.map((past) => [past.item, true] as const).reverse()).keys()].reverse();
  }

  private display(item: Item | null, away: boolean): void {
    this.displayed.value = item;
    this.away.value = away;
    this.elsewhere.value = false;
    this.serial.value += 1;
  }

  private hold(item: Item): void {
    this.held.delete(item.item);
    this.held.set(item.item, item);
    const [oldest] = this.held.keys();
    if (this.held.size > HELD && oldest !== undefined) this.held.delete(oldest);
  }

  private step(submission: string, from: Status, to: Status): void {
    const done = Number(to === "answered") - Number(from === "answered");
    const skipped = Number(to === "skipped") - Number(from === "skipped");
    this.steps.value = new Map(this.steps.peek()).set(submission, { done, skipped, total: 0 });
  }
}

function isItem(entry: HistoryEntry | Item): entry is Item & HistoryEntry {
  return "fields" in entry && "hash" in entry;
}

function summed(start: Progress, steps: readonly Progress[]): Progress {
  const add = (part: "done" | "skipped"): number => steps.reduce((sum, step) => sum + step[part], start[part]);
  return { done: add("done"), skipped: add("skipped"), total: start.total };
}

/** The kernel may send whole items as history: their answers are the summary then. */
function pastOf(entry: HistoryEntry & { readonly answers?: Answers | null }): Past {
  const { item, number, status, submission } = entry;
  return {
    item,
    number,
    status,
    answers: entry.summary ?? entry.answers ?? {},
    submission: submission ?? null,
    before: null,
  };
}
