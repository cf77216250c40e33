/** Labels in a tree: walked level by level, or found by searching whole paths. */

import { signal } from "@preact/signals-core";
import { createRef } from "preact";
import { type Command, handlerOf, keyName } from "../keymap";
import type { QuestionSpec } from "../protocol";
import { percent } from "../ui/labels";
import { useLayoutEffect, useOnce } from "../ui/reactive";
import { type LegendRow, type QuestionModule, type QuestionProps, row } from "./module";
import "./taxonomy.css";

export interface TaxonomySpec extends QuestionSpec {
  readonly separator: string;
  readonly leaves_only: boolean;
  readonly multiple: boolean;
}

/** A path, or paths where there may be several. */
type Answer = string | readonly string[];
type Props = QuestionProps<Answer, TaxonomySpec>;

const MOST_FOUND = 20;

/** The nodes right below a path; "" is the top. */
export function below({ labels, separator }: TaxonomySpec, path: string): string[] {
  const start = path === "" ? "" : `${path}${separator}`;
  return labels
    .map(({ name }) => name)
    .filter((name) => name.startsWith(start) && name !== path && !name.slice(start.length).includes(separator));
}

const above = ({ separator }: TaxonomySpec, path: string): string =>
  path.slice(0, Math.max(path.lastIndexOf(separator), 0));
const lastPart = ({ separator }: TaxonomySpec, path: string): string =>
  path.includes(separator) ? path.slice(path.lastIndexOf(separator) + separator.length) : path;
const isAnswer = (question: TaxonomySpec, path: string): boolean =>
  path !== "" && (!question.leaves_only || below(question, path).length === 0);

/** Without accents and case: what is typed finds what is meant. */
const plain = (text: string): string => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** Paths that hold every word typed, those whose last part does first, then the shorter ones. */
export function found(question: TaxonomySpec, typed: string): string[] {
  const words = plain(typed).split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const rank = (path: string): number =>
    words.every((word) => plain(lastPart(question, path)).includes(word)) ? 0 : 1;
  return question.labels
    .map(({ name }) => name)
    .filter((name) => isAnswer(question, name) && words.every((word) => plain(name).includes(word)))
    .sort((a, b) => rank(a) - rank(b) || a.length - b.length)
    .slice(0, MOST_FOUND);
}

const listOf = (answer: Answer | null | undefined): readonly string[] =>
  answer === null || answer === undefined ? [] : typeof answer === "string" ? [answer] : answer;

/** The answer with a path put in, or taken out again. */
export function toggled(question: TaxonomySpec, answer: Answer | null, path: string): Answer | null {
  if (!question.multiple) return path;
  const now = listOf(answer);
  const next = now.includes(path) ? now.filter((each) => each !== path) : [...now, path];
  return question.labels.map(({ name }) => name).filter((name) => next.includes(name));
}

function TaxonomyPanel(props: Props) {
  const { question, draft, suggestion, register, activate } = props;
  const place = useOnce(() => signal(""));
  const typed = useOnce(() => signal(""));
  const search = useOnce(createRef<HTMLInputElement>);
  const choose = (path: string): void => {
    activate();
    draft.set(toggled(question, draft.value.peek() ?? suggestion?.value ?? null, path));
  };
  /** Down the tree, or, at a leaf, the answer. */
  const enter = (path: string): void => {
    activate();
    if (below(question, path).length > 0) place.value = path;
    else choose(path);
  };
  const shown = typed.value === "" ? below(question, place.value) : found(question, typed.value);
  const latest = useOnce(() => ({ find: (_: KeyboardEvent): Command | null => null }));
  latest.find = (ev) =>
    keyName(ev) === "/"
      ? () => search.current?.focus()
      : commandFor(ev, { question, path: place.value, shown, enter, choose, go: (path) => (place.value = path) });
  useLayoutEffect(() => register(handlerOf((ev) => latest.find(ev))), [register]);
  const value = draft.value.value;
  const given = listOf(value ?? suggestion?.value);
  const leave = (): void => {
    typed.value = "";
    search.current?.closest<HTMLElement>(".ja-root")?.focus({ preventScroll: true });
  };
  return (
    <div class="ja-taxonomy">
      <Chosen
        question={question}
        given={given}
        suggested={value === null}
        drop={choose}
        percent={percent(suggestion)}
      />
      <label class="ja-search">
        <kbd class="ja-key">/</kbd>
        <input
          ref={search}
          type="search"
          autocomplete="off"
          placeholder={`Find one of ${question.labels.length} labels`}
          aria-label="Find a label"
          value={typed.value}
          onInput={(ev) => {
            typed.value = ev.currentTarget.value;
          }}
          onKeyDown={(ev) => {
            ev.stopPropagation();
            if (ev.key === "Escape") leave();
            if (ev.key !== "Enter" || ev.isComposing) return;
            ev.preventDefault();
            const [first] = found(question, typed.value);
            if (first !== undefined || typed.value.trim() === "") leave();
            if (first !== undefined) choose(first);
          }}
        />
      </label>
      {typed.value === "" && (
        <Crumbs question={question} path={place.value} go={(path) => (place.value = path)} choose={choose} />
      )}
      <div
        class="ja-labels"
        role="group"
        aria-label={place.value === "" ? (question.title ?? question.name) : place.value}
      >
        {shown.map((path, at) => (
          <Node
            key={path}
            question={question}
            path={path}
            letter={at < 9 ? String(at + 1) : null}
            whole={typed.value !== ""}
            on={given.includes(path) && value !== null}
            inside={given.some((each) => each.startsWith(`${path}${question.separator}`))}
            enter={enter}
          />
        ))}
        {shown.length === 0 && <p class="ja-quiet">No path has this in it.</p>}
      </div>
    </div>
  );
}

