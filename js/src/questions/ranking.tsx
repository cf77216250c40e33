/** Options in order, best first: each is taken up by its key or a click, and moved from there. */

import { signal } from "@preact/signals-core";
import { createRef } from "preact";
import { type Command, handlerOf } from "../keymap";
import type { QuestionSpec } from "../protocol";
import { optionsOf } from "../shuffle";
import { percent } from "../ui/labels";
import { useLayoutEffect, useOnce } from "../ui/reactive";
import { type LegendRow, type QuestionModule, type QuestionProps, row } from "./module";
import { type Dragged, dropped, type Groups, watchDrag } from "./ranking/drag";
import "./ranking.css";

export interface RankingSpec extends QuestionSpec {
  readonly ties: boolean;
}

type Props = QuestionProps<Groups, RankingSpec>;

const without = (groups: Groups, option: string): Groups =>
  groups.map((group) => group.filter((each) => each !== option)).filter((group) => group.length > 0);

const placeOf = (groups: Groups, option: string): number => groups.findIndex((group) => group.includes(option));

/** Last of those that have a place, or tied with the last; one that has a place loses it. */
export function taken(groups: Groups, option: string, tied: boolean): Groups {
  if (placeOf(groups, option) >= 0) return without(groups, option);
  const last = groups.at(-1);
  return tied && last ? [...groups.slice(0, -1), [...last, option]] : [...groups, [option]];
}

/** A place up or down: out of a tie first, then past the neighbours. */
export function moved(groups: Groups, option: string, step: 1 | -1): Groups {
  const place = placeOf(groups, option);
  const group = groups[place];
  if (!group) return groups;
  const rest = group.filter((each) => each !== option);
  if (rest.length > 0) {
    const split = step < 0 ? [[option], rest] : [rest, [option]];
    return [...groups.slice(0, place), ...split, ...groups.slice(place + 1)];
  }
  const others = groups.filter((_, at) => at !== place);
  const to = Math.min(Math.max(place + step, 0), others.length);
  return [...others.slice(0, to), group, ...others.slice(to)];
}

/** Tied with those above, or, in a tie, put below the others of it. */
export function tiedUp(groups: Groups, option: string): Groups {
  const place = placeOf(groups, option);
  const group = groups[place] ?? [];
  if (group.length > 1) return moved(groups, option, 1);
  const above = groups[place - 1];
  if (!above) return groups;
  return [...groups.slice(0, place - 1), [...above, option], ...groups.slice(place + 1)];
}

function RankingPanel(props: Props) {
  const { question, item, draft, suggestion, register, annotator } = props;
  const options = optionsOf(question, item, annotator);
  const edit = (change: (groups: Groups) => Groups): void => {
    props.activate();
    const next = change(draft.value.peek() ?? suggestion?.value ?? []);
    draft.set(next.length > 0 ? next : null);
  };
  const latest = useOnce(() => ({ find: (_: KeyboardEvent): Command | null => null }));
  latest.find = (ev) => {
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(ev.code)?.[1];
    const option = digit === undefined ? undefined : options[Number(digit) - 1];
    if (option === undefined || (ev.shiftKey && !question.ties)) return null;
    return () => void (ev.repeat || edit((groups) => taken(groups, option, ev.shiftKey)));
  };
  useLayoutEffect(() => register(handlerOf((ev) => latest.find(ev))), [register]);
  const list = useOnce(createRef<HTMLOListElement>);
  const dragged = useOnce(() => signal<Dragged | null>(null));
  const latestEdit = useOnce(() => ({ edit }));
  latestEdit.edit = edit;
  useLayoutEffect(
    () =>
      list.current
        ? watchDrag(list.current, dragged, question.ties, ({ option, spot }) =>
            latestEdit.edit((groups) => dropped(groups, option, spot)),
          )
        : undefined,
    [register],
  );
  const drag = dragged.value;
  const groups = draft.value.value ?? suggestion?.value ?? [];
  const left = options.filter((option) => placeOf(groups, option) < 0);
  const letter = (option: string): string | null =>
    options.indexOf(option) < 9 ? String(options.indexOf(option) + 1) : null;
  return (
    <div class="ja-ranking">
      <ol
        ref={list}
        class={`ja-ranking-list${draft.value.value === null ? " ja-ranking-list--suggested" : ""}${drag?.spot.place === groups.length ? " ja-ranking-list--end" : ""}`}
        aria-label="Ranked, best first"
      >
        {groups.map((group, place) => (
          <li key={group.join("\n")} class={`ja-ranking-place${markOf(drag, place)}`}>
            <span class="ja-ranking-number">{place + 1}</span>
            <div class="ja-ranking-group">
              {group.map((option) => (
                <Ranked key={option} option={option} letter={letter(option)} ties={question.ties} edit={edit} />
              ))}
            </div>
          </li>
        ))}
      </ol>
      {left.length > 0 && (
        <div class="ja-labels" role="group" aria-label="Not ranked yet">
          {left.map((option) => (
            <button
              key={option}
              type="button"
              class="ja-label"
              onClick={() => edit((all) => taken(all, option, false))}
            >
              <kbd class={`ja-key${letter(option) === null ? " ja-key--none" : ""}`}>{letter(option)}</kbd>
              <span class="ja-label-name">{option}</span>
            </button>
          ))}
        </div>
      )}
      <p class="ja-quiet" role="status">
        {statusOf(props, left.length)}
      </p>
    </div>
  );
}

