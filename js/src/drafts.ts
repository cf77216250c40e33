/** The answers being made to one item, with undo and redo, kept over a reload. */

import { computed, type Signal, signal } from "@preact/signals-core";
import { own } from "./own";
import type { Answers, Item } from "./protocol";
import type { Draft } from "./questions/module";
import type { Sketch, Store } from "./store";

interface Entry {
  readonly value: unknown;
  readonly dismissed: boolean;
}
type Entries = Readonly<Record<string, Entry>>;

const BLANK: Entry = { value: null, dismissed: false };
/** Edits that can be taken back one by one. */
const DEPTH = 200;

/** The drafts of all questions on one item. */
export type Sheet = ReturnType<typeof openSheet>;

/**
 * `standing`: what stands, so that changing nothing is no new answer. `answered` is told after each answer given to a
 * question (not after undo and redo).
 */
export function openSheet(
  item: Item,
  standing: Answers,
  sketch: Sketch | undefined,
  save: () => void,
  answered: (name: string) => void = () => undefined,
) {
  const start: Record<string, Entry> = {};
  for (const [name, value] of Object.entries({ ...standing, ...sketch?.values }))
    start[name] = { value, dismissed: false };
  for (const name of sketch?.dismissed ?? []) start[name] = { ...(own(start, name) ?? BLANK), dismissed: true };
  const entries = signal<Entries>(start);
  const undone = signal<readonly Entries[]>([]);
  const edits = signal<readonly Entries[]>([]);
  const made = new Map<string, Draft<unknown>>();

  const entryOf = (all: Entries, name: string): Entry => own(all, name) ?? BLANK;

  const put = (next: Entries): void => {
    entries.value = next;
    save();
  };

  const edit = (name: string, change: Partial<Entry>): void => {
    const now = entries.peek();
    edits.value = [...edits.peek(), now].slice(-DEPTH);
    undone.value = [];
    put({ ...now, [name]: { ...entryOf(now, name), ...change } });
  };

  const travel = (from: Signal<readonly Entries[]>, to: Signal<readonly Entries[]>): boolean => {
    const target = from.peek().at(-1);
    if (!target) return false;
    from.value = from.peek().slice(0, -1);
    to.value = [...to.peek(), entries.peek()];
    put(target);
    return true;
  };

  const newDraft = (name: string): Draft<unknown> => {
    const entry = computed(() => entryOf(entries.value, name));
    return {
      value: computed(() => entry.value.value),
      dismissed: computed(() => entry.value.dismissed),
      set: (value) => {
        edit(name, { value });
        if (value !== null) answered(name);
      },
    };
  };

  const values = (): Answers => {
    const given = Object.entries(entries.peek()).filter(([, { value }]) => value !== null);
    return Object.fromEntries(given.map(([name, { value }]) => [name, value]));
  };

  return {
    item,
    /** What is filled in. */
    values,

    /** The draft of one question; the same object as long as the item is on the screen. */
    draft(name: string): Draft<unknown> {
      const draft = made.get(name) ?? newDraft(name);
      made.set(name, draft);
      return draft;
    },

    dismiss: (name: string): void => edit(name, { dismissed: !entryOf(entries.peek(), name).dismissed }),

    /** Whether the person did anything to this item that was not submitted. */
    touched: (): boolean => sketch !== undefined || edits.value.length > 0,

    undo: (): boolean => travel(edits, undone),
    redo: (): boolean => travel(undone, edits),

    toSketch(desk: string): Sketch {
      const all = Object.entries(entries.peek());
      return {
        key: keyOf(desk, item.item),
        desk,
        item: item.item,
        hash: item.hash,
        values: values(),
        dismissed: all.filter(([, e]) => e.dismissed).map(([name]) => name),
        at: Date.now(),
      };
    },
  };
}

/** A draft nobody came back to is forgotten after this long. */
const KEEP_MS = 30 * 24 * 3600 * 1000;

const keyOf = (desk: string, item: string): string => `${desk}\n${item}`;

/** The sheets of the items seen in this sitting, and the sketches earlier pages left in the store. */
export type Drafts = Awaited<ReturnType<typeof openDrafts>>;

export async function openDrafts(store: Store, desk: string) {
  const sheets = new Map<string, Sheet>();
  const sketches = new Map<string, Sketch>();
  /** Items with a sketch in the store. */
  const written = new Set<string>();
  /** Items with an edit that is about to be written. */
  const due = new Set<string>();

  const drop = (keys: readonly string[]): void => void store.drop("sketches", keys).catch(() => undefined);

  const keep = (sketch: Sketch): void => {
    sketches.set(sketch.item, sketch);
    written.add(sketch.item);
  };

  /** Once a key is worked off: an answer that is submitted at once leaves nothing to keep. */
  const save = (sheet: Sheet): void => {
    const { item } = sheet.item;
    if (sheets.get(item) !== sheet || due.has(item)) return;
    due.add(item);
    queueMicrotask(() => {
      due.delete(item);
      if (sheets.get(item) !== sheet) return;
      const sketch = sheet.toSketch(desk);
      keep(sketch);
      void store.put("sketches", sketch).catch(() => undefined);
    });
  };

  const all = await store.all("sketches", desk).catch(() => []);
  all.forEach(keep);
  const old = all.filter(({ at }) => at < Date.now() - KEEP_MS);
  if (old.length > 0) drop(old.map(({ key }) => key));

  return {
    /** The sheet of an item; `answers` are what the person finds filled in. */
    open(item: Item, answers: Answers, answered: (name: string) => void): Sheet {
      const known = sheets.get(item.item);
      if (known && known.item.hash === item.hash && known.touched()) return known;
      const sketch = sketches.get(item.item);
      const fitting = sketch?.hash === item.hash ? sketch : undefined;
      const sheet: Sheet = openSheet(item, answers, fitting, () => save(sheet), answered);
      sheets.set(item.item, sheet);
      return sheet;
    },

    /** Submitted or skipped: nothing unfinished is left. */
    forget(id: string): void {
      sheets.delete(id);
      sketches.delete(id);
      if (written.delete(id)) drop([keyOf(desk, id)]);
    },
  };
}
