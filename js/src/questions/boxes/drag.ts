/** Drawing, moving and resizing with mouse, pen and touch. While dragging only the touched elements change. */

import {
  angleOf,
  between,
  boxAt,
  centreOf,
  type Handle,
  holds,
  insideImage,
  type Point,
  type Rect,
  toImage,
  turnedAbout,
} from "../../geometry/boxes";
import { bearing, pulled, shifted, turnedTo } from "../../geometry/turned";
import { listen, type Stop, together } from "../../listen";
import type { BoxValue } from "../../protocol";
import { add, type BoxEditor, begin, change, finish, nextLabel } from "./editor";
import { COARSE } from "./keys";
import type { Stage } from "./stage";

/** Less than this is a click, in CSS pixels. */
const SLOP = 3;
/** Two handles side by side leave nothing between them to take hold of, in CSS pixels. */
const GRIPS = 30;

interface Drag {
  readonly from: PointerEvent;
  /** What was pressed: with the pointer captured, later events no longer say. */
  readonly target: EventTarget | undefined;
  readonly start: Point;
  /** The box that is moved or resized; null while a new one is drawn. */
  readonly of: BoxValue | null;
  readonly reach: (now: Point, shift: boolean) => Rect;
  far: boolean;
}

/** Listen until the returned function is called. */
export function dragOnImage(editor: BoxEditor, stage: Stage, activate: () => void): Stop {
  const { image, anchor, crosshair, ghost } = editor;
  const fingers = new Map<number, PointerEvent>();
  let drag: Drag | null = null;

  const drop = (): void => {
    drag = null;
    ghost.value = null;
  };
  editor.cancel = drop;
  const follow = (ev: PointerEvent): void => {
    if (!drag) return;
    drag.far ||= Math.hypot(ev.clientX - drag.from.clientX, ev.clientY - drag.from.clientY) >= SLOP;
    if (drag.far) ghost.value = { of: drag.of, at: drag.reach(pointOf(editor, stage, ev), ev.shiftKey) };
  };
  const on = (name: string, act: (ev: PointerEvent) => void): Stop =>
    listen(stage.surface, name, (ev: PointerEvent) => editor.ready.value && act(ev));

  return together([
    on("pointerdown", (ev) => {
      if (ev.button !== 0) return;
      activate();
      drop();
      fingers.set(ev.pointerId, ev);
      if (fingers.size > 1) return;
      stage.surface.setPointerCapture?.(ev.pointerId);
      drag = dragFrom(editor, stage, ev);
    }),
    on("pointermove", (ev) => {
      if (fingers.size > 1) pan(stage, fingers, ev);
      else if (drag) follow(ev);
      else if (anchor.value) crosshair.value = insideImage(pointOf(editor, stage, ev), image);
    }),
    on("pointerup", (ev) => {
      fingers.delete(ev.pointerId);
      follow(ev);
      const done = drag;
      const drawn = ghost.value;
      drop();
      if (drawn) settle(editor, drawn.of, drawn.at);
      else if (done) click(editor, stage, done);
    }),
    on("pointercancel", (ev) => {
      fingers.delete(ev.pointerId);
      drop();
    }),
  ]);
}

const pointOf = ({ image }: BoxEditor, stage: Stage, { clientX: x, clientY: y }: PointerEvent): Point =>
  toImage({ x, y }, stage.picture.getBoundingClientRect(), image);

/** What a press begins: a handle turns or resizes, the chosen box moves, all else draws. */
function dragFrom(editor: BoxEditor, stage: Stage, from: PointerEvent): Drag {
  const { anchor, image } = editor;
  const start = pointOf(editor, stage, from);
  const of = editor.chosen.value;
  const target = from.composedPath()[0];
  // On a small box the handles cover all of it: inside it is moved, outside it is resized.
  const scale = stage.picture.getBoundingClientRect().width / image.width;
  const small = of !== null && holds(of, start) && Math.min(of.width, of.height) * scale < GRIPS;
  const handle = small ? null : stage.handleOf(target);
  const common = { from, target, start, of, far: false };
  if (of && stage.turns(target)) return { ...common, reach: turning(of, start) };
  if (of && handle) return { ...common, reach: resizing(editor, of, handle, start) };
  if (of && holds(of, start)) {
    return { ...common, reach: (now) => shifted(of, { x: now.x - start.x, y: now.y - start.y }, image) };
  }
  const corner = anchor.value ?? start;
  return { ...common, of: null, reach: (now) => between(corner, now, image) };
}

/** The handle is wider than the edge it moves: keep the distance at which it was gripped. */
function resizing({ image, minimum }: BoxEditor, box: BoxValue, handle: Handle, start: Point): Drag["reach"] {
  const edge = { x: box.x + (box.width * (handle[0] + 1)) / 2, y: box.y + (box.height * (handle[1] + 1)) / 2 };
  const from = turnedAbout(edge, centreOf(box), angleOf(box));
  const [x, y] = [from.x - start.x, from.y - start.y];
  return (now) => pulled(box, handle, { x: x + now.x, y: y + now.y }, image, minimum);
}

/** As far as the pointer goes around the centre, in tenths of a degree; with Shift to the next fifteen. */
function turning(box: BoxValue, start: Point): Drag["reach"] {
  const gripped = bearing(box, start) - angleOf(box);
  return (now, shift) => {
    const unit = shift ? COARSE : 0.1;
    return turnedTo(box, Math.round((bearing(box, now) - gripped) / unit) * unit);
  };
}

function settle(editor: BoxEditor, of: BoxValue | null, at: Rect): void {
  editor.anchor.value = null;
  if (of) change(editor, at);
  else add(editor, at, nextLabel(editor));
}

/** A click ends a box begun by another click, else chooses a box, else begins one. */
function click(editor: BoxEditor, stage: Stage, { target, start }: Drag): void {
  const { anchor, crosshair, image, shown, chosen } = editor;
  const at = insideImage(start, image);
  if (anchor.value) {
    crosshair.value = at;
    finish(editor);
  } else if (!stage.handleOf(target) && !stage.turns(target)) {
    const box = stage.boxOf(target) ?? boxAt(shown.value, start, chosen.value);
    if (box) editor.choose(box);
    else begin(editor, at);
  }
}

/** Two fingers scroll a zoomed image. */
function pan({ frame }: Stage, fingers: Map<number, PointerEvent>, ev: PointerEvent): void {
  const before = fingers.get(ev.pointerId) ?? ev;
  frame.scrollLeft += (before.clientX - ev.clientX) / fingers.size;
  frame.scrollTop += (before.clientY - ev.clientY) / fingers.size;
  fingers.set(ev.pointerId, ev);
}
