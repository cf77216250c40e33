/** Selecting text with mouse, pen and touch: the browser selects, a release turns that into a selection of ours. */

import { listen, type Stop, together } from "../../listen";
import type { TextCanvas } from "../marks/canvas";
import { caretUnit, type Dragged, selected, selectionOf, unitUnder } from "../marks/selection";
import { applyLabel, chooseSpan, point, type SpanEditor, select, setCaret } from "./editor";

interface Press {
  readonly touch: boolean;
  readonly x: number;
  readonly y: number;
  /** Where the press fell; null where the browser cannot tell. */
  readonly unit: number | null;
  /** Two for a double click, after which the browser selects by words. */
  clicks: number;
}

/** Less than this is a click, in CSS pixels. */
const SLOP = 3;

/** Listen until the returned function is called. */
export function pointAtText(editor: SpanEditor, canvas: TextCanvas, activate: () => void): Stop {
  const { host } = canvas;
  const page = host.ownerDocument;
  let press: Press | null = null;
  let touch = false;

  const pressed = (ev: PointerEvent): void => {
    if (ev.button !== 0) return;
    touch = ev.pointerType === "touch";
    const { clientX: x, clientY: y } = ev;
    press = { touch, x, y, unit: caretUnit(canvas, x, y), clicks: 1 };
    activate();
  };
  const counted = (ev: MouseEvent): void => {
    if (press) press.clicks = ev.detail;
    // Shift and a click would stretch the browser's own selection; ours is stretched on release.
    if (ev.shiftKey) ev.preventDefault();
  };
  const released = (ev: PointerEvent): void => {
    if (press) settle(editor, canvas, press, ev);
    press = null;
  };
  /** A long press selects with the browser's handles: keep up with them, and draw nothing under the finger. */
  const followed = (): void => {
    if (!touch) return;
    const reach = selected(canvas);
    editor.native.value = reach !== null;
    if (reach) select(editor, reach.anchor, reach.focus);
  };
  const cancelled = (): void => {
    press = null;
  };

  return together([
    listen(host, "pointerdown", pressed),
    listen(host, "mousedown", counted),
    listen(page, "pointerup", released, true),
    listen(page, "pointercancel", cancelled, true),
    listen(page, "selectionchange", followed),
  ]);
}

function settle(editor: SpanEditor, canvas: TextCanvas, press: Press, ev: PointerEvent): void {
  const far = Math.hypot(ev.clientX - press.x, ev.clientY - press.y) >= SLOP;
  const target = ev.composedPath()[0] as Node;
  const dragged = press.touch ? null : draggedOver(canvas, press, ev, far);
  if (!press.touch) selectionOf(canvas)?.removeAllRanges();
  if (dragged) {
    if (select(editor, dragged.anchor, dragged.focus)) labelIfArmed(editor);
  } else if (!far && canvas.host.contains(target)) {
    click(editor, canvas, ev, target);
  }
}

/**
 * What a drag or a double click selected. Beside characters without a width the browser moves the start of a selection
 * while dragging, so where the press fell counts rather than where the browser says it began.
 */
function draggedOver(canvas: TextCanvas, press: Press, ev: PointerEvent, far: boolean): Dragged | null {
  const found = selected(canvas);
  if (found && (press.clicks > 1 || press.unit === null)) return found;
  if (!far || press.unit === null) return null;
  const selection = found && selectionOf(canvas);
  const focus = selection?.focusNode
    ? canvas.unitAt(selection.focusNode, selection.focusOffset)
    : caretUnit(canvas, ev.clientX, ev.clientY);
  return focus === null ? null : { anchor: press.unit, focus };
}

function labelIfArmed(editor: SpanEditor): void {
  if (editor.armed.value !== null) applyLabel(editor, editor.armed.value);
}

/** A click picks what is under it and never edits, except that Shift completes a selection, as a drag does. */
function click(editor: SpanEditor, canvas: TextCanvas, ev: PointerEvent, target: Node): void {
  const named = canvas.strokeOf(target);
  const unit = named === null ? unitUnder(editor.offsets.text, canvas, ev.clientX, ev.clientY) : null;
  const extend = ev.shiftKey && editor.caret.value !== null;
  if (named !== null) chooseSpan(editor, editor.shown.value[named] ?? null);
  else if (unit === null) setCaret(editor, null);
  else point(editor, unit, extend);
  if (unit !== null && extend) labelIfArmed(editor);
}
