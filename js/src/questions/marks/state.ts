/** What every question about marks (labeled pieces of a text, labeled rectangles) keeps while one item is on screen. */

import { batch, computed, type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import type { QuestionSpec, Said, Suggestion } from "../../protocol";
import { remember } from "../../remember";
import type { Draft, QuestionProps } from "../module";

export interface Mark extends Said {
  readonly label: string;
}

export interface Marks<M extends Mark> {
  readonly question: QuestionSpec;
  readonly draft: Draft<readonly M[]>;
  /** The label that new marks get at once; it stays from item to item. */
  readonly armed: Signal<string | null>;
  readonly suggestion: Signal<Suggestion<readonly M[]> | null>;
  /** The draft, or the suggestion as long as nothing was answered. */
  readonly shown: ReadonlySignal<readonly M[]>;
  readonly suggested: ReadonlySignal<boolean>;
  readonly chosen: ReadonlySignal<M | null>;
  /** A sentence for the person: why nothing happened. */
  readonly notice: Signal<string | null>;
  choose(mark: M | null): void;
}

function marksFor<M extends Mark>({ question, draft, suggestion: first }: QuestionProps<readonly M[]>): Marks<M> {
  const suggestion = signal(first);
  const picked = signal<M | null>(null);
  const shown = computed(() => draft.value.value ?? suggestion.value?.value ?? []);
  return {
    question,
    draft,
    armed: remember(question, () => signal<string | null>(null)),
    suggestion,
    shown,
    suggested: computed(() => draft.value.value === null && suggestion.value !== null),
    // A mark that an undo took away is no longer chosen.
    chosen: computed(() => (picked.value && shown.value.includes(picked.value) ? picked.value : null)),
    notice: signal<string | null>(null),
    choose: (mark) => {
      picked.value = mark;
    },
  };
}

/** The editor that the surface and the panel of one draft share. */
export function editorOf<M extends Mark, E extends Marks<M>>(
  props: QuestionProps<readonly M[]>,
  make: (marks: Marks<M>) => E,
): E {
  const editor = remember(props.draft, () => make(marksFor(props)));
  if (editor.suggestion.peek() !== props.suggestion) editor.suggestion.value = props.suggestion;
  return editor;
}

/** One undoable edit. A standing suggestion is thereby copied into the draft. */
export function edit<M extends Mark>(marks: Marks<M>, next: readonly M[], chosen: M | null): void {
  // At once, or all marks would be drawn for each of the three.
  batch(() => {
    marks.notice.value = null;
    marks.draft.set(next);
    marks.choose(chosen);
  });
}

/** What a mark says, to be carried over to another one in its place. */
export const saidOf = ({ attributes }: Said): Said => (attributes ? { attributes } : {});

/** The chosen mark says this, or says it no more. */
export function say<M extends Mark>(marks: Marks<M>, name: string, value: string): void {
  const chosen = marks.chosen.value;
  if (!chosen) {
    marks.notice.value = `Choose a mark first: ${name} is said about one.`;
    return;
  }
  const { [name]: before, ...others } = chosen.attributes ?? {};
  const attributes = before === value ? others : { ...others, [name]: value };
  const next: M & { attributes?: Said["attributes"] } = { ...chosen, attributes };
  if (!Object.keys(attributes).length) delete next.attributes;
  edit(
    marks,
    marks.shown.value.map((mark) => (mark === chosen ? next : mark)),
    next,
  );
}

/** Every value of every attribute in the order of the schema. */
export const sayings = ({ attributes = {} }: QuestionSpec): (readonly [string, string])[] =>
  Object.entries(attributes).flatMap(([name, values]) => values.map((value) => [name, value] as const));

export function removeChosen<M extends Mark>(marks: Marks<M>): void {
  const chosen = marks.chosen.value;
  if (!chosen) return;
  edit(
    marks,
    marks.shown.value.filter((mark) => mark !== chosen),
    null,
  );
}

/** The mark after (or before) the chosen one; past the last none is chosen, then it starts over. */
export function cycle<M extends Mark>(marks: Marks<M>, step: 1 | -1): void {
  const places = [null, ...marks.shown.value];
  marks.choose(places.at((places.indexOf(marks.chosen.value) + step) % places.length) ?? null);
}

/** Arm a label, or put the pen down when it is armed already. */
export function arm<M extends Mark>({ armed }: Marks<M>, label: string): void {
  armed.value = armed.value === label ? null : label;
}

/** Put down the choice, or else the armed label. */
export function putDown<M extends Mark>(marks: Marks<M>): void {
  if (marks.chosen.value) marks.choose(null);
  else marks.armed.value = null;
}
