/** Drawing, moving and reshaping with mouse, pen and touch. */

import { type Point, toImage } from "../../geometry/boxes";
import {
  type Corner,
  type Corners,
  cornerOf,
  holds,
  inserted,
  pointOf,
  shifted,
  withCorner,
} from "../../geometry/polygons";
import { listen, type Stop, together } from "../../listen";
import type { Stage } from "../marks/image";
import { addCorner, change, choose, finish, finishFreehand, outlineAt, type PolygonEditor } from "./editor";

/** Less than this is a click; so near to the first corner a click closes the outline, in CSS pixels. */
const SLOP = 3;
const NEAR = 12;
/** How far a line drawn freehand may be straightened, in CSS pixels. */
const STRAIGHTEN = 1.5;

interface Press {
  readonly from: PointerEvent;
  readonly start: Point;
  /** The chosen outline as it is with the pointer here; null: a new one is drawn. */
  readonly reach: ((now: Point) => Corners) | null;
  far: boolean;
}

export function drawOnImage(editor: PolygonEditor, place: Stage, activate: () => void): Stop {
  const { ghost, path, crosshair } = editor;
  let press: Press | null = null;
  const scale = (): number => place.picture.getBoundingClientRect().width / editor.image.width || 1;
  const at = ({ clientX: x, clientY: y }: PointerEvent): Point =>
    toImage({ x, y }, place.picture.getBoundingClientRect(), editor.image);
  const on = (name: string, act: (ev: PointerEvent) => void): Stop =>
    listen(place.stage, name, (ev: PointerEvent) => editor.ready.value && act(ev));
  const drop = (): void => {
    press = null;
    ghost.value = null;
  };

  const follow = (ev: PointerEvent): void => {
    if (!press) return;
    press.far ||= Math.hypot(ev.clientX - press.from.clientX, ev.clientY - press.from.clientY) >= SLOP;
    if (!press.far) return;
    if (press.reach) ghost.value = press.reach(at(ev));
    else drawFreehand(editor, press.start, at(ev));
  };

  return together([
    on("pointerdown", (ev) => {
      if (ev.button !== 0) return;
      activate();
      // A second finger is no second corner.
      if (press) {
        drop();
        return;
      }
      place.stage.setPointerCapture?.(ev.pointerId);
      press = pressFrom(editor, ev, at(ev));
    }),
    on("pointermove", (ev) => {
      if (press) follow(ev);
      else if (path.value) crosshair.value = at(ev);
    }),
    on("pointerup", (ev) => {
      follow(ev);
      const done = press;
      const moved = ghost.value;
      drop();
      if (!done) return;
      if (moved) change(editor, moved);
      else if (done.far && !done.reach) finishFreehand(editor, STRAIGHTEN / scale());
      else if (!done.far) click(editor, done.start, NEAR / scale());
    }),
    on("pointercancel", drop),
    listen(place.stage, "dblclick", () => {
      if (path.value && path.value.length > 1) finish(editor);
    }),
  ]);
}

/** What a press begins: a corner is moved, a middle becomes a corner, the chosen outline is moved, all else draws. */
function pressFrom({ chosen, image, path, closed }: PolygonEditor, from: PointerEvent, start: Point): Press {
  const common = { from, start, far: false };
  const points = path.value ? null : (chosen.value?.points ?? null);
  const target = from.composedPath()[0];
  const data = target instanceof HTMLElement ? target.dataset : {};
  if (points && data.jaCorner !== undefined) {
    const index = Number(data.jaCorner);
    return { ...common, reach: (now) => withCorner(points, index, now, image) };
  }
  if (points && data.jaEdge !== undefined) {
    const index = Number(data.jaEdge) + 1;
    return { ...common, reach: (now) => inserted(points, index, now, image) };
  }
  if (points && closed && holds(points, start))
    return { ...common, reach: (now) => shifted(points, { x: now.x - start.x, y: now.y - start.y }, image) };
  return { ...common, reach: null };
}

/** A line that follows the pointer, unless corners were clicked before. */
function drawFreehand({ path, image, ...editor }: PolygonEditor, start: Point, now: Point): void {
  const inside = { x: Math.min(Math.max(now.x, 0), image.width), y: Math.min(Math.max(now.y, 0), image.height) };
  if (!path.value) editor.choose(null);
  path.value = [...(path.value ?? [cornerOf(start)]), cornerOf(inside)];
}

/** A click ends an outline at its first corner, else adds a corner, else chooses an outline, else begins one. */
function click(editor: PolygonEditor, at: Point, near: number): void {
  const { path, closed } = editor;
  const points = path.value;
  if (points) {
    const { x, y } = pointOf(points[0] as Corner);
    const ends = closed && points.length > 2 && Math.hypot(at.x - x, at.y - y) <= near;
    if (ends) finish(editor);
    else addCorner(editor, at);
    return;
  }
  const mark = outlineAt(editor, at, near / 2);
  if (mark) choose(editor, mark);
  else addCorner(editor, at);
}
