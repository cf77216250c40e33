/** What an item's drafts and suggestions amount to as one answer. */

import { asked, cannotTell, holds } from "./conditions";
import type { Sheet } from "./drafts";
import { own } from "./own";
import type { Item, QuestionSpec, Suggestion } from "./protocol";
import type { QuestionModule } from "./questions/module";

// biome-ignore lint/suspicious/noExplicitAny: each module knows its own answers and options, the app does not
export type Modules = Readonly<Record<string, QuestionModule<any, any>>>;

export interface Gathered {
  readonly answers: Record<string, unknown>;
  /** Questions whose suggestion was taken as it stands. */
  readonly accepted: string[];
  /** The first question that still needs an answer. */
  readonly missing: QuestionSpec | null;
}

/** The suggestion that counts if nothing else is answered: on the screen, untouched. */
export function standingSuggestion(question: string, item: Item, sheet: Sheet): Suggestion | null {
  const draft = sheet.draft(question);
  if (draft.dismissed.peek() || draft.value.peek() !== null) return null;
  return own(item.prelabels, question) ?? null;
}

const isComplete = (question: QuestionSpec, value: unknown, module: Modules[string] | undefined): boolean =>
  value !== null && (cannotTell(value) || (module?.complete(question, value) ?? false));

/** The answer as far as it fits those before it. */
const settled = (
  question: QuestionSpec,
  value: unknown,
  answers: Readonly<Record<string, unknown>>,
  module: Modules[string] | undefined,
): unknown => (value === null || cannotTell(value) || !module?.amid ? value : module.amid(question, value, answers));

export function gather(questions: readonly QuestionSpec[], item: Item, sheet: Sheet, modules: Modules): Gathered {
  const answers: Record<string, unknown> = {};
  const accepted: string[] = [];
  for (const question of questions) {
    if (!holds(question, answers)) continue;
    const { name, required } = question;
    const module = modules[question.kind];
    const suggestion = standingSuggestion(name, item, sheet);
    const given = sheet.draft(name).value.peek() ?? suggestion?.value ?? module?.initial(question) ?? null;
    const value = settled(question, given, answers, module);
    if (!isComplete(question, value, module) && (required || value !== null))
      return { answers, accepted, missing: question };
    if (value === null) continue;
    answers[name] = value;
    if (suggestion) accepted.push(name);
  }
  return { answers, accepted, missing: null };
}

/** The questions asked about the item on the screen, as long as nothing else is answered. */
export const askedOf = (questions: readonly QuestionSpec[], item: Item | null, sheet: Sheet | null): QuestionSpec[] =>
  asked(questions, (name) => {
    const draft = sheet?.draft(name);
    if (!item || !draft) return null;
    return draft.value.value ?? (draft.dismissed.value ? null : own(item.prelabels, name)?.value);
  });
