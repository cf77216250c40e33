/** Editing the spans of one item without a DOM: caret, choice and edits, in terms of pure functions on text. */

import { batch, computed, type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import type { QuestionSpec, SpanValue } from "../../protocol";
import { type Caret, caretOver, moved, nudged, placed, reachOf } from "../../text/caret";
import { type Offsets, offsetsOf } from "../../text/offsets";
import { type Pieces, piecesOf, type Reach, type Snap, snapped } from "../../text/pieces";
import { placeSpan, spanAt } from "../../text/spans";
import { arm, edit, editorOf, type Marks, saidOf } from "../marks/state";
import type { QuestionProps } from "../module";

export interface SpansSpec extends QuestionSpec {
  readonly overlap?: boolean;
  readonly snap?: Snap;
}

export type SpansProps = QuestionProps<readonly SpanValue[], SpansSpec>;

export interface SpanEditor extends Marks<SpanValue> {
  readonly offsets: Offsets;
  readonly overlap: boolean;
  readonly snap: Signal<Snap>;
  readonly pieces: ReadonlySignal<Pieces>;
  /** The selected text, in UTF-16 units. Either it or a span is chosen, never both. */
  readonly caret: Signal<Caret | null>;
  /** The browser itself shows the selection (touch handles), so nothing may be redrawn under it. */
  readonly native: Signal<boolean>;
}

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
      snap,
      pieces: computed(() => piecesOf(text, snap.value)),
      caret: signal<Caret | null>(null),
      native: signal(false),
    };
  });
}

/** Where a span lies, in UTF-16 units. */
export const unitsOf = ({ offsets }: SpanEditor, { start, end }: SpanValue): Reach => ({
  start: offsets.toUnit(start),
  end: offsets.toUnit(end),
});

export function setCaret(editor: SpanEditor, caret: Caret | null): void {
  batch(() => {
    editor.notice.value = null;
    editor.choose(null);
    editor.caret.value = caret;
  });
}

export function chooseSpan(editor: SpanEditor, span: SpanValue | null): void {
  batch(() => {
    editor.caret.value = null;
    editor.choose(span);
  });
}

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
  const span = extend ? null : spanAt(shown.value, offsets.toCodePoint(unit), chosen.value);
  if (span) chooseSpan(editor, span);
  else setCaret(editor, placed(pieces.value, caret.value, unit, extend));
}

/** Label the selection, or relabel the chosen span, or arm the label when there is neither. */
export function applyLabel(editor: SpanEditor, label: string): void {
  const chosen = editor.chosen.value;
  if (editor.caret.value) place(editor, reachOf(editor.caret.value), label, null);
  else if (chosen) place(editor, unitsOf(editor, chosen), label, chosen);
  else arm(editor, label);
}

function place(editor: SpanEditor, reach: Reach, label: string, replaced: SpanValue | null): void {
  const { offsets, shown, overlap, caret, notice } = editor;
  const said = replaced ? saidOf(replaced) : {};
  const span = { start: offsets.toCodePoint(reach.start), end: offsets.toCodePoint(reach.end), label, ...said };
  const before = shown.value;
  const { spans, index } = placeSpan(before, span, overlap, replaced && before.indexOf(replaced));
  if (index === null) {
    notice.value = OVERLAP;
    return;
  }
  batch(() => {
    caret.value = null;
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
  const reach = chosen ? unitsOf(editor, chosen) : reachOf(from);
  const next = nudged(pieces, reach, edge, step);
  if (next === reach) return;
  if (chosen) place(editor, next, chosen.label, chosen);
  else setCaret(editor, caretOver(pieces, next));
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
