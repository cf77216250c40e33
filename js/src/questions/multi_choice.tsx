/** Any number of labels, within bounds. */

import type { QuestionSpec } from "../protocol";
import { LabelButtons } from "../ui/labels";
import { labelRows, type QuestionModule, type QuestionProps } from "./module";

type Labels = readonly string[];

export interface MultiChoiceSpec extends QuestionSpec {
  readonly minimum?: number;
  readonly maximum?: number | null;
}

/** The labels of the schema, in its order, that are in the set. */
const ordered = (question: QuestionSpec, chosen: ReadonlySet<string>): Labels =>
  question.labels.map(({ name }) => name).filter((name) => chosen.has(name));

export function toggled(question: QuestionSpec, value: Labels, label: string): Labels {
  const chosen = new Set(value);
  if (!chosen.delete(label)) chosen.add(label);
  return ordered(question, chosen);
}

function bounds({ minimum, maximum }: MultiChoiceSpec): string | null {
  const [low, high] = [minimum ?? 0, maximum ?? null];
  if (low > 0 && high !== null) return low === high ? `Choose ${low}.` : `Choose ${low} to ${high}.`;
  if (low > 0) return `Choose at least ${low}.`;
  return high === null ? null : `Choose at most ${high}.`;
}

const fits = ({ minimum, maximum }: MultiChoiceSpec, value: Labels): boolean =>
  value.length >= (minimum ?? 0) && value.length <= (maximum ?? Number.POSITIVE_INFINITY);

function MultiChoicePanel(props: QuestionProps<Labels, MultiChoiceSpec>) {
  const { question, draft, suggestion, register, activate } = props;
  const value = draft.value.value;
  const limits = bounds(question);
  return (
    <>
      <LabelButtons
        question={question}
        several={true}
        pressed={(label) => value?.includes(label) ?? false}
        suggested={(label) => value === null && (suggestion?.value.includes(label) ?? false)}
        suggestion={suggestion}
        press={(label) => {
          activate();
          // The first change to a suggestion starts from it.
          draft.set(toggled(question, draft.value.peek() ?? suggestion?.value ?? [], label));
        }}
        register={register}
      />
      {limits && (
        <p class={`ja-quiet${value !== null && !fits(question, value) ? " ja-quiet--alert" : ""}`}>
          {limits} {(value ?? []).length} chosen.
        </p>
      )}
    </>
  );
}

export const multiChoice: QuestionModule<Labels, MultiChoiceSpec> = {
  kind: "multi_choice",
  submitsAtOnce: () => false,
  complete: (question, value) => value !== null && fits(question, value),
  // Nothing chosen is an answer where none may apply.
  initial: (question) => ((question.minimum ?? 0) === 0 ? [] : null),
  summary: (_question, value) => (value.length === 0 ? "none" : value.join(", ")),
  legend: labelRows,
  Panel: MultiChoicePanel,
};
