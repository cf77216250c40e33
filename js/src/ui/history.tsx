/** The last decisions, each a chip that brings its item back. */

import { computed } from "@preact/signals-core";
import { cannotTell } from "../conditions";
import { own } from "../own";
import { lookStyle } from "../palette";
import type { QuestionSpec } from "../protocol";
import { QUESTIONS } from "../questions";
import type { Past } from "../queue";
import { useLate } from "./late";
import { useOnce } from "./reactive";
import type { View } from "./view";

const SHOWN = 10;

/** Each item once, newest first. */
function latest(past: readonly Past[]): Past[] {
  const seen = new Set<string>();
  return [...past].reverse().filter(({ item }) => !seen.has(item) && seen.add(item));
}

export function History({ view }: { view: View }) {
  const { queue, questions } = view;
  const strip = useOnce(() => computed(() => ({ past: queue.past.value, shown: queue.displayed.value?.item })));
  const { past: decisions, shown } = useLate(view.frames, strip);
  const entries = latest(decisions).slice(0, SHOWN);
  if (entries.length === 0) return null;
  return (
    <nav class="ja-history" aria-label="Last decisions">
      {entries.map((past) => (
        <Chip
          key={past.item}
          past={past}
          questions={questions.value}
          current={past.item === shown}
          press={() => view.open(past.item)}
        />
      ))}
    </nav>
  );
}

export const summaryOf = (question: QuestionSpec, answer: unknown): string =>
  cannotTell(answer) ? "cannot tell" : (QUESTIONS[question.kind]?.summary(question, answer) ?? "");

interface ChipProps {
  readonly past: Past;
  readonly questions: readonly QuestionSpec[];
  readonly current: boolean;
  readonly press: () => void;
}

function Chip({ past, questions, current, press }: ChipProps) {
  const first = questions.find(({ name }) => own(past.answers, name) !== undefined);
  const answer = first && past.answers[first.name];
  const text = first ? summaryOf(first, answer) : past.status;
  const label = first && typeof answer === "string" ? answer : null;
  return (
    <button
      type="button"
      class={`ja-chip${label === null ? "" : " ja-hue ja-chip--label"}`}
      style={first && label !== null ? lookStyle(first, label) : undefined}
      aria-current={current}
      title={`Item ${past.number}: ${text}`}
      onClick={press}
    >
      <span class="ja-chip-number">{past.number}</span>
      <span class="ja-chip-text">{text}</span>
    </button>
  );
}
