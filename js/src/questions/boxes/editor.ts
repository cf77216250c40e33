/** Editing the boxes of one item without a DOM: crosshair, drawing, choice and edits in image pixels. */

import { type Signal, signal } from "@preact/signals-core";
import { angleOf, between, insideImage, type Point, type Rect } from "../../geometry/boxes";
import { lengthened, shifted, turnedTo } from "../../geometry/turned";
import type { BoxValue, ImageValue, QuestionSpec } from "../../protocol";
import { arm, edit, editorOf, type Marks, saidOf } from "../marks/state";
import type { QuestionProps } from "../module";

export interface BoxesSpec extends QuestionSpec {
  readonly minimum_size?: number;
  readonly rotated?: boolean;
}

export type BoxesProps = QuestionProps<readonly BoxValue[], BoxesSpec>;

export interface BoxEditor extends Marks<BoxValue> {
  readonly image: ImageValue;
  readonly minimum: number;
  /** Boxes can be turned. */
  readonly rotated: boolean;
  /** The image is on screen: only then there is something to draw on. */
  readonly ready: Signal<boolean>;
  /** Why there is no image. */
  readonly problem: Signal<string | null>;
  readonly crosshair: Signal<Point | null>;
  /** The first corner of a box that is being drawn by keys or by two clicks. */
  readonly anchor: Signal<Point | null>;
  /** What is being dragged at this moment: a box (`of`) to elsewhere, or a new one. */
  readonly ghost: Signal<{ readonly of: BoxValue | null; readonly at: Rect } | null>;
  /** End the drag under way; what drags puts its own way of ending here. */
  cancel: () => void;
  readonly fine: Signal<boolean>;
  readonly zoom: Signal<number>;
}

/** Pixels of a coarse step: ten, or a 64th of a large image. */
const COARSE = 10;
const STEPS_ACROSS = 64;

export function boxEditor(props: BoxesProps): BoxEditor {
  const { question, item } = props;
  return editorOf(props, (marks) => ({
    ...marks,
    image: item.fields[question.field ?? ""] as ImageValue,
    minimum: question.minimum_size ?? 1,
    rotated: question.rotated ?? false,
    ready: signal(false),
    problem: signal<string | null>(null),
    crosshair: signal<Point | null>(null),
    anchor: signal<Point | null>(null),
    ghost: signal<BoxEditor["ghost"]["value"]>(null),
    cancel: () => undefined,
    fine: signal(false),
    zoom: signal(1),
  }));
}

const sides = ({ x, y, width, height, rotation }: Rect): Rect => ({
  x,
  y,
  width,
  height,
  ...(rotation === undefined ? {} : { rotation }),
});

/** Start a box at a point. */
export function begin(editor: BoxEditor, at: Point): void {
  editor.choose(null);
  editor.anchor.value = at;
  editor.crosshair.value = at;
}

/** The box between the first corner and the crosshair. */
export const pending = ({ anchor, crosshair, image }: BoxEditor): Rect | null =>
  anchor.value && crosshair.value && between(anchor.value, crosshair.value, image);

/** End the box being drawn at the crosshair. */
export function finish(editor: BoxEditor, label: string = nextLabel(editor)): void {
  const box = pending(editor);
  editor.anchor.value = null;
  if (box) add(editor, box, label);
}

/** The label a box gets that is drawn now: the armed one, else the first. */
export const nextLabel = ({ armed, question }: BoxEditor): string => armed.value ?? question.labels[0]?.name ?? "";

/** Add a box. One that is too small was a slip of the hand. */
export function add(editor: BoxEditor, box: Rect, label: string): void {
  const { minimum, rotated, shown, notice } = editor;
  if (Math.min(box.width, box.height) < minimum) {
    notice.value = `Too small: a box has at least ${minimum} px a side.`;
    return;
  }
  const added = { ...sides(box), ...(rotated ? { rotation: 0 } : {}), label };
  edit(editor, [...shown.value, added], added);
}

/** Change the chosen box; to what it is already is no edit. */
export function change(editor: BoxEditor, to: Partial<BoxValue>): void {
  const chosen = editor.chosen.value;
  if (!chosen) return;
  const next = { ...sides(chosen), label: chosen.label, ...saidOf(chosen), ...to };
  if (Object.entries(next).every(([name, value]) => chosen[name as keyof BoxValue] === value)) return;
  edit(
    editor,
    editor.shown.value.map((box) => (box === chosen ? next : box)),
    next,
  );
}

/** Finish the box being drawn under a label, or relabel the chosen one, or arm the label. */
export function applyLabel(editor: BoxEditor, label: string): void {
  if (editor.anchor.value) finish(editor, label);
  else if (editor.chosen.value) change(editor, { label });
  else arm(editor, label);
}

/** Where keys draw: at first the middle of the image. */
export const whereCrosshair = ({ crosshair, image }: BoxEditor): Point =>
  crosshair.value ?? { x: Math.round(image.width / 2), y: Math.round(image.height / 2) };

export const stepOf = ({ fine, image }: BoxEditor): number =>
  fine.value ? 1 : Math.max(COARSE, Math.round(Math.max(image.width, image.height) / STEPS_ACROSS));

/** An arrow key: move or resize the chosen box, else move the crosshair. */
export function arrow(editor: BoxEditor, [right, down]: readonly [number, number], resize: boolean): void {
  const { chosen, image, minimum, crosshair } = editor;
  const by = { x: right * stepOf(editor), y: down * stepOf(editor) };
  const box = chosen.value;
  if (box) {
    change(editor, resize ? lengthened(box, by, image, minimum) : shifted(box, by, image));
    return;
  }
  const at = whereCrosshair(editor);
  crosshair.value = insideImage({ x: at.x + by.x, y: at.y + by.y }, image);
}

/** Turn the chosen box clockwise. */
export function turn(editor: BoxEditor, by: number): void {
  const box = editor.chosen.value;
  if (box) change(editor, turnedTo(box, angleOf(box) + by));
}
