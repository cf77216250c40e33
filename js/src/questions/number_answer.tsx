/** A number: typed with either decimal mark, stepped by arrows, or set on a slider that begins without a position. */

import { type Signal, signal } from "@preact/signals-core";
import { createRef, type RefObject } from "preact";
import { type Command, handlerOf, keyName } from "../keymap";
import type { QuestionSpec } from "../protocol";
import { percent } from "../ui/labels";
import { useLayoutEffect, useOnce } from "../ui/reactive";
import { type QuestionModule, type QuestionProps, row } from "./module";
import "./number_answer.css";

export interface NumberSpec extends QuestionSpec {
  readonly minimum: number | null;
  readonly maximum: number | null;
  readonly step: number | null;
  readonly unit: string | null;
  readonly slider: boolean;
}

const FORM = /^[-+]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:e[-+]?\d+)?$/i;

/** What was typed as a number, with a comma or a point as decimal mark; null for anything else, also "1,234.5". */
export function parsed(text: string): number | null {
  const typed = text.trim().replace("\u2212", "-");
  if (!FORM.test(typed)) return null;
  const number = Number(typed.replace(",", "."));
  return Number.isFinite(number) ? number + 0 : null;
}

const decimals = (number: number): number => {
  const [digits = "", exponent = "0"] = String(number).split("e");
  return Math.max(0, (digits.split(".")[1]?.length ?? 0) - Number(exponent));
};

/** Rounded to as many decimals as the steps have: 0.1 + 0.2 is 0.3. */
const clean = ({ step, minimum }: NumberSpec, number: number): number =>
  Number(number.toFixed(Math.min(20, Math.max(decimals(step ?? 0), decimals(minimum ?? 0), 0))));

/** Why a number is no answer; null if it is one. */
export function problemOf(question: NumberSpec, number: number | null): string | null {
  const { minimum, maximum, step } = question;
  if (number === null) return "A number, like 3 or 2.5.";
  if (minimum !== null && number < minimum) return `At least ${minimum}.`;
  if (maximum !== null && number > maximum) return `At most ${maximum}.`;
  const from = minimum ?? 0;
  if (step !== null && clean(question, from + Math.round((number - from) / step) * step) !== number)
    return `In steps of ${step}${from === 0 ? "" : ` from ${from}`}.`;
  return null;
}

/** A step on or back, never past a bound. */
export function stepped(question: NumberSpec, from: number | null, by: number): number {
  const { minimum, maximum } = question;
  const step = question.step ?? (question.slider ? ((maximum ?? 1) - (minimum ?? 0)) / 100 : 1);
  const next = from === null ? (minimum ?? 0) : from + by * step;
  const bounded = Math.min(Math.max(next, minimum ?? Number.NEGATIVE_INFINITY), maximum ?? Number.POSITIVE_INFINITY);
  return question.step === null ? Number(bounded.toPrecision(12)) : clean(question, bounded);
}

const BY: Readonly<Record<string, number>> = { ArrowUp: 1, ArrowDown: -1, ArrowRight: 1, ArrowLeft: -1 };
const MUCH = 10;

type Props = QuestionProps<number, NumberSpec>;

/** What is typed and not, or not yet, the answer; `set` forgets it. */
interface Entering extends Props {
  readonly typed: Signal<string | null>;
  readonly set: (number: number | null) => void;
  readonly step: (by: number) => void;
  readonly input: RefObject<HTMLInputElement | null>;
}

function NumberPanel(props: Props) {
  const { question, draft, suggestion, register } = props;
  const input = useOnce(createRef<HTMLInputElement>);
  const typed = useOnce(() => signal<string | null>(null));
  const value = draft.value.value;
  const latest = useOnce(() => ({ find: (_: KeyboardEvent): Command | null => null }));
  const set = (number: number | null): void => {
    typed.value = null;
    if (number !== draft.value.peek()) draft.set(number);
  };
  const step = (by: number): void => set(stepped(question, draft.value.peek() ?? suggestion?.value ?? null, by));
  latest.find = (ev) => {
    const by = BY[keyName(ev)];
    if (by !== undefined) return () => step(ev.shiftKey ? by * MUCH : by);
    if (!/^[\d.,+-]$/.test(ev.key) || question.slider) return null;
    return () => {
      typed.value = ev.key;
      focusEnd(input.current);
    };
  };
  useLayoutEffect(() => register(handlerOf((ev) => latest.find(ev))), [register]);
  const problem = typed.value === null ? null : problemOf(question, parsed(typed.value));
  const hint = value === null && suggestion ? `${suggestion.value} suggested${percent(suggestion, ", ")}` : null;
  const entering: Entering = { ...props, typed, set, step, input };
  return (
    <div class="ja-number">
      {question.slider ? <Slider {...entering} /> : <Entry {...entering} />}
      <p class={`ja-quiet${problem ? " ja-quiet--alert" : ""}`} role="status">
        {problem ?? hint ?? boundsOf(question)}
      </p>
    </div>
  );
}

