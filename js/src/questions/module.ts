/** What a label type is to the app: one object, registered in index.ts. Nothing here runs, but for the legend. */

import type { ReadonlySignal } from "@preact/signals-core";
import type { ComponentChildren, ComponentType } from "preact";
import type { Item, QuestionSpec, Suggestion, Via } from "../protocol";

/** The answer being made to one question on one item. */
export interface Draft<A> {
  /** null = nothing answered yet. */
  readonly value: ReadonlySignal<A | null>;
  /** One undoable edit. */
  set(next: A | null): void;
  /** The suggestion was sent away. */
  readonly dismissed: ReadonlySignal<boolean>;
}

/** A surface or panel registers one while it is mounted. Owned keys never reach the notebook. */
export interface KeyHandler {
  /** true = handled. */
  handle(ev: KeyboardEvent): boolean;
  owns(ev: KeyboardEvent): boolean;
}

/** Media by id. */
export interface BlobSource {
  /** An object URL once the bytes are here; rejects with a sentence. */
  url(blob: string): Promise<string>;
  /** The same at once if the bytes are here already. */
  ready(blob: string): string | null;
  /** The bytes themselves, for what is computed from them. */
  data?(blob: string): Promise<Blob>;
  /** Put the widget of this name into the page; returns what takes it out again. Where there is a kernel. */
  embed?(blob: string, el: HTMLElement): Promise<() => void>;
}

export interface LegendRow {
  readonly keys: readonly string[];
  readonly text: string;
}

export const row = (text: string, ...keys: string[]): LegendRow => ({ keys, text });

/** The labels that have a key, in the order of the schema. */
export const labelRows = ({ labels }: QuestionSpec): LegendRow[] =>
  labels.flatMap(({ name, key }) => (key === null ? [] : [row(name, key)]));

/** What a question keeps from item to item. */
export interface Lasting {
  /** This question receives the label keys. */
  active: ReadonlySignal<boolean>;
  /** The person clicked into it. */
  activate(): void;
  /** Ask the app to submit the whole item. */
  submit(via: Via): void;
  /** Who answers: what is shown in an order by lot is so for each person. */
  readonly annotator: string;
  blobs: BlobSource;
  register(keys: KeyHandler): () => void;
}

export interface QuestionProps<A, Q extends QuestionSpec = QuestionSpec> extends Lasting {
  question: Q;
  item: Item;
  draft: Draft<A>;
  /** null also when it was dismissed. */
  suggestion: Suggestion<A> | null;
  /** Another question as it is asked about this item. */
  asked(question: string): QuestionSpec | null;
  /** What stands as the answer to another question on this item: its draft, else its suggestion. */
  standing(question: string): unknown;
  /** The plain view of a field that the module `shows` itself. */
  field(name: string): ComponentChildren;
}

export interface QuestionModule<A, Q extends QuestionSpec = QuestionSpec> {
  readonly kind: string;
  /** Whether an answer is the decision on the item; `only`: there is no other question. */
  submitsAtOnce(question: Q, only: boolean): boolean;
  complete(question: Q, value: A | null): boolean;
  /** What stands before the first edit, and is submitted if there is none. */
  initial(question: Q): A | null;
  /** The answer as far as it fits the answers to the questions before it. */
  amid?(question: Q, value: A, answers: Readonly<Record<string, unknown>>): A;
  /** For the history strip. */
  summary(question: Q, value: A): string;
  legend(question: Q): LegendRow[];
  /** Options in the order they are shown on an item, where that is another than the schema's; it is kept with the answer. */
  order?(question: Q, item: Item, annotator: string): readonly string[];
  /** Fields its panel shows itself. */
  shows?(question: Q): readonly string[];
  /** It keeps something of one item (a selection, what was typed), so each item gets a new one. Surfaces always do. */
  readonly keepsItem?: true;
  /** Replaces the plain view of the field this question is about. */
  Surface?: ComponentType<QuestionProps<A, Q>>;
  Panel: ComponentType<QuestionProps<A, Q>>;
}
