/** When a question is asked, and the answer of who cannot tell: as in jupyter_annotate/questions/conditions.py. */

import { own } from "./own";
import type { QuestionSpec } from "./protocol";

/** What is stored where a question allows it and the person cannot tell. */
export const CANNOT_TELL = { cannot_tell: true } as const;

export const cannotTell = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "cannot_tell" in value && value.cannot_tell === true;

/** Of a mark its label counts, of a list each of its parts. */
function partsOf(answer: unknown): readonly unknown[] {
  const parts: readonly unknown[] = Array.isArray(answer) ? answer : [answer];
  return parts.map((part) => (typeof part === "object" && part !== null && "label" in part ? part.label : part));
}

function meets(answer: unknown, wanted: readonly unknown[]): boolean {
  if (answer === null || answer === undefined || cannotTell(answer)) return false;
  return wanted.length === 0 || partsOf(answer).some((part) => wanted.includes(part));
}

/** Whether all conditions of a question hold, given the answers to those before it. */
export const holds = ({ show_when }: QuestionSpec, answers: Readonly<Record<string, unknown>>): boolean =>
  Object.entries(show_when ?? {}).every(([name, wanted]) => meets(own(answers, name), wanted));

/** The questions that are asked, in order; what hangs on one that is not asked is not asked either. */
export function asked(questions: readonly QuestionSpec[], standing: (name: string) => unknown): QuestionSpec[] {
  const answers: Record<string, unknown> = {};
  return questions.filter((question) => {
    const is = holds(question, answers);
    if (is) answers[question.name] = standing(question.name);
    return is;
  });
}
