/** Placing the points of one item without a DOM: which one is due, choice and edits in image pixels. */

import { type Signal, signal } from "@preact/signals-core";
import { insideImage, type Point, round } from "../../geometry/boxes";
import type { ImageValue, QuestionSpec, Said } from "../../protocol";
import { type OnImage, onImage, stepOf, whereCrosshair } from "../marks/image";
import { edit, editorOf, type Marks } from "../marks/state";
import type { QuestionProps } from "../module";

export interface KeypointValue extends Point, Said {
  readonly visible?: boolean;
  readonly label: string;
}

export interface KeypointsSpec extends QuestionSpec {
  readonly edges: readonly (readonly [string, string])[];
}

export type KeypointsProps = QuestionProps<readonly KeypointValue[], KeypointsSpec>;

export interface KeypointEditor extends Marks<KeypointValue>, OnImage {
  readonly edges: KeypointsSpec["edges"];
  /** Where the chosen point is while it is dragged. */
  readonly ghost: Signal<Point | null>;
}

export const keypointEditor = (props: KeypointsProps): KeypointEditor =>
  editorOf(props, (marks) => ({
    ...marks,
    // Each item begins with its first point.
    armed: signal<string | null>(null),
    ...onImage(props.item.fields[props.question.field ?? ""] as ImageValue),
    edges: props.question.edges,
    ghost: signal<Point | null>(null),
  }));

export const pointNamed = ({ shown }: KeypointEditor, label: string): KeypointValue | null =>
  shown.value.find((point) => point.label === label) ?? null;

/** The point that is placed next: the one asked for, else the first without a place. */
export function due(editor: KeypointEditor): string | null {
  const { armed, question } = editor;
  if (armed.value !== null && !pointNamed(editor, armed.value)) return armed.value;
  return question.labels.find(({ name }) => !pointNamed(editor, name))?.name ?? null;
}

/** Place the next point. */
export function place(editor: KeypointEditor, at: Point): void {
  const { image, shown, armed, notice } = editor;
  const label = due(editor);
  if (label === null) {
    notice.value = "All points have their place: choose one to move or remove it.";
    return;
  }
  const { x, y } = insideImage(at, image);
  const added = { x: round(x), y: round(y), visible: true, label };
  armed.value = null;
  edit(editor, [...shown.value, added], null);
  editor.crosshair.value = { x, y };
}

/** Change the chosen point, which stays chosen. */
export function change(editor: KeypointEditor, to: Partial<KeypointValue>): void {
  const { chosen, shown } = editor;
  const point = chosen.value;
  if (!point) return;
  const next = { ...point, ...to };
  if (next.x === point.x && next.y === point.y && next.visible === point.visible) return;
  edit(
    editor,
    shown.value.map((each) => (each === point ? next : each)),
    next,
  );
}

export function moveTo(editor: KeypointEditor, at: Point): void {
  const { x, y } = insideImage(at, editor.image);
  change(editor, { x: round(x), y: round(y) });
}

/** A label chooses its point, or asks for its place. */
export function applyLabel(editor: KeypointEditor, label: string): void {
  const point = pointNamed(editor, label);
  editor.choose(point);
  editor.armed.value = point ? null : label;
}

/** An arrow key: the chosen point, else the crosshair. */
export function arrow(editor: KeypointEditor, [right, down]: readonly [number, number]): void {
  const { chosen, crosshair, image } = editor;
  const by = { x: right * stepOf(editor), y: down * stepOf(editor) };
  const at = chosen.value ?? whereCrosshair(editor);
  const to = { x: at.x + by.x, y: at.y + by.y };
  if (chosen.value) moveTo(editor, to);
  else crosshair.value = insideImage(to, image);
}

/** The nearest point within reach. */
export function pointAt({ shown }: KeypointEditor, at: Point, reach: number): KeypointValue | null {
  const far = (point: Point): number => Math.hypot(point.x - at.x, point.y - at.y);
  const [nearest] = shown.value.filter((point) => far(point) <= reach).sort((a, b) => far(a) - far(b));
  return nearest ?? null;
}
