/** Editing the spans of one item without a DOM: caret, choice and edits, in terms of pure functions on text. */

import { batch, computed, type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import type { QuestionSpec, SpanValue } from "../../protocol";
import { type Caret, caretOver, moved, nudged, placed, reachOf } from "../../text/caret";
import { type Blank, fragmentsOf, nearestTo, type Place, replaced, toggled, without } from "../../text/fragments";
import { type Offsets, offsetsOf } from "../../text/offsets";
import { type Pieces, piecesOf, type Reach, type Snap, snapped } from "../../text/pieces";
import { placeSpan, spanAt } from "../../text/spans";
import { arm, edit, editorOf, type Marks, saidOf } from "../marks/state";
import type { QuestionProps } from "../module";

export interface SpansSpec extends QuestionSpec {
  readonly overlap?: boolean;
  readonly discontinuous?: boolean;
  readonly snap?: Snap;
}

export type SpansProps = QuestionProps<readonly SpanValue[], SpansSpec>;

export interface SpanEditor extends Marks<SpanValue> {
  readonly offsets: Offsets;
  readonly overlap: boolean;
  /** Spans may be in several pieces. */
  readonly discontinuous: boolean;
  /** The span that was chosen before text was selected: the one that may get a further piece. */
  readonly base: Signal<SpanValue | null>;
  /** The offset nearest to which a piece of the chosen span is meant; null for the last piece. */
  readonly near: Signal<number | null>;
  readonly snap: Signal<Snap>;
  readonly pieces: ReadonlySignal<Pieces>;
  /** The selected text, in UTF-16 units. Either it or a span is chosen, never both. */
  readonly caret: Signal<Caret | null>;
  /** The browser itself shows the selection (touch handles), so nothing may be redrawn under it. */
  readonly native: Signal<boolean>;
}

const NO_BASE = "Choose a span first, then select the text that belongs to it too.";
const ONE_PIECE = "That is all of the span: n removes it.";
const OVERLAP = "Spans may not overlap here: change or remove the other one first.";

export function spanEditor(props: SpansProps): SpanEditor {
  return editorOf(props, (marks) => {
    const field = props.item.fields[props.question.field ?? ""];
    const text = typeof field === "string" ? field : "";
    const snap = signal<Snap>(props.question.snap ?? "token");
    return {
      ...marks,
      offsets: offsetsOf(text),
      overlap: props.question.overlap ?? true,
      discontinuous: props.question.discontinuous ?? false,
      base: signal<SpanValue | null>(null),
      near: signal<number | null>(null),
      snap,
      pieces: computed(() => piecesOf(text, snap.value)),
      caret: signal<Caret | null>(null),
      native: signal(false),
    };
  });
}

/** Where a span lies, in UTF-16 units. */
export const unitsOf = ({ offsets }: SpanEditor, { start, end }: Pick<SpanValue, "start" | "end">): Reach => ({
  start: offsets.toUnit(start),
  end: offsets.toUnit(end),
});

/** Where its pieces lie, in UTF-16 units. */
export const reachesOf = (editor: SpanEditor, span: SpanValue): Reach[] =>
  fragmentsOf(span).map(([start, end]) => unitsOf(editor, { start, end }));

/** The piece of the chosen span that edges are moved of. */
export const pieceOf = ({ near }: SpanEditor, span: SpanValue): number => nearestTo(span, near.value);

export function setCaret(editor: SpanEditor, caret: Caret | null): void {
  batch(() => {
    const { base, chosen, notice, discontinuous } = editor;
    notice.value = null;
    if (chosen.value && discontinuous) base.value = chosen.value;
    if (!caret) base.value = null;
    editor.choose(null);
    editor.caret.value = caret;
  });
}

export function chooseSpan(editor: SpanEditor, span: SpanValue | null, near: number | null = null): void {
  batch(() => {
    editor.caret.value = null;
    editor.base.value = null;
    editor.near.value = near;
    editor.choose(span);
  });
}

/** The span that the selection may become a piece of, as long as it is there. */
export const baseOf = ({ base, shown }: SpanEditor): SpanValue | null =>
  base.value && shown.value.includes(base.value) ? base.value : null;

/** Take over a selection in either direction; false when it holds nothing to label. */
export function select(editor: SpanEditor, anchor: number, focus: number): boolean {
  const pieces = editor.pieces.value;
  const reach = snapped(pieces, anchor, focus);
  const caret = reach && caretOver(pieces, reach);
  if (caret) setCaret(editor, focus < anchor ? { anchor: caret.focus, focus: caret.anchor } : caret);
  return caret !== null;
}

/** A click on the character at `unit`: the span over it, else the word under it. */
export function point(editor: SpanEditor, unit: number, extend: boolean): void {
  const { shown, chosen, offsets, pieces, caret } = editor;
  const at = offsets.toCodePoint(unit);
  const span = extend ? null : spanAt(shown.value, at, chosen.value);
  if (span) chooseSpan(editor, span, at);
  else setCaret(editor, placed(pieces.value, caret.value, unit, extend));
}

/** Label the selection, or relabel the chosen span, or arm the label when there is neither. */
export function applyLabel(editor: SpanEditor, label: string): void {
  const chosen = editor.chosen.value;
  if (editor.caret.value) put(editor, pointsOf(editor, reachOf(editor.caret.value)), label, null);
  else if (chosen) put(editor, chosen, label, chosen);
  else arm(editor, label);
}

const pointsOf = ({ offsets }: SpanEditor, { start, end }: Reach): Place => ({
  start: offsets.toCodePoint(start),
  end: offsets.toCodePoint(end),
});

function put(editor: SpanEditor, { start, end, fragments }: Place, label: string, former: SpanValue | null): void {
  const { shown, overlap, caret, notice, base } = editor;
  const span = { start, end, ...(fragments ? { fragments } : {}), label, ...(former ? saidOf(former) : {}) };
  const before = shown.value;
  const { spans, index } = placeSpan(before, span, overlap, former && before.indexOf(former));
  if (index === null) {
    notice.value = OVERLAP;
    return;
  }
  batch(() => {
    caret.value = null;
    base.value = null;
    if (spans === before) editor.choose(spans[index] as SpanValue);
    else edit(editor, spans, spans[index] as SpanValue);
  });
}

/** Move an edge of the chosen span, or of the selection, by a piece. */
export function nudge(editor: SpanEditor, edge: "start" | "end", step: 1 | -1): void {
  const from = origin(editor);
  if (!from) return;
  const chosen = editor.chosen.value;
  const pieces = editor.pieces.value;
  const index = chosen ? pieceOf(editor, chosen) : 0;
  const reach = chosen ? (reachesOf(editor, chosen)[index] as Reach) : reachOf(from);
  const next = nudged(pieces, reach, edge, step);
  if (next === reach) return;
  if (!chosen) {
    setCaret(editor, caretOver(pieces, next));
    return;
  }
  const { start, end } = pointsOf(editor, next);
  editor.near.value = start;
  put(editor, replaced(chosen, index, [start, end], blankIn(editor)), chosen.label, chosen);
}

const blankIn =
  ({ offsets }: SpanEditor): Blank =>
  (start, end) =>
    /^\p{White_Space}*$/u.test(offsets.slice(start, end));

/** The selection becomes a piece of the span that was chosen before; exactly a piece of it, it is one no more. */
export function join(editor: SpanEditor): void {
  const { caret, notice, near } = editor;
  const span = baseOf(editor);
  if (!caret.value || !span) {
    notice.value = NO_BASE;
    return;
  }
  const { start, end } = pointsOf(editor, reachOf(caret.value));
  const next = toggled(span, [start, end], blankIn(editor));
  if (next === span) notice.value = ONE_PIECE;
  else {
    near.value = start;
    put(editor, next, span.label, span);
  }
}

/** The chosen span loses the piece that edges are moved of. */
export function takeOut(editor: SpanEditor): void {
  const span = editor.chosen.value;
  if (!span) return;
  const next = without(span, pieceOf(editor, span));
  if (next === span) editor.notice.value = ONE_PIECE;
  else put(editor, next, span.label, span);
}

/** The caret a key starts from: the present one, or the chosen span. */
export function origin(editor: SpanEditor): Caret | null {
  const chosen = editor.chosen.value;
  return editor.caret.value ?? (chosen && caretOver(editor.pieces.value, unitsOf(editor, chosen)));
}

/** One piece on or back. Without a caret it appears at the beginning (or the end) of the text. */
export function step(editor: SpanEditor, direction: 1 | -1, extend: boolean): void {
  const pieces = editor.pieces.value;
  const from = origin(editor);
  setCaret(
    editor,
    from ? moved(pieces, from, direction, extend) : placed(pieces, null, direction > 0 ? 0 : pieces.length - 1, false),
  );
}

/** Words or characters; the selection stays and is read in the new steps. */
export function toggleSnap(editor: SpanEditor): void {
  const reach = editor.caret.value && reachOf(editor.caret.value);
  editor.snap.value = editor.snap.value === "token" ? "character" : "token";
  if (reach) select(editor, reach.start, reach.end);
}
