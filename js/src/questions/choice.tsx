/** One label out of several. */

import { LabelButtons } from "../ui/labels";
import { labelRows, type QuestionModule, type QuestionProps } from "./module";

function ChoicePanel({ question, draft, suggestion, register, activate }: QuestionProps<string>) {
  const value = draft.value.value;
  return (
    <LabelButtons
      question={question}
      several={false}
      pressed={(label) => label === value}
      suggested={(label) => value === null && label === suggestion?.value}
      suggestion={suggestion}
      press={(label) => {
        activate();
        draft.set(label);
      }}
      register={register}
    />
  );
}

export const choice: QuestionModule<string> = {
  kind: "choice",
  submitsAtOnce: (_question, only) => only,
  complete: (question, value) => question.labels.some(({ name }) => name === value),
  initial: () => null,
  summary: (_question, value) => value,
  legend: labelRows,
  Panel: ChoicePanel,
};