/** How the place looks over which something is dragged. */
function markOf(drag: Dragged | null, place: number): string {
  if (drag?.spot.place !== place) return "";
  return drag.spot.tied ? " ja-ranking-place--tied" : " ja-ranking-place--before";
}

function statusOf({ draft, suggestion, question }: Props, left: number): string {
  if (draft.value.value === null && suggestion)
    return `suggested${percent(suggestion, ", ")}: a accepts, any change corrects`;
  if (left > 0) return `Best first: ${left} of ${question.labels.length} to go.`;
  return "All ranked.";
}

interface RankedProps {
  readonly option: string;
  readonly letter: string | null;
  readonly ties: boolean;
  readonly edit: (change: (groups: Groups) => Groups) => void;
}

function Ranked({ option, letter, ties, edit }: RankedProps) {
  return (
    <div class="ja-ranking-option" data-ja-option={option}>
      <span class="ja-ranking-grip" aria-hidden="true">
        ⠿
      </span>
      {letter !== null && <kbd class="ja-key">{letter}</kbd>}
      <span class="ja-ranking-name">{option}</span>
      <Act name={`Move ${option} up`} press={() => edit((all) => moved(all, option, -1))}>
        ↑
      </Act>
      <Act name={`Move ${option} down`} press={() => edit((all) => moved(all, option, 1))}>
        ↓
      </Act>
      {ties && (
        <Act
          name={`Tie ${option} with the one above, or not any more`}
          press={() => edit((all) => tiedUp(all, option))}
        >
          =
        </Act>
      )}
      <Act name={`Take ${option} out`} press={() => edit((all) => taken(all, option, false))}>
        ×
      </Act>
    </div>
  );
}

function Act({ name, press, children }: { name: string; press: () => void; children: string }) {
  return (
    <button type="button" class="ja-tool" aria-label={name} title={name} onClick={press}>
      {children}
    </button>
  );
}

export const ranking: QuestionModule<Groups, RankingSpec> = {
  kind: "ranking",
  submitsAtOnce: () => false,
  complete: ({ labels, ties }, value) =>
    value !== null &&
    value.flat().length === labels.length &&
    labels.every(({ name }) => placeOf(value, name) >= 0) &&
    (ties || value.every((group) => group.length === 1)),
  initial: () => null,
  summary: (_question, value) => value.map((group) => group.join(" = ")).join(" > "),
  legend: ({ labels, ties }): LegendRow[] => [
    row("the next best; again: take it out", "1", String(Math.min(labels.length, 9))),
    ...(ties ? [row("with Shift: as good as the last one", "Shift")] : []),
    row(ties ? "to another place; onto one: tied with it" : "to another place", "drag"),
  ],
  order: optionsOf,
  keepsItem: true,
  Panel: RankingPanel,
};
