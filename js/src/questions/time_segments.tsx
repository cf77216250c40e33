/** Segments: labeled stretches of sound or a film, in seconds. */

import { stepOf } from "../media/stage";
import { clockOf } from "../media/time";
import { PLAY_KEYS } from "../media/view";
import "./marks/marks.css";
import { markModule } from "./marks/module";
import { MarkPanel, Tool } from "./marks/panel";
import { removeChosen } from "./marks/state";
import { ZoomTools } from "./marks/zoom";
import { row } from "./module";
import "./time_segments.css";
import {
  applyLabel,
  beginOrEnd,
  choose,
  nudge,
  type SegmentEditor,
  type SegmentsProps,
  type SegmentValue,
  type Stretch,
  segmentEditor,
} from "./time_segments/editor";
import { SegmentsSurface } from "./time_segments/surface";

const HINT = "Drag over the wave, or press b where a segment begins and where it ends; then a label.";

const reach = ({ start, end }: Stretch): string => `${clockOf(start, 2)} to ${clockOf(end, 2)}`;
const described = (segment: SegmentValue): string => `${segment.label}, ${reach(segment)}`;

function SegmentsPanel(props: SegmentsProps) {
  const editor = segmentEditor(props);
  const { chosen, waiting, begun } = editor;
  const unlabeled = waiting.value && `${reach(waiting.value)}: a label names it.`;
  const open = begun.value === null ? unlabeled : `From ${clockOf(begun.value, 2)} to where b or a label is pressed.`;
  return (
    <MarkPanel
      marks={editor}
      selection={chosen.value ? described(chosen.value) : open}
      hint={HINT}
      apply={(label) => applyLabel(editor, label)}
      register={props.register}
      choose={(segment) => choose(editor, segment)}
      describe={described}
    >
      <StretchTools editor={editor} />
      <ViewTools editor={editor} />
    </MarkPanel>
  );
}

function StretchTools({ editor }: { editor: SegmentEditor }) {
  const { chosen, waiting, begun, player } = editor;
  const stretch = chosen.value ?? waiting.value;
  const open = begun.value !== null;
  return (
    <>
      <Tool
        name={open ? "End the segment at the playhead" : "Begin a segment at the playhead"}
        pressed={open}
        press={() => beginOrEnd(editor)}
      >
        {open ? "end" : "begin"}
      </Tool>
      <Tool
        name="Play the chosen segment"
        off={!stretch}
        press={() => stretch && player.playFromTo(stretch.start, stretch.end)}
      >
        ▶
      </Tool>
      {(["start", "end"] as const).map((edge) => (
        <span key={edge} class="ja-tool-pair">
          {edge}
          <Tool name={`Move the ${edge} back`} off={!stretch} press={() => nudge(editor, edge, -1)}>
            ‹
          </Tool>
          <Tool name={`Move the ${edge} on`} off={!stretch} press={() => nudge(editor, edge, 1)}>
            ›
          </Tool>
        </span>
      ))}
      <Tool name="Remove the chosen segment" off={!chosen.value} press={() => removeChosen(editor)}>
        ×
      </Tool>
    </>
  );
}

function ViewTools({ editor }: { editor: SegmentEditor }) {
  const { fine, zoom } = editor;
  return (
    <>
      <Tool name="Fine steps" pressed={fine.value} press={() => (fine.value = !fine.value)}>
        {stepOf(editor)} s
      </Tool>
      <ZoomTools zoom={zoom} what="recording" />
    </>
  );
}

export const timeSegments = markModule("time_segments", SegmentsSurface, SegmentsPanel, [
  ...PLAY_KEYS,
  row("begin a segment at the playhead, end it", "b"),
  row("play the chosen segment", "v"),
  row("move its end; with Shift, its start", "[", "]"),
]);
