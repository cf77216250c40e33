/** A point on a scale: one key, one click. */

import { type Command, handlerOf, keyName } from "../keymap";
import type { QuestionSpec } from "../protocol";
import { percent } from "../ui/labels";
import { useLayoutEffect, useOnce } from "../ui/reactive";
import { type QuestionModule, type QuestionProps, row } from "./module";
import "./rating.css";

export interface RatingSpec extends QuestionSpec {
  readonly points: number;
  readonly start: number;
  readonly low: string | null;
  readonly high: string | null;
  readonly style: "scale" | "stars";
}

const pointsOf = ({ points, start }: RatingSpec): number[] => Array.from({ length: points }, (_, at) => start + at);

/** The digits; 0 stands for ten where the scale has no zero. */
function keyOf({ start }: RatingSpec, point: number): string | null {
  if (point >= 0 && point <= 9) return String(point);
  return point === 10 && start > 0 ? "0" : null;
}

const haveKeys = (question: RatingSpec): boolean =>
  pointsOf(question).every((point) => keyOf(question, point) !== null);

function commandOf(
  question: RatingSpec,
  value: number | null,
  set: (point: number) => void,
): (ev: KeyboardEvent) => Command | null {
  return (ev) => {
    const name = keyName(ev);
    const point = pointsOf(question).find((each) => keyOf(question, each) === name);
    if (point !== undefined && !ev.shiftKey) return () => void (ev.repeat || set(point));
    if (haveKeys(question) || (name !== "ArrowLeft" && name !== "ArrowRight")) return null;
    const { start, points } = question;
    const middle = start + Math.floor((points - 1) / 2);
    const next = value === null ? middle : value + (name === "ArrowRight" ? 1 : -1);
    return () => set(Math.min(Math.max(next, start), start + points - 1));
  };
}

function RatingPanel({ question, draft, suggestion, register, activate }: QuestionProps<number, RatingSpec>) {
  const value = draft.value.value;
  const latest = useOnce(() => ({ find: commandOf(question, value, draft.set) }));
  latest.find = commandOf(question, value, draft.set);
  useLayoutEffect(() => register(handlerOf((ev) => latest.find(ev))), [register]);
  const stars = question.style === "stars";
  const hint = value === null ? suggestion?.value : undefined;
  return (
    <div class="ja-rating" style={{ "--ja-points": String(question.points) }}>
      <div
        class={`ja-rating-points${stars ? " ja-rating-points--stars" : ""}`}
        role="group"
        aria-label={question.title ?? question.name}
      >
        {pointsOf(question).map((point) => (
          <button
            key={point}
            type="button"
            class={`ja-rating-point${hint === point ? " ja-rating-point--suggested" : ""}${
              stars && value !== null && point <= value ? " ja-rating-point--filled" : ""
            }`}
            aria-pressed={point === value}
            aria-label={nameOf(question, point)}
            title={keyOf(question, point) === null || keyOf(question, point) === String(point) ? undefined : "key 0"}
            onClick={() => {
              activate();
              draft.set(point);
            }}
          >
            {stars && (
              <span class="ja-rating-star" aria-hidden="true">
                {value !== null && point <= value ? "★" : "☆"}
              </span>
            )}
            <span class="ja-rating-number">{point}</span>
          </button>
        ))}
      </div>
      {(question.low || question.high) && (
        <p class="ja-rating-ends">
          <span>{question.low}</span>
          <span>{question.high}</span>
        </p>
      )}
      {hint !== undefined && <p class="ja-quiet">{`${hint} suggested${percent(suggestion, ", ")}`}</p>}
    </div>
  );
}

/** A point as it is read aloud: the ends with what they mean. */
function nameOf({ low, high, start, points }: RatingSpec, point: number): string {
  const meaning = point === start ? low : point === start + points - 1 ? high : null;
  return meaning ? `${point}, ${meaning}` : String(point);
}

export const rating: QuestionModule<number, RatingSpec> = {
  kind: "rating",
  submitsAtOnce: (question, only) => only && haveKeys(question),
  complete: (question, value) => value !== null && pointsOf(question).includes(value),
  initial: () => null,
  summary: ({ points, start }, value) => `${value} of ${start + points - 1}`,
  legend: (question) => {
    const keys = pointsOf(question).flatMap((point) => keyOf(question, point) ?? []);
    const ends = [keys[0], keys.at(-1)].flatMap((key) => key ?? []);
    const steps = haveKeys(question) ? [] : [row("a point lower, higher", "←", "→")];
    return keys.length > 0 ? [row("a point of the scale, from … to", ...ends), ...steps] : steps;
  },
  Panel: RatingPanel,
};
