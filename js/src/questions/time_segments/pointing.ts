/** Marking time with mouse, pen and touch: a drag selects, at an edge of the chosen segment it moves that edge. */

import { listen, type Stop, together } from "../../listen";
import { timeAt } from "../../media/stage";
import { choose, place, type SegmentEditor, type SegmentValue, segmentAt, select, stretchOf } from "./editor";

interface Drag {
  readonly x: number;
  /** The moment that stays. */
  readonly fixed: number;
  /** The segment whose other edge is moved. */
  readonly of: SegmentValue | null;
  moved: boolean;
}

/** So near to an edge it is meant, and so far a press is a drag, in CSS pixels. */
const NEAR = 6;
const SLOP = 3;

export function pointInTime(editor: SegmentEditor, timeline: HTMLElement, activate: () => void): Stop {
  const { player, begun, waiting } = editor;
  let drag: Drag | null = null;
  const begin = (ev: PointerEvent): void => {
    if (ev.button !== 0 || !player.length.peek()) return;
    activate();
    timeline.setPointerCapture?.(ev.pointerId);
    drag = dragOf(editor, timeline, ev);
  };
  const move = (ev: PointerEvent): void => {
    if (!drag) return;
    drag.moved ||= Math.abs(ev.clientX - drag.x) >= SLOP;
    if (!drag.moved) return;
    begun.value = null;
    waiting.value = stretchOf(drag.fixed, timeAt(player, timeline, ev));
  };
  const end = (ev: PointerEvent): void => {
    const done = drag;
    drag = null;
    if (done?.moved) settle(editor, done.of);
    else if (done) click(editor, timeAt(player, timeline, ev));
  };
  const cancel = (): void => {
    drag = null;
    waiting.value = null;
  };
  return together([
    listen(timeline, "pointerdown", begin),
    listen(timeline, "pointermove", move),
    listen(timeline, "pointerup", end),
    listen(timeline, "pointercancel", cancel),
  ]);
}

function dragOf({ player, chosen }: SegmentEditor, timeline: HTMLElement, ev: PointerEvent): Drag {
  const time = timeAt(player, timeline, ev);
  const near = (NEAR * player.length.value) / (timeline.getBoundingClientRect().width || 1);
  const segment = chosen.value;
  const base = { x: ev.clientX, moved: false };
  if (segment && Math.abs(segment.start - time) <= near) return { ...base, fixed: segment.end, of: segment };
  if (segment && Math.abs(segment.end - time) <= near) return { ...base, fixed: segment.start, of: segment };
  return { ...base, fixed: time, of: null };
}

function settle(editor: SegmentEditor, of: SegmentValue | null): void {
  const stretch = editor.waiting.value;
  const some = stretch && stretch.end > stretch.start ? stretch : null;
  if (!of) select(editor, some);
  else {
    editor.waiting.value = null;
    if (some) place(editor, { ...of, ...some }, of);
  }
}

/** A press chooses, or moves the playhead. */
function click(editor: SegmentEditor, time: number): void {
  const segment = segmentAt(editor, time);
  choose(editor, segment);
  if (!segment) editor.player.seek(time);
}
