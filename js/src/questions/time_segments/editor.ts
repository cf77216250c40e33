/** Marking stretches of one recording without a DOM: where a new one begins, choice and edits in seconds. */

import { type Signal, signal } from "@preact/signals-core";
import { type MediaValue, playerOf } from "../../media/player";
import { type OnRecording, onRecording, stepOf } from "../../media/stage";
import type { QuestionSpec, Said } from "../../protocol";
import { arm, edit, editorOf, type Marks } from "../marks/state";
import type { QuestionProps } from "../module";

/** Seconds from the beginning, to the millisecond. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

export interface SegmentValue extends Stretch, Said {
  readonly label: string;
}

export interface SegmentsSpec extends QuestionSpec {
  readonly overlap: boolean;
}

export type SegmentsProps = QuestionProps<readonly SegmentValue[], SegmentsSpec>;

export interface SegmentEditor extends Marks<SegmentValue>, OnRecording {
  readonly overlap: boolean;
  /** Where a segment was begun by key; it reaches to the playhead. */
  readonly begun: Signal<number | null>;
  /** A stretch that waits for its label, or follows the pointer. */
  readonly waiting: Signal<Stretch | null>;
}

const OVERLAP = "Segments may not overlap here: change or remove the other one first.";
const EMPTY = "A segment ends after it begins: move on with → or play, then press b again.";
const LEAST = 0.001;

export const segmentEditor = (props: SegmentsProps): SegmentEditor =>
  editorOf(props, (marks) => ({
    ...marks,
    ...onRecording(playerOf(props.item.fields[props.question.field ?? ""] as MediaValue)),
    overlap: props.question.overlap,
    begun: signal<number | null>(null),
    waiting: signal<Stretch | null>(null),
  }));

const milli = (seconds: number): number => Math.round(seconds * 1000) / 1000;

export const stretchOf = (one: number, other: number): Stretch => ({
  start: milli(Math.min(one, other)),
  end: milli(Math.max(one, other)),
});

const byTime = (a: SegmentValue, b: SegmentValue): number =>
  a.start - b.start || a.end - b.end || Number(a.label > b.label) - Number(a.label < b.label);

/** Forget a stretch that has no label yet; false when there is none. */
export function dropStretch({ begun, waiting }: SegmentEditor): boolean {
  const dropped = begun.value !== null || waiting.value !== null;
  begun.value = null;
  waiting.value = null;
  return dropped;
}

/** Begin a segment at the playhead, or end it there. */
export function beginOrEnd(editor: SegmentEditor): void {
  const { begun, player, notice } = editor;
  if (begun.value === null) {
    choose(editor, null);
    notice.value = null;
    begun.value = player.time.value;
    return;
  }
  const stretch = stretchOf(begun.value, player.time.value);
  if (stretch.end - stretch.start < LEAST) notice.value = EMPTY;
  else select(editor, stretch);
}

/** A stretch is there: it gets the armed label at once, or waits for one. */
export function select(editor: SegmentEditor, stretch: Stretch | null): void {
  const { armed, waiting, notice } = editor;
  choose(editor, null);
  notice.value = null;
  waiting.value = stretch;
  if (stretch && armed.value !== null) applyLabel(editor, armed.value);
}

/** Label the stretch (which ends here if it is open), relabel the chosen segment, or arm the label. */
export function applyLabel(editor: SegmentEditor, label: string): void {
  const { begun, chosen, waiting } = editor;
  if (begun.value !== null) beginOrEnd(editor);
  if (waiting.value) place(editor, { ...waiting.value, label }, null);
  else if (chosen.value) place(editor, { ...chosen.value, label }, chosen.value);
  else if (begun.value === null) arm(editor, label);
}

export function place(editor: SegmentEditor, segment: SegmentValue, replaced: SegmentValue | null): void {
  const { shown, overlap, waiting, notice } = editor;
  const rest = shown.value.filter((each) => each !== replaced);
  const same = rest.find((each) => byTime(each, segment) === 0);
  if (!overlap && rest.some((each) => each.start < segment.end && segment.start < each.end)) {
    notice.value = OVERLAP;
    return;
  }
  waiting.value = null;
  if (same) edit(editor, rest, same);
  else edit(editor, [...rest, segment].sort(byTime), segment);
}

/** Move an edge of the chosen segment, or of the stretch, by a step. */
export function nudge(editor: SegmentEditor, edge: "start" | "end", direction: 1 | -1): void {
  const { chosen, waiting, player } = editor;
  const from = chosen.value ?? waiting.value;
  if (!from) return;
  const [least, most] = edge === "start" ? [0, from.end - LEAST] : [from.start + LEAST, player.length.value];
  const to = milli(Math.max(least, Math.min(most, from[edge] + direction * stepOf(editor))));
  if (to === from[edge]) return;
  if (chosen.value) place(editor, { ...chosen.value, [edge]: to }, chosen.value);
  else waiting.value = { ...from, [edge]: to };
  player.seek(to);
}

/** The playhead goes to where a chosen segment begins. */
export function choose(editor: SegmentEditor, segment: SegmentValue | null): void {
  dropStretch(editor);
  editor.choose(segment);
  if (segment) editor.player.seek(segment.start);
}

/** The shortest segment over a moment; the next longer one if that is chosen already. */
export function segmentAt({ shown, chosen }: SegmentEditor, time: number): SegmentValue | null {
  const under = shown.value
    .filter(({ start, end }) => start <= time && time < end)
    .sort((a, b) => a.end - a.start - (b.end - b.start));
  return under[(chosen.value ? under.indexOf(chosen.value) + 1 : 0) % (under.length || 1)] ?? null;
}
