/** The image of an item, to be looked at and drawn on. */

import { effect, signal } from "@preact/signals-core";
import { createRef } from "preact";
import { fitted, kept } from "../../geometry/view";
import { type Stop, together } from "../../listen";
import { lookStyle } from "../../palette";
import { useLayoutEffect, useOnce } from "../../ui/reactive";
import { loadImage } from "../marks/load";
import { dragOnImage } from "./drag";
import { type BoxEditor, type BoxesProps, boxEditor, nextLabel, pending } from "./editor";
import { boxKeys } from "./keys";
import { boxStage, type Stage } from "./stage";

/** Margin around the image for handles, and the height an image may take, in CSS pixels. */
const MARGIN = 14;
const MOST_HEIGHT = 640;
/** As a part of the window, so that the labels stay in sight. */
const MOST_OF_WINDOW = 0.6;
const LEAST_HEIGHT = 200;

export function BoxesSurface(props: BoxesProps) {
  const host = useOnce(createRef<HTMLDivElement>);
  const editor = boxEditor(props);
  const problem = editor.problem.value;
  useLayoutEffect(() => (host.current ? mount(host.current, editor, props) : undefined), [editor]);
  return (
    <div class="ja-boxes">
      <div class="ja-boxes-frame" ref={host} hidden={problem !== null} />
      {problem !== null && (
        <p class="ja-boxes-problem" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}

function mount(frame: HTMLDivElement, editor: BoxEditor, props: BoxesProps): Stop {
  const stage = boxStage(frame, editor.image, (label) => lookStyle(props.question, label), editor.rotated);
  const room = signal(frame.clientWidth);
  const resizes = new ResizeObserver(() => {
    room.value = frame.clientWidth;
  });
  resizes.observe(frame);
  stage.picture.alt = props.question.field ?? "";
  return together([
    loadImage(stage.picture, editor, props.blobs),
    effect(() => size(stage, editor, room.value)),
    effect(() => paint(stage, editor)),
    effect(() => paintDrawing(stage, editor)),
    dragOnImage(editor, stage, () => props.activate()),
    props.register(boxKeys(editor, stage.reveal)),
    () => resizes.disconnect(),
    () => frame.replaceChildren(),
  ]);
}

/** Size the image to room and zoom; what was in the middle of the view stays there. */
function size({ frame, resize, surface }: Stage, { image, zoom }: BoxEditor, room: number): void {
  const most = Math.max(LEAST_HEIGHT, Math.min(MOST_HEIGHT, MOST_OF_WINDOW * window.innerHeight));
  const { width, height } = fitted(image, { width: Math.max(room - 2 * MARGIN, 80), height: most });
  const { scrollLeft, scrollTop, clientWidth, clientHeight } = frame;
  const before = surface.offsetWidth;
  resize({ width: width * zoom.value, height: height * zoom.value });
  frame.style.height = `${height + 2 * MARGIN}px`;
  const ratio = surface.offsetWidth / before || 1;
  frame.scrollLeft = kept(scrollLeft, clientWidth, ratio);
  frame.scrollTop = kept(scrollTop, clientHeight, ratio);
}

function paint(stage: Stage, { ready, shown, chosen, suggested }: BoxEditor): void {
  if (ready.value) stage.draw(shown.value, chosen.value, suggested.value);
}

/** What moves with the pointer or the arrow keys: the box being drawn or dragged, and the crosshair. */
function paintDrawing(stage: Stage, editor: BoxEditor): void {
  const { ready, chosen, ghost, crosshair } = editor;
  const box = chosen.value;
  const dragged = ghost.value;
  stage.rubber(dragged ? (dragged.of ? null : dragged.at) : pending(editor), nextLabel(editor));
  if (ready.value && box) stage.place(box, dragged?.of === box ? dragged.at : box);
  stage.cross(box || dragged ? null : crosshair.value);
}
