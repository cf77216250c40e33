/** The image of an item with its points and the lines between them. */

import { type Point, toImage } from "../../geometry/boxes";
import { ARROWS, share } from "../../geometry/view";
import { type Command, handlerOf, keyName } from "../../keymap";
import { listen, type Stop, together } from "../../listen";
import { lookStyle } from "../../palette";
import { Crosshair, ImageStage, type Stage, viewCommand, whereCrosshair } from "../marks/image";
import { markCommand, once } from "../marks/keys";
import { putDown } from "../marks/state";
import type { KeyHandler } from "../module";
import {
  arrow,
  change,
  type KeypointEditor,
  type KeypointsProps,
  keypointEditor,
  moveTo,
  place,
  pointAt,
  pointNamed,
} from "./editor";

/** So near to a point it is meant, and so far a press moves it, in CSS pixels. */
const NEAR = 12;
const SLOP = 3;

export function KeypointsSurface(props: KeypointsProps) {
  const editor = keypointEditor(props);
  return (
    <ImageStage
      editor={editor}
      field={props.question.field ?? ""}
      blobs={props.blobs}
      register={props.register}
      point={(stage) => pointOnImage(editor, stage, props.activate)}
      keys={(reveal) => keypointKeys(editor, reveal)}
    >
      <Points editor={editor} />
    </ImageStage>
  );
}

function Points({ editor }: { editor: KeypointEditor }) {
  const { image, shown, chosen, suggested, ghost, edges, question } = editor;
  const placeOf = (label: string): Point | null => {
    const point = pointNamed(editor, label);
    return point && (point === chosen.value ? (ghost.value ?? point) : point);
  };
  return (
    <>
      <svg
        class="ja-image-layer"
        viewBox={`0 0 ${image.width} ${image.height}`}
        preserveAspectRatio="none"
        aria-hidden="true"
      >
        {edges.map(([one, other]) => {
          const [from, to] = [placeOf(one), placeOf(other)];
          return (
            from &&
            to && <line key={`${one} ${other}`} class="ja-keypoint-edge" x1={from.x} y1={from.y} x2={to.x} y2={to.y} />
          );
        })}
      </svg>
      {shown.value.map((point) => {
        const at = placeOf(point.label) ?? point;
        const on = point === chosen.value;
        return (
          <span
            key={point.label}
            class={`ja-keypoint ja-hue${on ? " ja-chosen" : ""}${suggested.value ? " ja-dashed" : ""}${
              point.visible === false ? " ja-keypoint--hidden" : ""
            }`}
            style={{
              ...lookStyle(question, point.label),
              left: share(at.x, image.width),
              top: share(at.y, image.height),
            }}
          >
            <span class="ja-mark-label" dir="auto">
              {point.label}
              {point.visible === false && " (hidden)"}
            </span>
          </span>
        );
      })}
      {!chosen.value && <Crosshair editor={editor} />}
    </>
  );
}

/** A press on a point chooses it and drags it, any other places the next one. */
function pointOnImage(editor: KeypointEditor, { stage, picture }: Stage, activate: () => void): Stop {
  const { ghost, chosen } = editor;
  let from: PointerEvent | null = null;
  const at = ({ clientX: x, clientY: y }: PointerEvent): Point =>
    toImage({ x, y }, picture.getBoundingClientRect(), editor.image);
  const on = (name: string, act: (ev: PointerEvent) => void): Stop =>
    listen(stage, name, (ev: PointerEvent) => editor.ready.value && act(ev));
  const reach = (): number =>
    (NEAR * editor.image.width) / (picture.getBoundingClientRect().width || editor.image.width);
  return together([
    on("pointerdown", (ev) => {
      if (ev.button !== 0) return;
      activate();
      from = ev;
      stage.setPointerCapture?.(ev.pointerId);
      editor.choose(pointAt(editor, at(ev), reach()));
    }),
    on("pointermove", (ev) => {
      if (!from || !chosen.value) return;
      const far = Math.hypot(ev.clientX - from.clientX, ev.clientY - from.clientY) >= SLOP;
      if (far || ghost.value) ghost.value = at(ev);
    }),
    on("pointerup", (ev) => {
      const moved = ghost.value;
      ghost.value = null;
      if (!from) return;
      from = null;
      if (moved) moveTo(editor, moved);
      else if (!chosen.value) place(editor, at(ev));
    }),
    on("pointercancel", () => {
      from = null;
      ghost.value = null;
    }),
  ]);
}

function keypointKeys(editor: KeypointEditor, reveal: () => void): KeyHandler {
  return handlerOf((ev) => {
    if (!editor.ready.value) return null;
    const direction = ARROWS[ev.key];
    const motion = direction ? () => arrow(editor, direction) : markCommand(editor, ev);
    if (!motion) return pointCommand(editor, ev);
    return () => {
      motion();
      reveal();
    };
  });
}

function pointCommand(editor: KeypointEditor, ev: KeyboardEvent): Command | null {
  const { chosen, armed } = editor;
  const point = chosen.value;
  switch (keyName(ev)) {
    case "b":
      return once(ev, () => place(editor, whereCrosshair(editor)));
    case "v":
      return point && once(ev, () => change(editor, { visible: point.visible === false }));
    case "Escape":
      return point || armed.value !== null ? () => putDown(editor) : null;
    default:
      return viewCommand(editor, ev);
  }
}
