/** The item: its fields, and the panels of the questions on it. */

import { computed } from "@preact/signals-core";
import type { Sheet } from "../drafts";
import { FIELDS } from "../fields";
import { standingSuggestion } from "../gather";
import { own } from "../own";
import type { FieldSpec, Item, QuestionSpec } from "../protocol";
import { QUESTIONS } from "../questions";
import type { Lasting, QuestionProps } from "../questions/module";
import { isSearchable } from "./labels";
import { useOnce } from "./reactive";
import { answerable, Unsure } from "./unsure";
import { FIELD_KEYS, type PageView, registerKeys } from "./view";

interface PageProps {
  readonly view: PageView;
  readonly item: Item;
  readonly sheet: Sheet;
}

type Props = QuestionProps<unknown>;

/**
 * One item after the other. What shows nothing but the item or the answer stays in the page and is told what is new, so
 * that the next frame has little to paint; what keeps something of an item of its own is made anew for each.
 */
export function Page(props: PageProps) {
  const { view, item } = props;
  const serial = view.queue.serial.peek();
  const propsOf = useProps(props);
  return (
    <>
      <div class="ja-content">
        {shownFields(view).map((field) => (
          <Field key={field.name} view={view} field={field} item={item} serial={serial} propsOf={propsOf} />
        ))}
      </div>
      {view.who.guest.value === null && <Panels view={view} propsOf={propsOf} />}
    </>
  );
}

type PropsOf = (question: QuestionSpec) => Props;

/** What each question is given. */
function useProps({ view, item, sheet }: PageProps): PropsOf {
  const questions = view.questions.value;
  const serial = view.queue.serial.peek();
  const lasting = useOnce(() => new Map<string, Lasting>());
  return (question) => {
    const { name } = question;
    const kept = lasting.get(name) ?? lastingOf(view, name);
    lasting.set(name, kept);
    const draft = answerable(sheet.draft(name));
    return {
      ...kept,
      question,
      item,
      draft,
      suggestion: draft.dismissed.value || draft.unsure.value ? null : (own(item.prelabels, name) ?? null),
      field: (other) => (
        <PlainField view={view} field={fieldNamed(view, other)} value={item.fields[other]} serial={serial} />
      ),
      asked: (other) => questions.find((each) => each.name === other) ?? null,
      standing: (other) => sheet.draft(other).value.value ?? standingSuggestion(other, item, sheet)?.value ?? null,
    };
  };
}

function Panels({ view, propsOf }: { view: PageView; propsOf: PropsOf }) {
  const serial = view.queue.serial.peek();
  return (
    <div class="ja-panels">
      {view.due.value.map((question) => (
        <Panel
          key={question.name + (keepsItem(question) ? ` ${serial}` : "")}
          question={question}
          several={view.questions.value.length > 1}
          props={propsOf(question)}
        />
      ))}
    </div>
  );
}

/** The questions alone, without an item. */
export function Form(props: PageProps) {
  return <Panels view={props.view} propsOf={useProps(props)} />;
}

/** Marks have a selection and tools, a search has what was typed: neither may reach the next item. */
function keepsItem(question: QuestionSpec): boolean {
  const module = QUESTIONS[question.kind];
  return module?.Surface !== undefined || module?.keepsItem === true || isSearchable(question);
}

const lastingOf = (view: PageView, name: string): Lasting => ({
  active: computed(() => view.active.value === name),
  activate: () => {
    view.active.value = name;
  },
  submit: view.submit,
  annotator: view.annotator(),
  blobs: view.blobs,
  register: (keys) => registerKeys(view, name, keys),
});

/** The fields that have a place of their own: they are to be seen, and no panel shows them. */
export function shownFields({ setup, due, who }: PageView): readonly FieldSpec[] {
  const own = who.guest.value === null;
  const taken = own ? due.value.flatMap((each) => QUESTIONS[each.kind]?.shows?.(each) ?? []) : [];
  const all = setup.value?.schema.fields ?? [];
  return all.filter(({ kind, name }) => !FIELDS[kind]?.hidden && !taken.includes(name));
}

const fieldNamed = ({ setup }: PageView, name: string): FieldSpec =>
  setup.value?.schema.fields.find((field) => field.name === name) ?? { kind: "", name };

interface FieldProps {
  readonly view: PageView;
  readonly field: FieldSpec;
  readonly item: Item;
  readonly serial: number;
  readonly propsOf: PropsOf;
}

/** The surface of the question that marks this field (of the active one if there are several), else the plain view. */
function Field({ view, field, item, serial, propsOf }: FieldProps) {
  const { due, active, who } = view;
  const marking = due.value.filter((question) => question.field === field.name && QUESTIONS[question.kind]?.Surface);
  const question = marking.find(({ name }) => name === active.value) ?? marking[0];
  // A guest changes nothing.
  const Surface = question && who.guest.value === null && QUESTIONS[question.kind]?.Surface;
  const several = shownFields(view).length > 1;
  return (
    <div class="ja-field">
      {several && <p class="ja-field-title">{field.title ?? field.name}</p>}
      {Surface ? (
        <Surface key={`${question.name} ${serial}`} {...propsOf(question)} />
      ) : (
        <PlainField view={view} field={field} value={item.fields[field.name]} serial={serial} />
      )}
    </div>
  );
}

interface PlainProps {
  readonly view: PageView;
  readonly field: FieldSpec;
  readonly value: unknown;
  readonly serial: number;
  /** One of many on the page: small, and without keys. */
  readonly small?: boolean;
}

export function PlainField({ view, field: { kind, name, title }, value, serial, small }: PlainProps) {
  const module = FIELDS[kind];
  if (!module) return <Unknown what={name} />;
  const Look = (small && module.Small) || module.View;
  return (
    <Look
      key={module.lasting ? "" : serial}
      value={value}
      name={name}
      title={title ?? null}
      blobs={view.blobs}
      register={(keys) => (small ? () => undefined : registerKeys(view, FIELD_KEYS, keys))}
    />
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
      {Content ? <Content {...props} /> : <Unknown what={question.name} />}
      {question.cannot_tell && <Unsure {...props} />}
    </section>
  );
}

function Unknown({ what }: { what: string }) {
  return <p class="ja-problem">This version cannot show {what}: re-run the cell after an update.</p>;
}
