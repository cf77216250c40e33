/** Which of two is better: side by side, the sides by lot. */

import { signal } from "@preact/signals-core";
import { type Command, handlerOf, keyName } from "../keymap";
import type { Item, QuestionSpec } from "../protocol";
import { shuffled } from "../shuffle";
import { percent } from "../ui/labels";
import { useLayoutEffect, useOnce } from "../ui/reactive";
import { type LegendRow, type QuestionModule, type QuestionProps, row } from "./module";
import "./preference.css";

export interface PreferenceSpec extends QuestionSpec {
  readonly between: readonly [string, string];
  readonly ties: boolean;
  /** How many grades of better there are. */
  readonly grades: number;
  /** What is compared; none: the whole. */
  readonly aspects: readonly string[];
}

export interface Preferred {
  readonly better: string;
  readonly grade?: number;
}

/** One for the whole, or one an aspect. */
type Answer = Preferred | Readonly<Record<string, Preferred>>;
type Props = QuestionProps<Answer, PreferenceSpec>;

const TIE = "tie";

/** The two fields as they stand on the screen, from left to right. */
export const sidesOf = ({ between, name }: PreferenceSpec, item: Item, annotator: string): [string, string] =>
  shuffled(between, `${annotator}\n${item.item}\n${name}`) as [string, string];

/** The choices from left to right: the strongest for the left one first, a tie in the middle. */
export function choicesOf({ grades, ties }: PreferenceSpec, [left, right]: readonly [string, string]): Preferred[] {
  const of = (better: string) =>
    Array.from({ length: grades }, (_, at): Preferred => (grades === 1 ? { better } : { better, grade: grades - at }));
  return [...of(left), ...(ties ? [{ better: TIE }] : []), ...of(right).reverse()];
}

/** Digits from left to right, and 0 for the tie. */
function keyOf({ grades }: PreferenceSpec, { better, grade }: Preferred, left: string): string {
  if (better === TIE) return "0";
  const place = grades - (grade ?? 1);
  return String(better === left ? 1 + place : 2 * grades - place);
}

const partsOf = ({ aspects }: PreferenceSpec): readonly string[] => (aspects.length > 0 ? aspects : [""]);

/** What stands for one aspect, or for the whole. */
export function partOf(answer: Answer | null | undefined, aspect: string): Preferred | null {
  if (!answer) return null;
  return (aspect === "" ? answer : (answer as Readonly<Record<string, Preferred>>)[aspect]) as Preferred | null;
}

const sameAs = (one: Preferred | null | undefined, other: Preferred): boolean =>
  one?.better === other.better && (one.grade ?? 0) === (other.grade ?? 0);

function PreferencePanel(props: Props) {
  const { question, item, draft, suggestion, register, annotator, field } = props;
  const sides = sidesOf(question, item, annotator);
  const aspects = partsOf(question);
  /** The aspect that the keys answer. */
  const at = useOnce(() => signal(0));
  const set = (aspect: string, choice: Preferred): void => {
    const before = draft.value.peek() ?? suggestion?.value ?? {};
    draft.set(aspect === "" ? choice : { ...(before as Record<string, Preferred>), [aspect]: choice });
    at.value = Math.min(aspects.indexOf(aspect) + 1, aspects.length - 1);
  };
  const latest = useOnce(() => ({ find: (_: KeyboardEvent): Command | null => null }));
  latest.find = (ev) =>
    commandFor(
      ev,
      question,
      sides,
      (choice) => set(aspects[at.peek()] ?? "", choice),
      () => {
        at.value = (at.peek() + 1) % aspects.length;
      },
    );
  useLayoutEffect(() => register(handlerOf((ev) => latest.find(ev))), [register]);
  const value = draft.value.value;
  return (
    <div class="ja-preference">
      <div class="ja-preference-sides">
        {sides.map((name, side) => (
          <section key={name} class="ja-preference-side" aria-label={side === 0 ? "Left" : "Right"}>
            <p class="ja-preference-name">{side === 0 ? "Left" : "Right"}</p>
            {field(name)}
          </section>
        ))}
      </div>
      {aspects.map((aspect, index) => (
        <div
          key={aspect}
          class={`ja-preference-row${aspects.length > 1 && at.value === index ? " ja-preference-row--now" : ""}`}
          role="group"
          aria-label={aspect || (question.title ?? question.name)}
        >
          {aspect && <p class="ja-preference-aspect">{aspect}</p>}
          <div class="ja-preference-choices">
            {choicesOf(question, sides).map((choice) => (
              <ChoiceButton
                key={`${choice.better} ${choice.grade}`}
                question={question}
                choice={choice}
                left={sides[0]}
                on={sameAs(partOf(value, aspect), choice)}
                suggested={value === null && sameAs(partOf(suggestion?.value, aspect), choice)}
                press={() => {
                  props.activate();
                  set(aspect, choice);
                }}
              />
            ))}
          </div>
        </div>
      ))}
      {value === null && suggestion && <p class="ja-quiet">{`suggested${percent(suggestion, ", ")}`}</p>}
    </div>
  );
}

