/** Which item is on the screen, what comes next and what was decided. Pure: it sends nothing and draws nothing. */

import { batch, computed, signal } from "@preact/signals-core";
import type { Answers, HistoryEntry, Item, Progress, StateReply, Status } from "./protocol";
import { isFull, kept } from "./weight";

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

export type Queue = ReturnType<typeof openQueue>;

export function openQueue() {
  const displayed = signal<Item | null>(null);
  /** Grows by one each time another item is displayed. */
  const serial = signal(0);
  const past = signal<readonly Past[]>([]);
  /** The displayed item was gone back to: after it the person returns to where they were. */
  const away = signal(false);
  /** The displayed item was meanwhile decided in another tab. */
  const elsewhere = signal(false);
  const ahead = signal<readonly Item[]>([]);
  const exhausted = signal(false);
  /** The end is still on the screen, but there may be more. */
  let again = false;
  const counted = signal<Progress>(NOTHING);
  const steps = signal<ReadonlyMap<string, Progress>>(new Map());
  const held = new Map<string, Item>();
  /** Submissions that were undone in this page: they never stand again. */
  const takenBack = new Set<string>();

  const phase = computed((): Phase => {
    if (displayed.value) return "item";
    if (!exhausted.value) return "loading";
    return counted.value.total === 0 ? "empty" : "done";
  });
  const progress = computed(() => summed(counted.value, [...steps.value.values()]));

  const display = (item: Item | null): void => {
    displayed.value = item;
    away.value = item !== null && item.status !== "open";
    elsewhere.value = false;
    serial.value += 1;
  };

  const hold = (item: Item): void => {
    held.delete(item.item);
    held.set(item.item, item);
    const most = Math.min(HELD, kept([...held.values()]));
    for (const oldest of [...held.keys()].slice(0, held.size - most)) held.delete(oldest);
  };

  const step = (submission: string, from: Status, to: Status): void => {
    const done = Number(to === "answered") - Number(from === "answered");
    const skipped = Number(to === "skipped") - Number(from === "skipped");
    steps.value = new Map(steps.peek()).set(submission, { done, skipped, total: 0 });
  };

  /** Ids in the queue, the displayed one included. */
  const have = (): string[] => {
    const shown = displayed.peek();
    return [...(shown ? [shown] : []), ...ahead.peek()].map(({ item }) => item);
  };

  /** Items of the past decisions, each once, newest last. */
  const decidedIds = (): string[] => [...new Set(past.value.map(({ item }) => item).reverse())].reverse();

  /** Leave an item gone back to. */
  const advance = (): void => {
    const [next, ...rest] = ahead.peek();
    batch(() => {
      ahead.value = rest;
      display(next ?? null);
    });
  };

  /** Show this item; the one that was there, if it is open, comes next. */
  const show = (item: Item): void => {
    batch(() => {
      const was = displayed.peek();
      const rest = ahead.peek().filter((other) => other.item !== item.item);
      const back = was?.status === "open" && was.item !== item.item && !elsewhere.peek();
      ahead.value = back ? [was, ...rest] : rest;
      if (item.status !== "open") hold(item);
      display(item);
    });
  };

  /** The kernel has it (or will not have it): its count is now in, or out of, the kernel's own. */
  const settle = (submissions: readonly string[], latest: Progress | null): void => {
    batch(() => {
      const left = new Map(steps.peek());
      for (const id of submissions) left.delete(id);
      steps.value = left;
      if (latest) counted.value = latest;
    });
  };

  return {
    displayed,
    serial,
    past,
    ahead,
    away,
    elsewhere,
    phase,
    progress,
    have,
    decidedIds,
    advance,
    show,
    settle,

    /**
     * How many items to ask for; 0 while `prefetch` are there. Twice that is asked for, since the kernel stores the
     * answers of a burst of keys before it sends more items.
     */
    wanted(prefetch: number): number {
      const { length } = ahead.peek();
      const enough = length >= prefetch || isFull(ahead.peek());
      return (exhausted.peek() && !again) || enough ? 0 : 2 * prefetch - length;
    },

    upcoming: (n: number): readonly Item[] => ahead.peek().slice(0, n),

    /** These come after all others that are here. */
    postpone(ids: readonly string[]): void {
      const shown = displayed.peek();
      const all = shown?.status === "open" ? [shown, ...ahead.peek()] : ahead.peek();
      const late = (item: Item): boolean => ids.includes(item.item);
      batch(() => {
        ahead.value = [...all.filter((item) => !late(item)), ...all.filter(late)];
        if (ahead.peek().length > 0) advance();
      });
    },

    /** The kernel's whole state. The displayed item stays on the screen. */
    load(state: Pick<StateReply, "items" | "history" | "progress">, pending: ReadonlySet<string>): void {
      batch(() => {
        counted.value = state.progress;
        exhausted.value = false;
        const local = past.peek().filter(({ item }) => pending.has(item));
        // The kernel may not yet know of what was taken back here.
        const known = state.history
          .map(pastOf)
          .filter(({ item, submission }) => !pending.has(item) && !takenBack.has(submission ?? ""));
        past.value = [...known, ...local];
        for (const entry of state.history) if (isItem(entry)) hold(entry);
        const shown = displayed.peek();
        ahead.value = state.items.filter(({ item }) => !pending.has(item) && item !== shown?.item);
        if (!shown) advance();
      });
    },

    refill(items: readonly Item[], end: boolean, pending: ReadonlySet<string>): void {
      batch(() => {
        const known = new Set(have());
        const fresh = items.filter(({ item }) => !known.has(item) && !pending.has(item));
        ahead.value = [...ahead.peek(), ...fresh];
        exhausted.value = end;
        again = false;
        if (!displayed.peek()) advance();
      });
    },

    /** There may be more. In a team that is so time and again: the end stays on the screen until something comes. */
    expectMore(openly = !counted.peek().team?.total): void {
      if (!openly) again = true;
      else exhausted.value = false;
    },

    /** An item was answered or skipped; where it was the displayed one, the next takes its place at once. */
    decide(status: "answered" | "skipped", answers: Answers, submission: string, before = displayed.peek()): void {
      if (!before) return;
      batch(() => {
        step(submission, before.status, status);
        hold({ ...before, status, answers, submission });
        const { item, number } = before;
        past.value = lightened([...past.peek(), { item, number, status, answers, submission, before }]);
        if (item === displayed.peek()?.item) advance();
        else ahead.value = ahead.peek().filter((other) => other.item !== item);
      });
    },

    /** Take the last decision back and show its item with what was answered; null if there is none. */
    undo(submission: string): { past: Past; item: Item | null } | null {
      const last = past.peek().at(-1);
      if (!last?.submission) return null;
      const known = held.get(last.item);
      const item: Item | null =
        last.before ?? (known ? { ...known, status: "open", answers: null, submission: null } : null);
      batch(() => {
        takenBack.add(last.submission as string);
        past.value = past.peek().slice(0, -1);
        step(submission, last.status, item?.status ?? "open");
        if (item) show(item);
      });
      return { past: last, item };
    },

    /** The hash of an item that is in memory. */
    hashOf: (id: string): string | null => held.get(id)?.hash ?? null,

    /** Go to an item that is still in memory. */
    revisit(id: string): boolean {
      if (displayed.peek()?.item === id) return true;
      const item = held.get(id) ?? ahead.peek().find((waiting) => waiting.item === id);
      if (item) show(item);
      return item !== undefined;
    },

    /** A mark on the displayed item: flag or comment. */
    note(change: Partial<Pick<Item, "flagged" | "comment">>): void {
      const item = displayed.peek();
      if (!item) return;
      const next = { ...item, ...change };
      displayed.value = next;
      if (held.has(item.item)) held.set(item.item, next);
    },

    /** A decision was refused: its item is as it was. */
    revert(submission: string): void {
      settle([submission], null);
      const refused = past.peek().find((each) => each.submission === submission);
      if (!refused) return;
      if (refused.before) held.set(refused.item, refused.before);
      past.value = past.peek().filter((each) => each !== refused);
    },

    /** The end is on the screen, and others hold items that may come free. */
    waits: (): boolean => phase.peek() === "done" && !!counted.peek().team?.held,

    /** Items decided in another tab. The displayed one is only replaced when `quiet`: nobody is about to press a key. */
    drop(ids: readonly string[], quiet: boolean): void {
      batch(() => {
        ahead.value = ahead.peek().filter(({ item }) => !ids.includes(item));
        const shown = displayed.peek();
        if (shown?.status !== "open" || !ids.includes(shown.item)) return;
        if (quiet) advance();
        else elsewhere.value = true;
      });
    },

    /** Items open again by another tab; true if there is reason to ask for them. */
    reopen(ids: readonly string[]): boolean {
      const known = have();
      const missing = ids.some((id) => !known.includes(id));
      if (missing) exhausted.value = false;
      return missing;
    },

    /** The item before or after the displayed one among the past decisions; null past the newest. */
    neighbour(by: -1 | 1): string | null {
      const ids = decidedIds();
      const at = away.peek() ? ids.indexOf(displayed.peek()?.item ?? "") : -1;
      return ids[(at < 0 ? ids.length : at) + by] ?? null;
    },
  };
}

/** The oldest long items go; the kernel has them. */
function lightened(past: readonly Past[]): readonly Past[] {
  const gone = past.length - kept(past.map(({ before }) => before));
  return gone ? past.map((each, at) => (at < gone ? { ...each, before: null } : each)) : past;
}

const isItem = (entry: HistoryEntry | Item): entry is Item & HistoryEntry => "fields" in entry && "hash" in entry;

function summed(start: Progress, steps: readonly Progress[]): Progress {
  const add = (part: "done" | "skipped"): number => steps.reduce((sum, step) => sum + step[part], start[part]);
  return { ...start, done: add("done"), skipped: add("skipped") };
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
