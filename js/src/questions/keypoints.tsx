/** Keypoints: named points on an image, in absolute pixels of the image as displayed. */

import "./keypoints.css";
import {
  applyLabel,
  change,
  due,
  type KeypointEditor,
  type KeypointsProps,
  type KeypointValue,
  keypointEditor,
} from "./keypoints/editor";
import { KeypointsSurface } from "./keypoints/surface";
import { stepOf } from "./marks/image";
import "./marks/marks.css";
import { markModule } from "./marks/module";
import { MarkPanel, Tool } from "./marks/panel";
import "./marks/stage.css";
import { removeChosen } from "./marks/state";
import { ZoomTools } from "./marks/zoom";
import { row } from "./module";

const described = ({ label, x, y, visible }: KeypointValue): string =>
  `${label} at ${Math.round(x)}, ${Math.round(y)}${visible === false ? ", hidden" : ""}`;

function KeypointsPanel(props: KeypointsProps) {
  const editor = keypointEditor(props);
  const next = due(editor);
  const hint = next === null ? "All points have their place." : `Next: ${next}. Click its place, or arrow keys and b.`;
  return (
    <MarkPanel
      marks={editor}
      selection={editor.chosen.value ? described(editor.chosen.value) : editor.armed.value && hint}
      hint={editor.problem.value === null ? hint : ""}
      apply={(label) => applyLabel(editor, label)}
      register={props.register}
      choose={editor.choose}
      describe={described}
    >
      <Tools editor={editor} />
    </MarkPanel>
  );
}

function Tools({ editor }: { editor: KeypointEditor }) {
  const { chosen, zoom, fine } = editor;
  const hidden = chosen.value?.visible === false;
  return (
    <>
      <Tool
        name="The chosen point is hidden in the image"
        off={!chosen.value}
        pressed={hidden}
        press={() => change(editor, { visible: hidden })}
      >
        hidden
      </Tool>
      <Tool name="Remove the chosen point" off={!chosen.value} press={() => removeChosen(editor)}>
        ×
      </Tool>
      <Tool name="Arrow keys in steps of one pixel" pressed={fine.value} press={() => (fine.value = !fine.value)}>
        {stepOf(editor)} px
      </Tool>
      <ZoomTools zoom={zoom} what="image" />
    </>
  );
}

export const keypoints = markModule("keypoints", KeypointsSurface, KeypointsPanel, [
  row("move the crosshair or the chosen point", "←", "↑", "↓", "→"),
  row("place the next point at the crosshair", "b"),
  row("the chosen point is hidden, or seen", "v"),
  row("coarse or fine steps", "t"),
  row("zoom in, out, whole image", "+", "-", "0"),
]);
