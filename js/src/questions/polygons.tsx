/** Polygons: labeled outlines or lines on an image, in absolute pixels of the image as displayed. */

import { stepOf } from "./marks/image";
import "./marks/marks.css";
import { markModule } from "./marks/module";
import { MarkPanel, Tool } from "./marks/panel";
import "./marks/stage.css";
import { removeChosen } from "./marks/state";
import { ZoomTools } from "./marks/zoom";
import { row } from "./module";
import "./polygons.css";
import {
  applyLabel,
  choose,
  finish,
  type PolygonEditor,
  type PolygonsProps,
  type PolygonValue,
  polygonEditor,
  removeCorner,
} from "./polygons/editor";
import { PolygonsSurface } from "./polygons/surface";

const HINT = "Click the corners, or draw without lifting. Arrow keys and b do it by keyboard.";
const CLOSED = "A click on the first corner, a double click or Enter closes it; z takes a corner back.";
const OPEN = "A double click or Enter ends it; z takes a corner back.";

const described = ({ label, points }: PolygonValue): string => `${label}: ${points.length} corners`;

function PolygonsPanel(props: PolygonsProps) {
  const editor = polygonEditor(props);
  const { path, chosen, corner, closed } = editor;
  const mark = chosen.value;
  const at = corner.value;
  const selection =
    mark && (at === null ? described(mark) : `${mark.label}: corner ${at + 1} of ${mark.points.length}`);
  return (
    <MarkPanel
      marks={editor}
      selection={path.value ? (closed ? CLOSED : OPEN) : selection}
      hint={editor.problem.value === null ? HINT : ""}
      apply={(label) => applyLabel(editor, label)}
      register={props.register}
      choose={(each) => choose(editor, each)}
      describe={described}
    >
      <Tools editor={editor} />
    </MarkPanel>
  );
}

function Tools({ editor }: { editor: PolygonEditor }) {
  const { chosen, zoom, fine, path, corner } = editor;
  return (
    <>
      <Tool name="End the outline" off={!path.value} press={() => finish(editor)}>
        ✓
      </Tool>
      <Tool
        name={corner.value === null ? "Remove the chosen outline" : "Remove the chosen corner"}
        off={!chosen.value}
        press={() => void (removeCorner(editor) || removeChosen(editor))}
      >
        ×
      </Tool>
      <Tool name="Arrow keys in steps of one pixel" pressed={fine.value} press={() => (fine.value = !fine.value)}>
        {stepOf(editor)} px
      </Tool>
      <ZoomTools zoom={zoom} what="image" />
    </>
  );
}

export const polygons = markModule("polygons", PolygonsSurface, PolygonsPanel, [
  row("move the crosshair, the chosen outline or its corner", "←", "↑", "↓", "→"),
  row("a corner at the crosshair", "b"),
  row("end the outline; take back a corner", "Enter", "z"),
  row("the corner before, after", "[", "]"),
  row("a corner more after it", "i"),
  row("coarse or fine steps", "t"),
  row("zoom in, out, whole image", "+", "-", "0"),
]);
