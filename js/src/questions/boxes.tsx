/** Boxes: labeled rectangles on an image, in absolute pixels of the image as displayed. */

import type { BoxValue } from "../protocol";
import "./boxes.css";
import { applyLabel, type BoxEditor, type BoxesProps, type BoxesSpec, boxEditor, stepOf, turn } from "./boxes/editor";
import { COARSE } from "./boxes/keys";
import { BoxesSurface } from "./boxes/surface";
import "./marks/marks.css";
import "./marks/stage.css";
import { markModule } from "./marks/module";
import { MarkPanel, Tool } from "./marks/panel";
import { removeChosen } from "./marks/state";
import { ZoomTools } from "./marks/zoom";
import { row } from "./module";

const HINT = "Drag to draw a box, or click two corners. Arrow keys and b do it by keyboard.";
const DRAWING = "Now the opposite corner: click, or arrow keys and b. Escape drops it.";

function BoxesPanel(props: BoxesProps) {
  const editor = boxEditor(props);
  const { anchor, chosen } = editor;
  return (
    <MarkPanel
      marks={editor}
      selection={anchor.value ? DRAWING : chosen.value && described(chosen.value)}
      hint={editor.problem.value === null ? HINT : ""}
      apply={(label) => applyLabel(editor, label)}
      register={props.register}
      choose={editor.choose}
      describe={described}
    >
      <BoxTools editor={editor} />
    </MarkPanel>
  );
}

function described({ label, x, y, width, height, rotation }: BoxValue): string {
  const [w, h, left, top] = [width, height, x, y].map(Math.round);
  return `${label}: ${w} × ${h} px at ${left}, ${top}${rotation ? `, turned by ${rotation}°` : ""}`;
}

function BoxTools({ editor }: { editor: BoxEditor }) {
  const { chosen, zoom, fine } = editor;
  return (
    <>
      <Tool name="Remove the chosen box" off={!chosen.value} press={() => removeChosen(editor)}>
        ×
      </Tool>
      <Tool name="Arrow keys in steps of one pixel" pressed={fine.value} press={() => (fine.value = !fine.value)}>
        {stepOf(editor)} px
      </Tool>
      {editor.rotated && <TurnTools editor={editor} />}
      <ZoomTools zoom={zoom} what="image" />
    </>
  );
}

function TurnTools({ editor }: { editor: BoxEditor }) {
  const off = !editor.chosen.value;
  return (
    <>
      <Tool name={`Turn the chosen box ${COARSE} degrees to the left`} off={off} press={() => turn(editor, -COARSE)}>
        ↺
      </Tool>
      <Tool name={`Turn the chosen box ${COARSE} degrees to the right`} off={off} press={() => turn(editor, COARSE)}>
        ↻
      </Tool>
    </>
  );
}

export const boxes = markModule("boxes", BoxesSurface, BoxesPanel, ({ rotated }: BoxesSpec) => [
  row("move the crosshair or the chosen box; with Shift, resize it", "←", "↑", "↓", "→"),
  ...(rotated ? [row(`turn the chosen box by 1 degree; with Shift, by ${COARSE}`, "[", "]")] : []),
  row("begin a box at the crosshair, and finish it", "b"),
  row("coarse or fine steps", "t"),
  row("zoom in, out, whole image", "+", "-", "0"),
]);
