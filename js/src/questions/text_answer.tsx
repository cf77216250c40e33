/** Free text, or a text of the item rewritten with its changes shown. */

import { type Signal, signal } from "@preact/signals-core";
import { createRef, type RefObject } from "preact";
import { type Command, handlerOf, keyName } from "../keymap";
import type { QuestionSpec } from "../protocol";
import { Button } from "../ui/button";
import { Changes } from "../ui/changes";
import { percent } from "../ui/labels";
import { useLayoutEffect, useOnce } from "../ui/reactive";
import { type QuestionModule, type QuestionProps, row } from "./module";
import "./text_answer.css";

export interface TextAnswerSpec extends QuestionSpec {
  readonly lines: number;
  readonly minimum: number;
  readonly maximum: number | null;
  readonly placeholder: string | null;
  readonly rewrite: string | null;
}

type Props = QuestionProps<string, TextAnswerSpec>;
type Entry = HTMLTextAreaElement;

/** So long after the last key a piece of typing is one edit, which can be taken back. */
const PAUSE = 600;

const lengthOf = (text: string): number => Array.from(text).length;

/** Why a text is no answer; null if it is one. As in the kernel, blanks around it do not count as length. */
export function problemOf({ minimum, maximum }: TextAnswerSpec, text: string): string | null {
  const long = lengthOf(text);
  if (lengthOf(text.trim()) < minimum)
    return minimum === 1 ? "Type something." : `At least ${minimum} characters, ${lengthOf(text.trim())} so far.`;
  return maximum !== null && long > maximum ? `At most ${maximum} characters, ${long} now.` : null;
}

interface Typing {
  /** What stands in the field and is not in the draft yet. */
  readonly typed: Signal<string | null>;
  readonly entry: RefObject<Entry | null>;
  timer: ReturnType<typeof setTimeout> | undefined;
}

function TextAnswerPanel(props: Props) {
  const { question, item, draft, suggestion, register } = props;
  const typing = useOnce<Typing>(() => ({ typed: signal(null), entry: createRef<Entry>(), timer: undefined }));
  const source = question.rewrite === null ? null : String(item.fields[question.rewrite] ?? "");
  const given = typing.typed.value ?? draft.value.value;
  const text = given ?? suggestion?.value ?? source ?? "";
  const latest = useOnce(() => ({ find: (_: KeyboardEvent): Command | null => null }));
  latest.find = (ev) => {
    if (ev.shiftKey) return null;
    if (keyName(ev) === "e") return () => focusEnd(typing.entry.current);
    return keyName(ev) === "k" && source !== null ? () => draft.set(source) : null;
  };
  useLayoutEffect(() => register(handlerOf((ev) => latest.find(ev))), [register]);
  useLayoutEffect(() => () => clearTimeout(typing.timer), []);
  const problem = given === null ? null : problemOf(question, text);
  return (
    <div class="ja-answer">
      <textarea
        ref={typing.entry}
        class={`ja-answer-entry${given === null ? " ja-answer-entry--begun" : ""}`}
        rows={question.lines}
        aria-label={question.title ?? question.name}
        aria-invalid={problem !== null}
        placeholder={question.placeholder ?? ""}
        value={text}
        onFocus={props.activate}
        onInput={(ev) => type(props, typing, ev.currentTarget.value)}
        onBlur={() => keep(props, typing)}
        onKeyDown={(ev) => strike(ev, props, typing)}
      />
      <div class="ja-answer-bar">
        <p class={`ja-quiet${problem ? " ja-quiet--alert" : ""}`} role="status">
          {problem ?? statusOf(props, text, given !== null)}
        </p>
        {given === null && source !== null && (
          <Button press={() => draft.set(source)}>
            Keep as it is <kbd class="ja-key">k</kbd>
          </Button>
        )}
      </div>
      {source !== null && text !== source && <Changes before={source} after={text} />}
    </div>
  );
}

function statusOf({ question, suggestion }: Props, text: string, answered: boolean): string {
  if (!answered && suggestion) return `suggested${percent(suggestion, ", ")}: a accepts, any edit corrects`;
  if (question.rewrite !== null && !answered) return "Change the text, or keep it as it is.";
  const { maximum } = question;
  return `${lengthOf(text)}${maximum === null ? "" : ` of ${maximum}`} characters`;
}

function type(props: Props, typing: Typing, text: string): void {
  typing.typed.value = text;
  clearTimeout(typing.timer);
  typing.timer = setTimeout(() => keep(props, typing), PAUSE);
}

/** What was typed becomes one edit of the draft; nothing typed is no answer. */
function keep({ draft, question }: Props, typing: Typing): void {
  clearTimeout(typing.timer);
  const text = typing.typed.peek();
  typing.typed.value = null;
  if (text === null) return;
  const next = text === "" && question.minimum > 0 ? null : text;
  if (next !== draft.value.peek()) draft.set(next);
}

/** Ctrl+Enter submits (Enter too, where there is one line), Escape gives the keys back; the rest types. */
function strike(ev: KeyboardEvent & { readonly currentTarget: Entry }, props: Props, typing: Typing): void {
  ev.stopPropagation();
  if (ev.isComposing) return;
  const submits = ev.key === "Enter" && (ev.ctrlKey || ev.metaKey || (props.question.lines === 1 && !ev.shiftKey));
  if (!submits && ev.key !== "Escape") return;
  ev.preventDefault();
  keep(props, typing);
  ev.currentTarget.closest<HTMLElement>(".ja-root")?.focus({ preventScroll: true });
  if (submits) props.submit("key");
}

function focusEnd(entry: Entry | null): void {
  // Not the key that was pressed: it would type itself.
  queueMicrotask(() => {
    entry?.focus({ preventScroll: true });
    entry?.setSelectionRange(entry.value.length, entry.value.length);
  });
}

const SHOWN = 30;

export const textAnswer: QuestionModule<string, TextAnswerSpec> = {
  kind: "text_answer",
  submitsAtOnce: () => false,
  complete: (question, value) => value !== null && problemOf(question, value) === null,
  initial: () => null,
  summary: (_question, value) => {
    const start = Array.from(value.replace(/\s+/g, " ").trim());
    return start.length > SHOWN ? `${start.slice(0, SHOWN - 1).join("")}…` : start.join("");
  },
  legend: ({ rewrite, lines }) => [
    row("type; Escape gives the keys back", "e"),
    ...(rewrite === null ? [] : [row("keep the text as it is", "k")]),
    row("submit while typing", ...(lines === 1 ? ["Enter"] : ["Ctrl", "Enter"])),
  ],
  keepsItem: true,
  Panel: TextAnswerPanel,
};
