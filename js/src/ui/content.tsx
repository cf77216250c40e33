/** The item: its fields, and the panels of the questions on it. */

import { computed, type ReadonlySignal } from "@preact/signals-core";
import type { Sheet } from "../drafts";
import { FIELDS } from "../fields";
import type { FieldSpec, Item, QuestionSpec } from "../protocol";
import { QUESTIONS } from "../questions";
import type { QuestionProps } from "../questions/module";
import { useOnce } from "./reactive";
import { registerKeys, type View } from "./view";

interface PageProps {
  readonly view: View;
  readonly item: Item;
  readonly sheet: Sheet;
}

type Props = QuestionProps<unknown>;

/** One item; keyed by the app, so that nothing of the one before is left. */
export function Page({ view, item, sheet }: PageProps) {
  const { setup, questions: all } = view;
  const questions = all.value;
  const stable = useOnce(
    () => new Map(questions.map((question) => [question.name, stableProps(view, item, sheet, question)])),
  );
  const propsOf = (question: QuestionSpec): Props => {
    const props = stable.get(question.name) as Props;
    return { ...props, item, suggestion: props.draft.dismissed.value ? null : (item.prelabels[question.name] ?? null) };
  };
  return (
    <>
      <div class="ja-content">
        {setup.value?.schema.fields.map((field) => (
          <Field key={field.name} view={view} field={field} item={item} propsOf={propsOf} />
        ))}
      </div>
      <div class="ja-panels">
        {questions.map((question) => (
          <Panel key={question.name} question={question} several={questions.length > 1} props={propsOf(question)} />
        ))}
      </div>
    </>
  );
}

function stableProps(view: View, item: Item, sheet: Sheet, question: QuestionSpec): Props {
  const active: ReadonlySignal<boolean> = computed(() => view.active.value === question.name);
  return {
    question,
    item,
    draft: sheet.draft(question.name),
    suggestion: null,
    active,
    activate: () => {
      view.active.value = question.name;
    },
    submit: view.submit,
    blobs: view.blobs,
    register: (keys) => registerKeys(view, question.name, keys),
  };
}

interface FieldProps {
  readonly view: View;
  readonly field: FieldSpec;
  readonly item: Item;
  readonly propsOf: (question: QuestionSpec) => Props;
}

/** The surface of the question that marks this field (of the active one if there are several), else the plain view. */
function Field({ view, field, item, propsOf }: FieldProps) {
  const { setup, questions, active, blobs } = view;
  const marking = questions.value.filter(
    (question) => question.field === field.name && QUESTIONS[question.kind]?.Surface,
  );
  const question = marking.find(({ name }) => name === active.value) ?? marking[0];
  const Surface = question && QUESTIONS[question.kind]?.Surface;
  const Plain = FIELDS[field.kind]?.View;
  const several = (setup.value?.schema.fields.length ?? 0) > 1;
  return (
    <div class="ja-field">
      {several && <p class="ja-field-title">{field.title ?? field.name}</p>}
      {Surface ? (
        <Surface key={question.name} {...propsOf(question)} />
      ) : Plain ? (
        <Plain value={item.fields[field.name]} name={field.name} title={field.title ?? null} blobs={blobs} />
      ) : (
        <p class="ja-problem">This version cannot show the field {field.name}: re-run the cell after an update.</p>
      )}
    </div>
  );
}

function Panel({ question, several, props }: { question: QuestionSpec; several: boolean; props: Props }) {
  const Content = QUESTIONS[question.kind]?.Panel;
  const on = several && props.active.value;
  return (
    <section class={`ja-question${on ? " ja-question--active" : ""}`} onPointerDown={props.activate}>
      <p class="ja-question-title">
        <span>{question.title ?? question.name}</span>
        {!question.required && <span class="ja-quiet">optional</span>}
        {question.help && <span class="ja-quiet">{question.help}</span>}
      </p>
      {Content ? (
        <Content {...props} />
      ) : (
        <p class="ja-problem">This version does not know this kind of question: re-run the cell after an update.</p>
      )}
    </section>
  );
}