function commandFor(
  ev: KeyboardEvent,
  question: PreferenceSpec,
  sides: [string, string],
  choose: (choice: Preferred) => void,
  turn: () => void,
): Command | null {
  if (ev.shiftKey) return null;
  const name = keyName(ev);
  if (name === "s" && question.aspects.length > 1) return turn;
  const wanted = name === "t" ? "0" : name;
  const choice = choicesOf(question, sides).find((each) => keyOf(question, each, sides[0]) === wanted);
  return choice ? () => void (ev.repeat || choose(choice)) : null;
}

interface ChoiceProps {
  readonly question: PreferenceSpec;
  readonly choice: Preferred;
  readonly left: string;
  readonly on: boolean;
  readonly suggested: boolean;
  readonly press: () => void;
}

const GRADES: readonly (readonly string[])[] = [
  ["better"],
  ["better", "much better"],
  ["slightly better", "better", "much better"],
  ["slightly better", "better", "much better", "far better"],
];

/** How much better, in words: with one grade simply better. */
function wordsOf({ grades }: PreferenceSpec, { better, grade }: Preferred, left: string): string {
  if (better === TIE) return "Tie";
  const side = better === left ? "Left" : "Right";
  const degree = GRADES[grades - 1]?.[(grade ?? 1) - 1];
  return `${side} ${degree}`;
}

function ChoiceButton({ question, choice, left, on, suggested, press }: ChoiceProps) {
  return (
    <button
      type="button"
      class={`ja-label${suggested ? " ja-label--suggested" : ""}`}
      aria-pressed={on}
      onClick={press}
    >
      <kbd class="ja-key">{keyOf(question, choice, left)}</kbd>
      <span class="ja-label-name">{wordsOf(question, choice, left)}</span>
    </button>
  );
}

function isComplete(question: PreferenceSpec, value: Answer | null): boolean {
  const known = choicesOf(question, question.between);
  return partsOf(question).every((aspect) => known.some((each) => sameAs(partOf(value, aspect), each)));
}

export const preference: QuestionModule<Answer, PreferenceSpec> = {
  kind: "preference",
  submitsAtOnce: ({ aspects }, only) => only && aspects.length === 0,
  complete: isComplete,
  initial: () => null,
  summary: (question, value) =>
    partsOf(question)
      .map((aspect) => [aspect, partOf(value, aspect)?.better].filter(Boolean).join(": "))
      .join(", "),
  legend: ({ grades, ties, aspects }): LegendRow[] => [
    row("better, from left to right", "1", String(2 * grades)),
    ...(ties ? [row("a tie", "0", "t")] : []),
    ...(aspects.length > 1 ? [row("the next aspect", "s")] : []),
  ],
  order: sidesOf,
  shows: ({ between }) => between,
  keepsItem: true,
  Panel: PreferencePanel,
};
