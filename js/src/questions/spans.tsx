/** Spans: labeled pieces of a text, in Unicode code points, half open. */

import type { SpanValue } from "../protocol";
import { reachOf } from "../text/caret";
import "./marks/marks.css";
import { markModule } from "./marks/module";
import { MarkPanel, Tool } from "./marks/panel";
import { removeChosen } from "./marks/state";
import { row } from "./module";
import "./marks/text.css";
import {
  applyLabel,
  chooseSpan,
  nudge,
  type SpanEditor,
  type SpansProps,
  spanEditor,
  toggleSnap,
} from "./spans/editor";
import { SpansSurface } from "./spans/surface";

const HINT = "Select text, then press a label. Arrow keys select words.";
const LONGEST = 80;

function SpansPanel(props: SpansProps) {
  const editor = spanEditor(props);
  const { offsets, caret, chosen } = editor;
  const describe = ({ label, start, end }: SpanValue): string => `${label}: ${quoted(offsets.slice(start, end))}`;
  const reach = caret.value && reachOf(caret.value);
  const selection = reach && quoted(offsets.text.slice(reach.start, reach.end));
  return (
    <MarkPanel
      marks={editor}
      selection={chosen.value ? describe(chosen.value) : selection}
      hint={HINT}
      apply={(label) => applyLabel(editor, label)}
      register={props.register}
      choose={(span) => chooseSpan(editor, span)}
      describe={describe}
    >
      <SpanTools editor={editor} />
    </MarkPanel>
  );
}

const quoted = (text: string): string =>
  text.length > LONGEST ? `“${Array.from(text.slice(0, LONGEST)).slice(0, -1).join("")}…”` : `“${text}”`;

function SpanTools({ editor }: { editor: SpanEditor }) {
  const words = editor.snap.value === "token";
  return (
    <>
      <EdgeTools editor={editor} edge="start" />
      <EdgeTools editor={editor} edge="end" />
      <Tool name="Remove the chosen span" off={!editor.chosen.value} press={() => removeChosen(editor)}>
        ×
      </Tool>
      <Tool name="Select by character, not by word" pressed={!words} press={() => toggleSnap(editor)}>
        {words ? "words" : "characters"}
      </Tool>
    </>
  );
}

function EdgeTools({ editor, edge }: { editor: SpanEditor; edge: "start" | "end" }) {
  const off = !editor.chosen.value && !editor.caret.value;
  return (
    <span class="ja-tool-pair">
      {edge}
      <Tool name={`Move the ${edge} back`} off={off} press={() => nudge(editor, edge, -1)}>
        ‹
      </Tool>
      <Tool name={`Move the ${edge} on`} off={off} press={() => nudge(editor, edge, 1)}>
        ›
      </Tool>
    </span>
  );
}

export const spans = markModule("spans", SpansSurface, SpansPanel, [
  row("select a word; with Shift, more words", "←", "→"),
  row("by line", "↑", "↓", "Home", "End"),
  row("shrink or extend the end; with Shift, the start", "[", "]"),
  row("words or characters", "t"),
]);
