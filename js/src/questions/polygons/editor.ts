/** Editing the outlines of one item without a DOM: the path being drawn, choice, corners and edits in image pixels. */

import { type Signal, signal } from "@preact/signals-core";
import { insideImage, type Point } from "../../geometry/boxes";
import {
  type Corner,
  type Corners,
  cornerOf,
  distanceTo,
  holds,
  inserted,
  middlesOf,
  pointOf,
  problemOf,
  shifted,
  simplified,
  withCorner,
} from "../../geometry/polygons";
import type { ImageValue, QuestionSpec, Said } from "../../protocol";
import { type OnImage, onImage, stepOf, whereCrosshair } from "../marks/image";
import { arm, edit, editorOf, type Marks } from "../marks/state";
import type { QuestionProps } from "../module";

export interface PolygonValue extends Said {
  readonly points: Corners;
  readonly label: string;
}

export interface PolygonsSpec extends QuestionSpec {
  readonly closed: boolean;
}

export type PolygonsProps = QuestionProps<readonly PolygonValue[], PolygonsSpec>;

export interface PolygonEditor extends Marks<PolygonValue>, OnImage {
  readonly closed: boolean;
  /** Corners of the outline being drawn. */
  readonly path: Signal<Corners | null>;
  /** The corner of the chosen outline that keys move. */
  readonly corner: Signal<number | null>;
  /** The chosen outline while it is dragged. */
  readonly ghost: Signal<Corners | null>;
}

export const polygonEditor = (props: PolygonsProps): PolygonEditor =>
  editorOf(props, (marks) => ({
    ...marks,
    ...onImage(props.item.fields[props.question.field ?? ""] as ImageValue),
    closed: props.question.closed,
    path: signal<Corners | null>(null),
    corner: signal<number | null>(null),
    ghost: signal<Corners | null>(null),
  }));

export const nextLabel = ({ armed, question }: PolygonEditor): string => armed.value ?? question.labels[0]?.name ?? "";

/** Choose an outline, none of its corners yet. */
export function choose(editor: PolygonEditor, mark: PolygonValue | null): void {
  editor.corner.value = null;
  editor.choose(mark);
}

/** One corner more on the path; on the last one it is none. */
export function addCorner(editor: PolygonEditor, at: Point): void {
  const { path, image, crosshair } = editor;
  const corner = cornerOf(insideImage(at, image));
  const last = path.value?.at(-1);
  choose(editor, null);
  crosshair.value = pointOf(corner);
  if (last && last[0] === corner[0] && last[1] === corner[1]) return;
  path.value = [...(path.value ?? []), corner];
}

/** The path becomes an outline; one that cannot be stays a path, and why is said. */
export function finish(editor: PolygonEditor, label: string = nextLabel(editor)): void {
  const { path, closed, shown, notice } = editor;
  const points = path.value ?? [];
  const problem = problemOf(points, closed);
  if (problem !== null) {
    notice.value = problem;
    return;
  }
  path.value = null;
  const added = { points, label };
  edit(editor, [...shown.value, added], added);
}

/** A line drawn without lifting the pointer, with no more corners than it needs. */
export function finishFreehand(editor: PolygonEditor, tolerance: number): void {
  editor.path.value = simplified(editor.path.value ?? [], tolerance);
  finish(editor);
  if (editor.notice.value !== null) editor.path.value = null;
}

/** The path loses its last corner. */
export function stepBack({ path }: PolygonEditor): void {
  const points = path.value ?? [];
  path.value = points.length > 1 ? points.slice(0, -1) : null;
}

/** Other corners for the chosen outline; those that are none leave it as it is. */
export function change(editor: PolygonEditor, points: Corners): boolean {
  const { shown, chosen, closed, notice } = editor;
  const mark = chosen.value;
  if (!mark) return false;
  const problem = problemOf(points, closed);
  if (problem !== null) {
    notice.value = problem;
    return false;
  }
  const next = { ...mark, points };
  edit(
    editor,
    shown.value.map((each) => (each === mark ? next : each)),
    next,
  );
  return true;
}

/** Finish the path under a label, or relabel the chosen outline, or arm the label. */
export function applyLabel(editor: PolygonEditor, label: string): void {
  const { path, chosen, shown } = editor;
  const mark = chosen.value;
  if (path.value) finish(editor, label);
  else if (!mark) arm(editor, label);
  else if (mark.label !== label) {
    const next = { ...mark, label };
    edit(
      editor,
      shown.value.map((each) => (each === mark ? next : each)),
      next,
    );
  }
}

/** An arrow key: the chosen corner, else the chosen outline, else the crosshair. */
export function arrow(editor: PolygonEditor, [right, down]: readonly [number, number]): void {
  const { chosen, corner, image, crosshair } = editor;
  const by = { x: right * stepOf(editor), y: down * stepOf(editor) };
  const mark = chosen.value;
  const index = corner.value;
  if (mark && index !== null) {
    const [x, y] = mark.points[index] as Corner;
    if (change(editor, withCorner(mark.points, index, { x: x + by.x, y: y + by.y }, image))) corner.value = index;
  } else if (mark) change(editor, shifted(mark.points, by, image));
  else {
    const at = whereCrosshair(editor);
    crosshair.value = insideImage({ x: at.x + by.x, y: at.y + by.y }, image);
  }
}

/** Take the next corner of the chosen outline under the keys. */
export function walk({ chosen, corner }: PolygonEditor, step: 1 | -1): void {
  const count = chosen.value?.points.length ?? 0;
  if (count === 0) return;
  const at = corner.value;
  corner.value = at === null ? (step > 0 ? 0 : count - 1) : (at + step + count) % count;
}

/** A corner more, in the middle of the side after the one under the keys. */
export function insert(editor: PolygonEditor): void {
  const { chosen, corner, image, closed } = editor;
  const mark = chosen.value;
  if (!mark) return;
  const at = corner.value ?? 0;
  const middle = middlesOf(mark.points, closed)[at];
  if (middle && change(editor, inserted(mark.points, at + 1, middle, image))) corner.value = at + 1;
}

/** The corner under the keys goes; false when there is none. */
export function removeCorner(editor: PolygonEditor): boolean {
  const { chosen, corner } = editor;
  const index = corner.value;
  if (!chosen.value || index === null) return false;
  change(
    editor,
    chosen.value.points.filter((_, at) => at !== index),
  );
  corner.value = null;
  return true;
}

/** Which outline a click means: the smallest under it, or the next one if that is chosen already. */
export function outlineAt({ shown, closed, chosen }: PolygonEditor, at: Point, reach: number): PolygonValue | null {
  const under = shown.value.filter(
    ({ points }) => (closed && holds(points, at)) || distanceTo(points, at, closed) <= reach,
  );
  return under[(chosen.value ? under.indexOf(chosen.value) + 1 : 0) % under.length] ?? null;
}
