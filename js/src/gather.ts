/** What an item's drafts and suggestions amount to as one answer. */

import type { Sheet } from "./drafts";
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
  return item.prelabels[question] ?? null;
}

export function gather(questions: readonly QuestionSpec[], item: Item, sheet: Sheet, modules: Modules): Gathered {
  const answers: Record<string, unknown> = {};
  const accepted: string[] = [];
  for (const question of questions) {
    const { name, kind, required } = question;
    const module = modules[kind];
    const suggestion = standingSuggestion(name, item, sheet);
    const value = sheet.draft(name).value.peek() ?? suggestion?.value ?? module?.initial(question) ?? null;
    const complete = value !== null && (module?.complete(question, value) ?? false);
    if (!complete && (required || value !== null)) return { answers, accepted, missing: question };
    if (value === null) continue;
    answers[name] = value;
    if (suggestion) accepted.push(name);
  }
  return { answers, accepted, missing: null };
}
