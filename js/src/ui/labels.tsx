/** The labels of a question as big buttons with their keys, and a search where there are too many to look through. */

import { signal } from "@preact/signals-core";
import { createRef } from "preact";
import { type Command, handlerOf, keyName } from "../keymap";
import { findLabels, usedNow } from "../labels/find";
import { lookStyle } from "../palette";
import type { LabelSpec, QuestionSpec, Suggestion } from "../protocol";
import type { KeyHandler } from "../questions/module";
import { remember } from "../remember";
import { useLayoutEffect, useOnce } from "./reactive";

interface Common {
  readonly question: QuestionSpec;
  /** What the buttons are to assistive technology: toggles, or checkboxes where several may be on. */
  readonly several: boolean;
  readonly press: (label: string) => void;
}

export interface LabelButtonsProps extends Common {
  readonly pressed: (label: string) => boolean;
  readonly suggested?: (label: string) => boolean;
  readonly suggestion?: Suggestion | null;
  readonly register: (keys: KeyHandler) => () => void;
}

const MOST_WITHOUT_SEARCH = 12;
/** More than these nobody looks through. */
const MOST_SHOWN = 60;

export const isSearchable = ({ labels }: QuestionSpec): boolean =>
  labels.length > MOST_WITHOUT_SEARCH || labels.some(({ key }) => key === null);

export function LabelButtons(props: LabelButtonsProps) {
  const { question, several, pressed, suggested, suggestion, press, register } = props;
  const search = useOnce(createRef<HTMLInputElement>);
  const wanted = useOnce(() => signal(""));
  const searchable = isSearchable(question);
  // The same function in every drawing: a button is drawn again only when it looks different.
  const latest = useOnce(() => ({ press }));
  latest.press = (label) => choose(label);
  const pressButton = useOnce(() => (label: string) => latest.press(label));
  useKeys(
    register,
    labelKeys(question, press, () => search.current?.focus()),
    searchable,
  );
  const recent = useOnce(() => remember(question.labels, () => signal<readonly string[]>([])));
  const choose = (label: string): void => {
    recent.value = usedNow(recent.peek(), label);
    press(label);
  };
  const all = searchable ? findLabels(question.labels, wanted.value, recent.value) : question.labels;
  const shown = all.slice(0, MOST_SHOWN);
  const at = useOnce(() => signal(0));
  const leave = (): void => {
    wanted.value = "";
    at.value = 0;
    rootOf(search.current)?.focus({ preventScroll: true });
  };
  const typed = (ev: KeyboardEvent): void => {
    ev.stopPropagation();
    if (ev.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[ev.key];
    if (step) {
      ev.preventDefault();
      at.value = Math.max(0, Math.min(shown.length - 1, at.peek() + step));
    }
    if (ev.key === "Escape") leave();
    if (ev.key === "Enter") take(ev);
  };
  const take = (ev: KeyboardEvent): void => {
    ev.preventDefault();
    // Nothing typed chooses nothing, unless the arrows did; what no label has stays, to be mended.
    const meant = wanted.peek().trim() !== "" || at.peek() > 0;
    const label = meant ? shown[at.peek()] : undefined;
    if (label || !meant) leave();
    if (label) choose(label.name);
  };
  return (
    <>
      {searchable && (
        <label class="ja-search">
          <kbd class="ja-key">/</kbd>
          <input
            ref={search}
            type="search"
            autocomplete="off"
            placeholder={`Find one of ${question.labels.length} labels`}
            aria-label="Find a label"
            value={wanted.value}
            onInput={(ev) => {
              wanted.value = ev.currentTarget.value;
              at.value = 0;
            }}
            onKeyDown={typed}
          />
        </label>
      )}
      <div
        class={`ja-labels${searchable ? " ja-labels--many" : ""}`}
        role="group"
        aria-label={question.title ?? question.name}
      >
        {shown.map((label, index) => (
          <LabelButton
            key={label.name}
            question={question}
            label={label}
            several={several}
            on={pressed(label.name)}
            hint={suggested?.(label.name) ? ` suggested${percent(suggestion)}` : null}
            here={index === at.value && (at.value > 0 || wanted.value.trim() !== "")}
            press={pressButton}
          />
        ))}
        {all.length > shown.length && <p class="ja-quiet">and {all.length - shown.length} more: type to find them.</p>}
        {shown.length === 0 && <p class="ja-quiet">No label has this in its name.</p>}
      </div>
    </>
  );
}

interface LabelButtonProps extends Common {
  readonly label: LabelSpec;
  readonly on: boolean;
  readonly hint: string | null;
  /** Enter in the search takes it. */
  readonly here: boolean;
}

function LabelButton({ question, several, press, label, on, hint, here }: LabelButtonProps) {
  return (
    <button
      type="button"
      class={`ja-label ja-hue${hint === null ? "" : " ja-label--suggested"}${here ? " ja-label--here" : ""}`}
      {...(several ? { role: "checkbox", "aria-checked": on } : { "aria-pressed": on })}
      title={label.help ?? undefined}
      style={lookStyle(question, label.name)}
      onClick={() => press(label.name)}
    >
      <kbd class={`ja-key${label.key === null ? " ja-key--none" : ""}`}>{label.key ?? ""}</kbd>
      <span class="ja-label-name">{label.name}</span>
      {hint !== null && <span class="ja-suggested">{hint}</span>}
    </button>
  );
}

/** How sure the source is, if it says so. */
export function percent(suggestion: Suggestion | null | undefined, before = " "): string {
  const score = suggestion?.score;
  return typeof score === "number" ? `${before}${Math.round(score * 100)} %` : "";
}

const rootOf = (element: Element | null): HTMLElement | null => element?.closest<HTMLElement>(".ja-root") ?? null;

/** Digits and letters of the schema press their label, once however long they are held; / searches. */
function labelKeys(question: QuestionSpec, press: (label: string) => void, find: () => void) {
  return (ev: KeyboardEvent, searchable: boolean): Command | null => {
    const name = keyName(ev);
    if (searchable && name === "/") return find;
    const label = question.labels.find(({ key }) => key !== null && key === name);
    if (!label || ev.shiftKey) return null;
    return ev.repeat ? () => undefined : () => press(label.name);
  };
}

/** Register a key handler while mounted; before the next key can come, so in the layout phase. */
function useKeys(
  register: (keys: KeyHandler) => () => void,
  find: (ev: KeyboardEvent, searchable: boolean) => Command | null,
  searchable: boolean,
): void {
  const latest = useOnce(() => ({ find }));
  latest.find = find;
  useLayoutEffect(() => register(handlerOf((ev) => latest.find(ev, searchable))), [register, searchable]);
}
