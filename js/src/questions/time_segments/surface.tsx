/** The recording of an item with its segments over the wave. */

import { share } from "../../geometry/view";
import { type Command, keyName } from "../../keymap";
import { RecordingStage } from "../../media/stage";
import { lookStyle } from "../../palette";
import { markCommand, once } from "../marks/keys";
import { putDown } from "../marks/state";
import {
  beginOrEnd,
  dropStretch,
  nudge,
  type SegmentEditor,
  type SegmentsProps,
  type Stretch,
  segmentEditor,
  stretchOf,
} from "./editor";
import { pointInTime } from "./pointing";

export function SegmentsSurface(props: SegmentsProps) {
  const editor = segmentEditor(props);
  return (
    <RecordingStage
      editor={editor}
      field={props.question.field ?? ""}
      blobs={props.blobs}
      register={props.register}
      point={(timeline) => pointInTime(editor, timeline, props.activate)}
      keys={(ev) => cycleCommand(editor, ev) ?? segmentCommand(editor, ev)}
    >
      <Segments editor={editor} />
      <Unlabeled editor={editor} />
    </RecordingStage>
  );
}

const reachStyle = ({ start, end }: Stretch, length: number) => ({
  left: share(start, length),
  width: share(end - start, length),
});

function Segments({ editor }: { editor: SegmentEditor }) {
  const { shown, chosen, suggested, question, player } = editor;
  return (
    <>
      {shown.value.map((segment, index) => {
        const chosenClass = segment === chosen.value ? " ja-chosen" : "";
        return (
          <span
            key={index}
            class={`ja-segment ja-hue${chosenClass}${suggested.value ? " ja-dashed" : ""}`}
            style={{ ...lookStyle(question, segment.label), ...reachStyle(segment, player.length.value) }}
          >
            <span class="ja-mark-label" dir="auto">
              {segment.label}
            </span>
          </span>
        );
      })}
    </>
  );
}

/** What is being selected: by the pointer, or from where a key began to the playhead. */
function Unlabeled({ editor: { waiting, begun, player } }: { editor: SegmentEditor }) {
  const stretch = begun.value === null ? waiting.value : stretchOf(begun.value, player.time.value);
  return stretch && <span class="ja-segment ja-segment--new" style={reachStyle(stretch, player.length.value)} />;
}

function cycleCommand(editor: SegmentEditor, ev: KeyboardEvent): Command | null {
  const command = markCommand(editor, ev);
  if (!command) return null;
  return () => {
    dropStretch(editor);
    command();
    const segment = editor.chosen.value;
    if (segment) editor.player.seek(segment.start);
  };
}

function segmentCommand(editor: SegmentEditor, ev: KeyboardEvent): Command | null {
  const { chosen, waiting, player } = editor;
  const stretch = chosen.value ?? waiting.value;
  const edge = ev.shiftKey ? "start" : "end";
  switch (keyName(ev)) {
    case "b":
      return once(ev, () => beginOrEnd(editor));
    case "v":
      return stretch && once(ev, () => player.playFromTo(stretch.start, stretch.end));
    case "[":
    case "{":
      return () => nudge(editor, edge, edge === "end" ? -1 : 1);
    case "]":
    case "}":
      return () => nudge(editor, edge, edge === "end" ? 1 : -1);
    case "Escape":
      return escapeCommand(editor);
    default:
      return null;
  }
}

function escapeCommand(editor: SegmentEditor): Command | null {
  const { begun, waiting, chosen, armed } = editor;
  const open = [begun, waiting, chosen, armed].some(({ value }) => value !== null);
  return open ? () => void (dropStretch(editor) || putDown(editor)) : null;
}
