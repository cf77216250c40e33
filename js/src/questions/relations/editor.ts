/** Relating the spans of one item without a DOM: which two are meant, choice and edits. */

import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import type { QuestionSpec, Said, SpanValue } from "../../protocol";
import { lieAlike } from "../../text/fragments";
import { type Offsets, offsetsOf } from "../../text/offsets";
import { arm, edit, editorOf, type Marks } from "../marks/state";
import type { QuestionProps } from "../module";

/** A span by its place and label. */
export type End = Pick<SpanValue, "start" | "end" | "label" | "fragments">;

export interface RelationValue extends Said {
  readonly head: End;
  readonly tail: End;
  readonly label: string;
}

export interface RelationsSpec extends QuestionSpec {
  /** The question whose spans are related. */
  readonly between: string;
  readonly loops: boolean;
}

export type RelationsProps = QuestionProps<readonly RelationValue[], RelationsSpec>;

export interface RelationEditor extends Marks<RelationValue> {
  readonly offsets: Offsets;
  readonly loops: boolean;
  /** The spans of the item as they stand. */
  readonly spans: ReadonlySignal<readonly SpanValue[]>;
  /** The span a new relation comes from. */
  readonly from: Signal<SpanValue | null>;
  /** The span the keys are at, to which it will go. */
  readonly at: Signal<SpanValue | null>;
}

const LOOP = "A span is not related to itself here: go to another one.";
const FIRST = "Choose where the relation comes from: a click, or arrow keys and b.";

export const relationEditor = (props: RelationsProps): RelationEditor =>
  editorOf(props, (marks) => {
    const { question, item, standing } = props;
    const text = item.fields[question.field ?? ""];
    return {
      ...marks,
      offsets: offsetsOf(typeof text === "string" ? text : ""),
      loops: question.loops,
      spans: computed(() => spansOf(standing(question.between))),
      from: signal<SpanValue | null>(null),
      at: signal<SpanValue | null>(null),
    };
  });

const spansOf = (value: unknown): readonly SpanValue[] => (Array.isArray(value) ? value : []);

export const same = (a: End, b: End): boolean => a.label === b.label && lieAlike(a, b);

const endOf = ({ start, end, label, fragments }: End): End => ({
  start,
  end,
  label,
  ...(fragments ? { fragments } : {}),
});

/** The relations whose spans are there. */
export const fitting = <R extends RelationValue>(relations: readonly R[], spans: readonly End[]): readonly R[] =>
  relations.filter(({ head, tail }) => [head, tail].every((end) => spans.some((span) => same(span, end))));

/** What is chosen and open, seen from the spans as they stand now. */
const present = (span: SpanValue | null, spans: readonly SpanValue[]): SpanValue | null =>
  (span && spans.find((each) => same(each, span))) ?? null;

/** The next or previous span in the order of the text. */
export function step(editor: RelationEditor, direction: 1 | -1): void {
  const { spans, at } = editor;
  const all = spans.value;
  const here = present(at.value, all);
  const next = here ? all[all.indexOf(here) + direction] : all.at(direction > 0 ? 0 : -1);
  editor.choose(null);
  if (next) at.value = next;
}

/** The span the keys are at is where a relation comes from; once more takes that back. */
export function begin(editor: RelationEditor): void {
  const { at, from, notice } = editor;
  notice.value = null;
  editor.choose(null);
  from.value = from.value && at.value && same(from.value, at.value) ? null : at.value;
}

/** A click on a span: the first is the head, the second the tail. */
export function point(editor: RelationEditor, span: SpanValue): void {
  const { at, from, armed } = editor;
  at.value = span;
  if (!from.value) begin(editor);
  else if (armed.value !== null) applyLabel(editor, armed.value);
}

/** Relate the two spans, relabel the chosen relation, or arm the label. */
export function applyLabel(editor: RelationEditor, label: string): void {
  const { chosen, spans, notice } = editor;
  const [head, tail] = [present(editor.from.value, spans.value), present(editor.at.value, spans.value)];
  if (chosen.value) change(editor, { label });
  else if (!head) {
    notice.value = spans.value.length ? FIRST : null;
    arm(editor, label);
  } else if (!tail || (!editor.loops && same(head, tail))) notice.value = LOOP;
  else add(editor, { head: endOf(head), tail: endOf(tail), label });
}

function add(editor: RelationEditor, relation: RelationValue): void {
  const { shown } = editor;
  const there = shown.value.find((each) => alike(each, relation));
  editor.from.value = null;
  if (there) editor.choose(there);
  else edit(editor, [...shown.value, relation].sort(byPlace), relation);
}

const alike = (a: RelationValue, b: RelationValue): boolean =>
  same(a.head, b.head) && same(a.tail, b.tail) && a.label === b.label;

const byPlace = (a: RelationValue, b: RelationValue): number =>
  a.head.start - b.head.start || a.head.end - b.head.end || a.tail.start - b.tail.start || a.tail.end - b.tail.end;

/** The chosen relation becomes another one; not one that is there already. */
export function change(editor: RelationEditor, to: Partial<RelationValue>): void {
  const { chosen, shown } = editor;
  const relation = chosen.value;
  if (!relation) return;
  const next = { ...relation, ...to };
  const there = shown.value.find((each) => alike(each, next));
  if (there === relation) return;
  const rest = shown.value.filter((each) => each !== relation);
  if (there) edit(editor, rest, there);
  else edit(editor, [...rest, next].sort(byPlace), next);
}

/** Head and tail of the chosen relation change places. */
export function reverse(editor: RelationEditor): void {
  const relation = editor.chosen.value;
  if (relation) change(editor, { head: relation.tail, tail: relation.head });
}

/** Put down what is open; false when nothing is. */
export function putBack({ from, at }: RelationEditor): boolean {
  const open = from.value ?? at.value;
  if (from.value) from.value = null;
  else at.value = null;
  return open !== null;
}
