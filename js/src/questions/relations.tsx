/** Relations: labeled arrows from one span to another. */

import "./marks/marks.css";
import { markModule } from "./marks/module";
import { MarkPanel, Tool } from "./marks/panel";
import { removeChosen } from "./marks/state";
import { type QuestionModule, row } from "./module";
import "./relations.css";
import { fragmentsOf } from "../text/fragments";
import {
  applyLabel,
  begin,
  type End,
  fitting,
  type RelationEditor,
  type RelationsProps,
  type RelationsSpec,
  type RelationValue,
  relationEditor,
  reverse,
} from "./relations/editor";
import { RelationsSurface } from "./relations/surface";
import "./marks/text.css";

const LONGEST = 40;

function textOf({ offsets }: RelationEditor, span: End): string {
  const text = fragmentsOf(span)
    .map(([start, end]) => offsets.slice(start, end))
    .join(" … ");
  return text.length > LONGEST ? `“${Array.from(text).slice(0, LONGEST).join("")}…”` : `“${text}”`;
}

function RelationsPanel(props: RelationsProps) {
  const editor = relationEditor(props);
  const { chosen, from, at, spans, shown } = editor;
  const describe = ({ head, label, tail }: RelationValue): string =>
    `${textOf(editor, head)} ${label} ${textOf(editor, tail)}`;
  const open =
    from.value &&
    `From ${textOf(editor, from.value)} to ${at.value && at.value !== from.value ? textOf(editor, at.value) : "…"}: a label relates them.`;
  const lost = shown.value.length - fitting(shown.value, spans.value).length;
  const gone = lost ? ` ${lost} without its spans will not be kept.` : "";
  return (
    <MarkPanel
      marks={editor}
      selection={chosen.value ? describe(chosen.value) : open}
      hint={(spans.value.length > 1 ? HINT : NO_SPANS) + gone}
      apply={(label) => applyLabel(editor, label)}
      register={props.register}
      choose={editor.choose}
      describe={describe}
    >
      <Tool name="The relation comes from the span chosen" off={!at.value} press={() => begin(editor)}>
        from here
      </Tool>
      <Tool name="Turn the chosen relation round" off={!chosen.value} press={() => reverse(editor)}>
        ⇄
      </Tool>
      <Tool name="Remove the chosen relation" off={!chosen.value} press={() => removeChosen(editor)}>
        ×
      </Tool>
    </MarkPanel>
  );
}

const HINT = "Click where a relation comes from, then where it goes; or arrow keys, b, arrow keys. Then a label.";
const NO_SPANS = "There are no two spans to relate.";

const module = markModule("relations", RelationsSurface, RelationsPanel, [
  row("go to the next or previous span", "←", "→"),
  row("the relation comes from this span", "b"),
  row("turn the chosen relation round", "r"),
]);

export const relations: QuestionModule<readonly RelationValue[], RelationsSpec> = {
  ...module,
  amid: ({ between }, value, answers) => fitting(value, (answers[between] ?? []) as readonly End[]),
};
