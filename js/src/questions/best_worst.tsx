/** The best and the worst of a few: two keys, or two clicks. */

import { type Command, handlerOf } from "../keymap";
import type { QuestionSpec } from "../protocol";
import { optionsOf } from "../shuffle";
import { percent } from "../ui/labels";
import { useLayoutEffect, useOnce } from "../ui/reactive";
import { type QuestionModule, type QuestionProps, row } from "./module";
import "./best_worst.css";

export interface BestAndWorst {
  readonly best?: string;
  readonly worst?: string;
}

type Props = QuestionProps<BestAndWorst>;
type End = "best" | "worst";

/** An option becomes the best or the worst; it leaves the other end, and pressed again its own. */
export function chosen(answer: BestAndWorst, option: string, end: End): BestAndWorst | null {
  const { best, worst } = answer;
  const other: End = end === "best" ? "worst" : "best";
  const kept = answer[other] === option ? {} : { [other]: answer[other] };
  const next = (end === "best" ? best : worst) === option ? kept : { ...kept, [end]: option };
  const given = Object.entries(next).filter(([, each]) => each !== undefined);
  return given.length > 0 ? Object.fromEntries(given) : null;
}

/** What a plain key means: the best first, then the worst. */
const dueOf = ({ best, worst }: BestAndWorst): End => (best !== undefined && worst === undefined ? "worst" : "best");

function BestWorstPanel(props: Props) {
  const { question, item, draft, suggestion, register, annotator } = props;
  const options = optionsOf(question, item, annotator);
  const now = (): BestAndWorst => draft.value.peek() ?? {};
  const choose = (option: string, end: End): void => {
    props.activate();
    draft.set(chosen(now(), option, end));
  };
  const latest = useOnce(() => ({ find: (_: KeyboardEvent): Command | null => null }));
  latest.find = (ev) => {
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(ev.code)?.[1];
    const option = digit === undefined ? undefined : options[Number(digit) - 1];
    if (option === undefined) return null;
    return () => void (ev.repeat || choose(option, ev.shiftKey ? "worst" : dueOf(now())));
  };
  useLayoutEffect(() => register(handlerOf((ev) => latest.find(ev))), [register]);
  const shown = draft.value.value ?? suggestion?.value ?? {};
  const suggested = draft.value.value === null && suggestion !== null;
  return (
    <div class={`ja-best-worst${suggested ? " ja-best-worst--suggested" : ""}`}>
      <div class="ja-best-worst-ends" aria-hidden="true">
        <span>best</span>
        <span>worst</span>
      </div>
      {options.map((option, at) => (
        <div key={option} class="ja-best-worst-row" role="group" aria-label={option}>
          <kbd class={`ja-key${at < 9 ? "" : " ja-key--none"}`}>{at < 9 ? at + 1 : ""}</kbd>
          <span class="ja-best-worst-name">{option}</span>
          {(["best", "worst"] as const).map((end) => (
            <button
              key={end}
              type="button"
              class="ja-best-worst-end"
              aria-label={`${end}: ${option}`}
              aria-pressed={shown[end] === option}
              onClick={() => choose(option, end)}
            >
              {shown[end] === option ? (end === "best" ? "▲" : "▼") : ""}
            </button>
          ))}
        </div>
      ))}
      <p class="ja-quiet" role="status">
        {suggested
          ? `suggested${percent(suggestion, ", ")}: a accepts, any change corrects`
          : `Now the ${dueOf(shown)}; Shift and a key is the worst.`}
      </p>
    </div>
  );
}

const isComplete = ({ labels }: QuestionSpec, value: BestAndWorst | null): boolean => {
  const known = (option: string | undefined): boolean => labels.some(({ name }) => name === option);
  return value !== null && known(value.best) && known(value.worst) && value.best !== value.worst;
};

export const bestWorst: QuestionModule<BestAndWorst> = {
  kind: "best_worst",
  submitsAtOnce: () => false,
  complete: isComplete,
  initial: () => null,
  summary: (_question, { best, worst }) => `${best ?? "–"} > ${worst ?? "–"}`,
  legend: ({ labels }) => [
    row("the best, then the worst", "1", String(Math.min(labels.length, 9))),
    row("with Shift: the worst", "Shift"),
  ],
  order: optionsOf,
  Panel: BestWorstPanel,
};
