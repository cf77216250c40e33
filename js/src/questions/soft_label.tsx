/** How probable each label is: every press of its key is one more vote for it, and the shares follow. */

import { type Command, handlerOf, keyName } from "../keymap";
import { own } from "../own";
import { lookStyle } from "../palette";
import type { QuestionSpec } from "../protocol";
import { percent } from "../ui/labels";
import { useLayoutEffect, useOnce } from "../ui/reactive";
import { labelRows, type QuestionModule, type QuestionProps, row } from "./module";
import "./soft_label.css";

/** Weights by label; shares are weights of the sum 1. */
type Weights = Readonly<Record<string, number>>;
type Props = QuestionProps<Weights>;

const sumOf = (weights: Weights): number => Object.values(weights).reduce((sum, each) => sum + each, 0);
export const shareOf = (weights: Weights, label: string): number => (own(weights, label) ?? 0) / (sumOf(weights) || 1);

/** Votes are whole; shares that come back from the log are ten. */
const VOTES = 10;
const votesOf = (weights: Weights): Weights =>
  sumOf(weights) < 1.001 && !Object.values(weights).every(Number.isInteger)
    ? Object.fromEntries(Object.entries(weights).map(([name, each]) => [name, each * VOTES]))
    : weights;

const kept = (weights: Weights): Weights | null => {
  const positive = Object.entries(weights).filter(([, each]) => each > 1e-9);
  return positive.length > 0 ? Object.fromEntries(positive) : null;
};

/** One vote more or less for a label; without any vote there is no answer. */
export function voted(weights: Weights | null, label: string, by: 1 | -1): Weights | null {
  const votes = votesOf(weights ?? {});
  return kept({ ...votes, [label]: Math.max(0, (own(votes, label) ?? 0) + by) });
}

/** The label gets just this share, the others keep their proportions. */
export function withShare(weights: Weights | null, label: string, share: number): Weights | null {
  const rest = Object.entries(weights ?? {}).filter(([name]) => name !== label);
  const others = sumOf(Object.fromEntries(rest));
  if (others === 0) return share > 0 ? { [label]: 1 } : null;
  const scaled = rest.map(([name, each]) => [name, ((1 - share) * each) / others] as const);
  return kept({ ...Object.fromEntries(scaled), [label]: share });
}

function SoftLabelPanel(props: Props) {
  const { question, draft, suggestion, register } = props;
  const latest = useOnce(() => ({ find: (_: KeyboardEvent): Command | null => null }));
  const now = (): Weights | null => draft.value.peek() ?? suggestion?.value ?? null;
  latest.find = (ev) => {
    const name = keyName(ev);
    const label = question.labels.find(
      ({ key }) => key !== null && (key === name || (ev.shiftKey && key === digitOf(ev))),
    );
    return label ? () => draft.set(voted(now(), label.name, ev.shiftKey ? -1 : 1)) : null;
  };
  useLayoutEffect(() => register(handlerOf((ev) => latest.find(ev))), [register]);
  const value = draft.value.value;
  const shown = value ?? suggestion?.value ?? {};
  return (
    <div class="ja-soft" role="group" aria-label={question.title ?? question.name}>
      {question.labels.map(({ name, key }) => (
        <Row
          key={name}
          question={question}
          name={name}
          letter={key}
          share={shareOf(shown, name)}
          suggested={value === null && suggestion !== null}
          vote={(by) => {
            props.activate();
            draft.set(voted(now(), name, by));
          }}
          give={(share) => {
            props.activate();
            draft.set(withShare(now(), name, share));
          }}
        />
      ))}
      <p class="ja-quiet" role="status">
        {statusOf(props)}
      </p>
    </div>
  );
}

/** The digit of a key that types something else with Shift. */
const digitOf = ({ code }: KeyboardEvent): string => /^Digit(\d)$/.exec(code)?.[1] ?? "";

function statusOf({ draft, suggestion }: Props): string {
  if (draft.value.value !== null) return "";
  if (suggestion) return `suggested${percent(suggestion, ", ")}: a accepts, any vote corrects`;
  return "Each press of a key is a vote; with Shift it is taken back.";
}

interface RowProps {
  readonly question: QuestionSpec;
  readonly name: string;
  readonly letter: string | null;
  readonly share: number;
  readonly suggested: boolean;
  readonly vote: (by: 1 | -1) => void;
  readonly give: (share: number) => void;
}

function Row({ question, name, letter, share, suggested, vote, give }: RowProps) {
  const shown = Math.round(share * 100);
  return (
    <div class={`ja-soft-row ja-hue${suggested ? " ja-soft-row--suggested" : ""}`} style={lookStyle(question, name)}>
      <span class="ja-soft-name">
        {letter !== null && <kbd class="ja-key">{letter}</kbd>}
        {name}
      </span>
      <button type="button" class="ja-tool" aria-label={`One vote less for ${name}`} onClick={() => vote(-1)}>
        −
      </button>
      <input
        type="range"
        min={0}
        max={100}
        step={1}
        value={shown}
        aria-label={name}
        aria-valuetext={`${shown} %`}
        style={{ "--ja-share": `${share * 100}%` }}
        onInput={(ev) => give(Number(ev.currentTarget.value) / 100)}
        onPointerUp={(ev) => ev.currentTarget.closest<HTMLElement>(".ja-root")?.focus({ preventScroll: true })}
      />
      <button type="button" class="ja-tool" aria-label={`One vote more for ${name}`} onClick={() => vote(1)}>
        +
      </button>
      <output class="ja-soft-share">{shown} %</output>
    </div>
  );
}

export const softLabel: QuestionModule<Weights> = {
  kind: "soft_label",
  submitsAtOnce: () => false,
  complete: ({ labels }, value) =>
    value !== null && sumOf(value) > 0 && Object.keys(value).every((name) => labels.some((each) => each.name === name)),
  initial: () => null,
  summary: ({ labels }, value) =>
    labels
      .filter(({ name }) => shareOf(value, name) > 0)
      .map(({ name }) => `${name} ${Math.round(shareOf(value, name) * 100)} %`)
      .join(", "),
  legend: (question) => [...labelRows(question), row("with Shift: one vote less", "Shift")],
  Panel: SoftLabelPanel,
};