interface Walk {
  readonly question: TaxonomySpec;
  /** Where one is. */
  readonly path: string;
  readonly shown: readonly string[];
  readonly enter: (path: string) => void;
  readonly choose: (path: string) => void;
  readonly go: (path: string) => void;
}

function commandFor(ev: KeyboardEvent, { question, path, shown, enter, choose, go }: Walk): Command | null {
  if (ev.shiftKey) return null;
  const name = keyName(ev);
  if (name === "0" || name === "ArrowLeft") return path === "" ? null : () => go(above(question, path));
  if (name === "e") return isAnswer(question, path) ? () => choose(path) : null;
  const node = /^[1-9]$/.test(name) ? shown[Number(name) - 1] : undefined;
  return node === undefined ? null : () => void (ev.repeat || enter(node));
}

interface ChosenProps {
  readonly question: TaxonomySpec;
  readonly given: readonly string[];
  readonly suggested: boolean;
  readonly percent: string;
  readonly drop: (path: string) => void;
}

function Chosen({ question, given, suggested, percent: score, drop }: ChosenProps) {
  if (given.length === 0) return null;
  return (
    <ul class={`ja-taxonomy-chosen${suggested ? " ja-taxonomy-chosen--suggested" : ""}`} aria-label="Chosen">
      {given.map((path) => (
        <li key={path}>
          <span>{path}</span>
          {suggested && <span class="ja-quiet">{` suggested${score}`}</span>}
          {question.multiple && !suggested && (
            <button type="button" class="ja-tool" aria-label={`Take ${path} out`} onClick={() => drop(path)}>
              ×
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}

interface CrumbsProps {
  readonly question: TaxonomySpec;
  readonly path: string;
  readonly go: (path: string) => void;
  readonly choose: (path: string) => void;
}

/** Where one is in the tree, and the way back up. */
function Crumbs({ question, path, go, choose }: CrumbsProps) {
  if (path === "") return null;
  return (
    <p class="ja-taxonomy-crumbs">
      <button type="button" class="ja-plain" onClick={() => go(above(question, path))}>
        ← {above(question, path) || "top"} <kbd class="ja-key">0</kbd>
      </button>
      <b>{lastPart(question, path)}</b>
      {isAnswer(question, path) && (
        <button type="button" class="ja-plain" onClick={() => choose(path)}>
          Choose it <kbd class="ja-key">e</kbd>
        </button>
      )}
    </p>
  );
}

interface NodeProps {
  readonly question: TaxonomySpec;
  readonly path: string;
  readonly letter: string | null;
  readonly whole: boolean;
  readonly on: boolean;
  readonly inside: boolean;
  readonly enter: (path: string) => void;
}

function Node({ question, path, letter, whole, on, inside, enter }: NodeProps) {
  const count = below(question, path).length;
  return (
    <button
      type="button"
      class={`ja-label${inside ? " ja-taxonomy-inside" : ""}`}
      aria-pressed={on}
      onClick={() => enter(path)}
    >
      <kbd class={`ja-key${letter === null ? " ja-key--none" : ""}`}>{letter}</kbd>
      <span class="ja-label-name">{whole ? path : lastPart(question, path)}</span>
      {count > 0 && <span class="ja-quiet">{`${count} ›`}</span>}
    </button>
  );
}

export const taxonomy: QuestionModule<Answer, TaxonomySpec> = {
  kind: "taxonomy",
  submitsAtOnce: ({ multiple }, only) => only && !multiple,
  complete: (question, value) =>
    value !== null &&
    (typeof value === "string") !== question.multiple &&
    listOf(value).every((path) => question.labels.some(({ name }) => name === path) && isAnswer(question, path)),
  initial: ({ multiple }) => (multiple ? [] : null),
  summary: (_question, value) => listOf(value).join(", ") || "none",
  legend: ({ leaves_only }): LegendRow[] => [
    row("into a node, or choose a leaf", "1", "9"),
    row("up again", "0", "←"),
    ...(leaves_only ? [] : [row("choose the node one is in", "e")]),
    row("find by any words of the path", "/"),
  ],
  keepsItem: true,
  Panel: TaxonomyPanel,
};