function Entry(entering: Entering) {
  const { question, draft, suggestion, typed, input, activate } = entering;
  const value = draft.value.value;
  const shown = value === null ? "" : String(value);
  return (
    <label class="ja-number-entry">
      <input
        ref={input}
        type="text"
        inputMode="decimal"
        autocomplete="off"
        aria-label={question.title ?? question.name}
        aria-invalid={typed.value !== null && problemOf(question, parsed(typed.value)) !== null}
        value={typed.value ?? shown}
        placeholder={suggestion ? String(suggestion.value) : ""}
        onFocus={activate}
        onInput={(ev) => type(entering, ev.currentTarget.value)}
        onKeyDown={(ev) => typing(ev, entering)}
      />
      {question.unit && <span class="ja-quiet">{question.unit}</span>}
    </label>
  );
}

/** What was typed is the answer as soon as it fits, and none as long as it does not. */
function type({ question, draft, typed }: Entering, text: string): void {
  const number = parsed(text);
  const next = problemOf(question, number) === null ? number : null;
  typed.value = text;
  if (next !== draft.value.peek()) draft.set(next);
}

/** Enter and Escape leave the field, the arrows step, and everything else types. */
/** Enter submits, Escape leaves the field, up and down step; the notebook hears nothing of it. */
function typing(ev: KeyboardEvent & { readonly currentTarget: HTMLInputElement }, entering: Entering): void {
  ev.stopPropagation();
  if (ev.isComposing) return;
  if (ev.key === "ArrowUp" || ev.key === "ArrowDown") {
    ev.preventDefault();
    entering.step(ev.key === "ArrowUp" ? 1 : -1);
  }
  if (ev.key !== "Escape" && ev.key !== "Enter") return;
  const isNumber = parsed(ev.currentTarget.value) !== null;
  leave(ev.currentTarget);
  if (ev.key === "Enter") entering.submit("key");
  else if (!isNumber) entering.set(null);
}

const leave = (element: HTMLElement): void => element.closest<HTMLElement>(".ja-root")?.focus({ preventScroll: true });

function focusEnd(input: HTMLInputElement | null): void {
  queueMicrotask(() => {
    input?.focus({ preventScroll: true });
    input?.setSelectionRange(input.value.length, input.value.length);
  });
}

function Slider({ question, draft, activate, set }: Entering) {
  const { minimum, maximum, step, unit } = question;
  const value = draft.value.value;
  const [low, high] = [minimum ?? 0, maximum ?? 1];
  return (
    <div class="ja-number-slider">
      <span class="ja-quiet">{low}</span>
      <input
        type="range"
        class={value === null ? "ja-number-unset" : ""}
        aria-label={question.title ?? question.name}
        aria-valuetext={value === null ? "not set" : `${value}${unit ? ` ${unit}` : ""}`}
        min={low}
        max={high}
        step={step ?? "any"}
        value={value ?? low}
        onPointerDown={(ev) => {
          activate();
          // A click where the hidden position stands is an answer too.
          if (draft.value.peek() === null) set(pointedAt(ev, question));
        }}
        onInput={(ev) => set(stepped(question, Number(ev.currentTarget.value), 0))}
        onPointerUp={(ev) => leave(ev.currentTarget)}
      />
      <span class="ja-quiet">{high}</span>
      <output class="ja-number-value">{value === null ? "–" : `${value}${unit ? ` ${unit}` : ""}`}</output>
    </div>
  );
}

function pointedAt(ev: PointerEvent & { readonly currentTarget: HTMLElement }, question: NumberSpec): number {
  const { left, width } = ev.currentTarget.getBoundingClientRect();
  const [low, high] = [question.minimum ?? 0, question.maximum ?? 1];
  const share = width > 0 ? Math.min(Math.max((ev.clientX - left) / width, 0), 1) : 0;
  const exact = low + share * (high - low);
  const step = question.step ?? (high - low) / 100;
  return stepped(question, low + Math.round((exact - low) / step) * step, 0);
}

function boundsOf({ minimum, maximum, step }: NumberSpec): string {
  const from = minimum === null ? "" : ` from ${minimum}`;
  const to = maximum === null ? "" : ` to ${maximum}`;
  const steps = step === null || step === 1 ? "" : ` in steps of ${step}`;
  return from || to || steps ? `A number${from}${to}${steps}.` : "";
}

export const numberAnswer: QuestionModule<number, NumberSpec> = {
  kind: "number_answer",
  submitsAtOnce: () => false,
  complete: (question, value) => value !== null && problemOf(question, value) === null,
  initial: () => null,
  summary: ({ unit }, value) => `${value}${unit ? ` ${unit}` : ""}`,
  legend: ({ slider }) => [
    ...(slider ? [] : [row("type a number; Enter submits, Escape leaves the field", "0", "9")]),
    row("a step; with Shift, ten", "←", "→", "↑", "↓"),
  ],
  keepsItem: true,
  Panel: NumberPanel,
};
