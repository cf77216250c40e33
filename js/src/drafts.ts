/** The answers being made to one item, with undo and redo, kept over a reload. */

import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
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
export class Sheet {
  private readonly entries: Signal<Entries>;
  private readonly undone = signal<readonly Entries[]>([]);
  private readonly edits = signal<readonly Entries[]>([]);
  private readonly made = new Map<string, Draft<unknown>>();

  constructor(
    readonly item: Item,
    /** What stands: changing nothing is no new answer. */
    readonly standing: Answers,
    sketch: Sketch | undefined,
    private readonly save: (sheet: Sheet) => void,
    /** Told after each answer given to a question (not after undo and redo). */
    private readonly answered: (name: string) => void = () => undefined,
  ) {
    const start: Record<string, Entry> = {};
    for (const [name, value] of Object.entries(standing)) start[name] = { value, dismissed: false };
    for (const [name, value] of Object.entries(sketch?.values ?? {})) start[name] = { value, dismissed: false };
    for (const name of sketch?.dismissed ?? []) start[name] = { ...(start[name] ?? BLANK), dismissed: true };
    this.entries = signal(start);
    this.fromBefore = sketch !== undefined;
  }

  private readonly fromBefore: boolean;

  /** The draft of one question; the same object as long as the item is on the screen. */
  draft(name: string): Draft<unknown> {
    const known = this.made.get(name);
    if (known) return known;
    const entry: ReadonlySignal<Entry> = computed(() => this.entries.value[name] ?? BLANK);
    const draft: Draft<unknown> = {
      value: computed(() => entry.value.value),
      dismissed: computed(() => entry.value.dismissed),
      set: (value) => {
        this.edit(name, { ...entry.peek(), value });
        if (value !== null) this.answered(name);
      },
    };
    this.made.set(name, draft);
    return draft;
  }

  dismiss(name: string): void {
    const now = this.entries.peek()[name] ?? BLANK;
    this.edit(name, { ...now, dismissed: !now.dismissed });
  }

  /** Whether the person did anything to this item that was not submitted. */
  touched(): boolean {
    return this.fromBefore || this.edits.value.length > 0;
  }

  undo(): boolean {
    return this.travel(this.edits, this.undone);
  }

  redo(): boolean {
    return this.travel(this.undone, this.edits);
  }

  toSketch(desk: string): Sketch {
    const all = Object.entries(this.entries.peek());
    const { item, hash } = this.item;
    return {
      key: `${desk}\n${item}`,
      desk,
      item,
      hash,
      values: Object.fromEntries(all.filter(([, e]) => e.value !== null).map(([name, e]) => [name, e.value])),
      dismissed: all.filter(([, e]) => e.dismissed).map(([name]) => name),
      at: Date.now(),
    };
  }

  private edit(name: string, next: Entry): void {
    this.edits.value = [...this.edits.peek(), this.entries.peek()].slice(-DEPTH);
    this.undone.value = [];
    this.put({ ...this.entries.peek(), [name]: next });
  }

  private travel(from: Signal<readonly Entries[]>, to: Signal<readonly Entries[]>): boolean {
    const target = from.peek().at(-1);
    if (!target) return false;
    from.value = from.peek().slice(0, -1);
    to.value = [...to.peek(), this.entries.peek()];
    this.put(target);
    return true;
  }

  private put(entries: Entries): void {
    this.entries.value = entries;
    this.save(this);
  }
}

/** A draft nobody came back to is forgotten after this long. */
const KEEP_MS = 30 * 24 * 3600 * 1000;

/** The sheets of the items seen in this sitting, and the sketches earlier pages left in the store. */
export class Drafts {
  private readonly sheets = new Map<string, Sheet>();
  private readonly sketches = new Map<string, Sketch>();
  /** Items with a sketch in the store. */
  private readonly written = new Set<string>();
  /** Items with an edit that is about to be written. */
  private readonly due = new Set<string>();

  constructor(
    private readonly store: Store,
    private readonly desk: string,
  ) {}

  async load(): Promise<void> {
    const all = await this.store.all("sketches", this.desk).catch(() => []);
    const old = all.filter((sketch) => sketch.at < Date.now() - KEEP_MS);
    for (const sketch of all) {
      this.sketches.set(sketch.item, sketch);
      this.written.add(sketch.item);
    }
    if (old.length > 0)
      void this.store
        .drop(
          "sketches",
          old.map((sketch) => sketch.key),
        )
        .catch(() => undefined);
  }

  /** The sheet of an item; `answers` are what the person finds filled in. */
  open(item: Item, answers: Answers, answered: (name: string) => void): Sheet {
    const known = this.sheets.get(item.item);
    if (known && known.item.hash === item.hash && known.touched()) return known;
    const sketch = this.sketches.get(item.item);
    const fitting = sketch?.hash === item.hash ? sketch : undefined;
    const sheet = new Sheet(item, answers, fitting, (changed) => this.keep(changed), answered);
    this.sheets.set(item.item, sheet);
    return sheet;
  }

  /** Submitted or skipped: nothing unfinished is left. */
  forget(id: string): void {
    this.sheets.delete(id);
    this.sketches.delete(id);
    if (!this.written.delete(id)) return;
    void this.store.drop("sketches", [`${this.desk}\n${id}`]).catch(() => undefined);
  }

  /** Once a key is worked off: an answer that is submitted at once leaves nothing to keep. */
  private keep(sheet: Sheet): void {
    const { item } = sheet.item;
    if (this.sheets.get(item) !== sheet || this.due.has(item)) return;
    this.due.add(item);
    queueMicrotask(() => {
      this.due.delete(item);
      if (this.sheets.get(item) === sheet) this.write(sheet.toSketch(this.desk));
    });
  }

  private write(sketch: Sketch): void {
    this.sketches.set(sketch.item, sketch);
    this.written.add(sketch.item);
    void this.store.put("sketches", sketch).catch(() => undefined);
  }
}
