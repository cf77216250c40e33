/** Spans: labeled pieces of a text, in Unicode code points, half open. */

import type { SpanValue } from "../protocol";
import { reachOf } from "../text/caret";
import { fragmentsOf } from "../text/fragments";
import "./marks/marks.css";
import { markModule } from "./marks/module";
import { MarkPanel, Tool } from "./marks/panel";
import { removeChosen } from "./marks/state";
import { row } from "./module";
import "./marks/text.css";
import {
  applyLabel,
  baseOf,
  chooseSpan,
  join,
  nudge,
  type SpanEditor,
  type SpansProps,
  type SpansSpec,
  spanEditor,
  takeOut,
  toggleSnap,
} from "./spans/editor";
import { SpansSurface } from "./spans/surface";

const HINT = "Select text, then press a label. Arrow keys select words.";
const LONGEST = 80;

function SpansPanel(props: SpansProps) {
  const editor = spanEditor(props);
  const { offsets, caret, chosen } = editor;
  const describe = (span: SpanValue): string => {
    const parts = fragmentsOf(span).map(([start, end]) => offsets.slice(start, end));
    return `${span.label}: ${quoted(parts.join(" … "))}`;
  };
  const reach = caret.value && reachOf(caret.value);
  const base = baseOf(editor);
  const further = base ? `; + makes it a piece of ${describe(base)}` : "";
  const selection = reach && `${quoted(offsets.text.slice(reach.start, reach.end))}${further}`;
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
      {editor.discontinuous && <PieceTools editor={editor} />}
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

function PieceTools({ editor }: { editor: SpanEditor }) {
  const { caret, chosen } = editor;
  const several = (chosen.value?.fragments?.length ?? 1) > 1;
  return (
    <span class="ja-tool-pair">
      piece
      <Tool
        name="Add the selection to the span chosen before, or take it out"
        off={!caret.value || !baseOf(editor)}
        press={() => join(editor)}
      >
        +
      </Tool>
      <Tool name="Take a piece out of the chosen span" off={!several} press={() => takeOut(editor)}>
        −
      </Tool>
    </span>
  );
}

export const spans = markModule("spans", SpansSurface, SpansPanel, ({ discontinuous }: SpansSpec) => [
  row("select a word; with Shift, more words", "←", "→"),
  row("by line", "↑", "↓", "Home", "End"),
  row("shrink or extend the end; with Shift, the start", "[", "]"),
  row("words or characters", "t"),
  ...(discontinuous
    ? [
        row("the selection is a further piece of the span chosen before", "+"),
        row("take a piece out of the chosen span", "-"),
      ]
    : []),
]);
