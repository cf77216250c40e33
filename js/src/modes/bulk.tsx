/** Several items at once: cards to choose from, and one form for those that are chosen. */

import { createRef } from "preact";
import { keyFor } from "../chosen_keys";
import { ARROWS } from "../geometry/view";
import { own } from "../own";
import { lookStyle } from "../palette";
import type { Item } from "../protocol";
import { type LegendRow, row } from "../questions/module";
import { Action, submitAtOnce } from "../ui/actions";
import { ANY, type Cards, openCards } from "./cards";
import type { Mode } from "./module";
import "./bulk.css";
import { Form, PlainField, shownFields } from "../ui/content";
import { summaryOf } from "../ui/history";
import { Icon } from "../ui/icons";
import { useLayoutEffect, useOnce } from "../ui/reactive";
import { Blank } from "../ui/states";
import type { PageView, View } from "../ui/view";

const LEGEND: readonly LegendRow[] = [
  row("from card to card; with Shift, choose them", "←", "→", "↑", "↓"),
  row("choose a card, or no longer", "Space"),
  row("choose all that wait, or none", "⇧A"),
  row("submit, or the next page", "Enter"),
  row("accept the suggestions", "a"),
  row("skip", "s"),
  row("undo, for all of the last act", "z"),
  row("leave those that wait for later", "."),
  row("one item at a time", "⇧B"),
];

/** The cards of a view: this is the mode that made them. */
const cardsOf = (view: View): Cards => view.several as Cards;

/** The view as a form of several items has it. */
const formOf = (view: View): PageView => {
  const { due, active, serial, submit } = cardsOf(view);
  return { ...view, due, active, queue: { serial }, submit };
};

function Stage({ view }: { view: View }) {
  const { queue } = view;
  const bulk = cardsOf(view);
  const form = useOnce(() => formOf(view));
  const cards = useOnce(createRef<HTMLDivElement>);
  const at = bulk.at.value;
  const all = bulk.cards.value;
  useLayoutEffect(() => {
    cards.current?.children[at]?.scrollIntoView?.({ block: "nearest" });
  }, [at]);
  const phase = queue.phase.value;
  if (all.length === 0) return <Blank view={view} phase={phase === "item" ? "loading" : phase} />;
  return (
    <>
      <div class="ja-bulk-form">
        <BulkBar view={view} />
        <Form view={form} item={ANY} sheet={bulk.sheet.value} />
      </div>
      <div ref={cards} class="ja-cards" role="group" aria-label="Items">
        {all.map((item, index) => (
          <Card key={item.item} view={view} item={item} index={index} here={index === at} />
        ))}
      </div>
    </>
  );
}

function BulkBar({ view }: { view: View }) {
  const bulk = cardsOf(view);
  const left = bulk.cards.value.filter(({ item }) => !bulk.decided.value.has(item)).length;
  const count = bulk.chosen.value.size;
  const suggested = bulk.cards.value.some(({ prelabels }) => Object.keys(prelabels).length > 0);
  const keys = view.setup.value?.keys;
  return (
    <div class="ja-bulk-bar">
      <p class="ja-bulk-count" role="status">
        {count > 0 ? <b>{count} chosen</b> : "The card with the frame"}
        <span class="ja-quiet">
          {" "}
          · {left} of {bulk.cards.value.length} wait
        </span>
      </p>
      {!submitAtOnce(view.questions.value) && (
        <Action name="Submit" letter={keyFor(keys, "Enter")} first press={bulk.submit} />
      )}
      <Action name="Choose all" letter="⇧A" press={bulk.pickAll} />
      {suggested && <Action name="Accept" letter={keyFor(keys, "a")} press={bulk.accept} />}
      <Action name="Skip" letter="s" press={bulk.skip} />
      <Action name="Undo" letter={keyFor(keys, "z")} press={bulk.undo} />
      <Action name={left === 0 ? "Next page" : "Later"} letter={keyFor(keys, ".")} press={bulk.later} />
    </div>
  );
}

interface CardProps {
  readonly view: View;
  readonly item: Item;
  readonly index: number;
  /** The keys are at it. */
  readonly here: boolean;
}

function Card({ view, item, index, here }: CardProps) {
  const bulk = cardsOf(view);
  const picked = bulk.chosen.value.has(item.item);
  const past = bulk.decided.value.get(item.item);
  const classes = [here && "ja-card--here", picked && "ja-card--chosen", past && "ja-card--decided"];
  const press = (ev: MouseEvent): void => {
    if (ev.target instanceof Element && ev.target.closest("input, audio, video, [data-ja-foreign]")) return;
    if (ev.shiftKey) bulk.extend(index);
    else bulk.pick(index);
  };
  return (
    // The button in it does the same by keyboard.
    // biome-ignore lint/a11y/useKeyWithClickEvents: as said
    <section
      class={["ja-card", ...classes].filter(Boolean).join(" ")}
      aria-label={`Item ${item.number}`}
      aria-current={here ? "true" : undefined}
      onClick={press}
    >
      <p class="ja-card-head">
        <button
          type="button"
          class="ja-card-tick"
          role="checkbox"
          aria-checked={picked}
          aria-label={`Choose item ${item.number}`}
        >
          {picked && <Icon name="check" />}
        </button>
        <span class="ja-card-number">{item.number}</span>
        <Standing view={view} item={item} />
      </p>
      <div
        ref={(box) => {
          // What scrolls is reached by keyboard.
          if (box && box.scrollHeight > box.clientHeight + 1) box.tabIndex = 0;
        }}
        class="ja-card-content"
        role="group"
        aria-label={`Content of item ${item.number}`}
      >
        {shownFields(view).map((field) => (
          <PlainField key={field.name} view={view} field={field} value={item.fields[field.name]} serial={index} small />
        ))}
      </div>
    </section>
  );
}

/** What was decided on the item, else what is suggested. */
function Standing({ view, item }: { view: View; item: Item }) {
  const past = cardsOf(view).decided.value.get(item.item);
  if (past?.status === "skipped") return <span class="ja-card-answer">skipped</span>;
  const values = past?.answers ?? {};
  return (
    <>
      {view.questions.value.map((question) => {
        const value = past ? own(values, question.name) : own(item.prelabels, question.name)?.value;
        if (value === undefined) return null;
        const hue = past && typeof value === "string" ? lookStyle(question, value) : undefined;
        return (
          <span key={question.name} class={`ja-card-answer${hue ? " ja-hue" : ""}`} style={hue}>
            {!past && <span class="ja-quiet">suggested </span>}
            {summaryOf(question, value)}
          </span>
        );
      })}
    </>
  );
}

// ------------------------------------------------------------------------------------------ keys

/** So many cards stand side by side. */
function columnsOf(root: HTMLElement): number {
  const tops = [...root.querySelectorAll<HTMLElement>(".ja-card")].map(({ offsetTop }) => offsetTop);
  const next = tops.findIndex((top) => top !== tops[0]);
  return next < 0 ? Math.max(1, tops.length) : next;
}

/** What a key does to the cards; `key` is the one of ours that is meant. */
function act(view: View, key: string, ev: KeyboardEvent): (() => void) | undefined {
  const bulk = cardsOf(view);
  const direction = ARROWS[ev.key];
  if (direction) {
    const [right, down] = direction;
    const to = bulk.at.peek() + right + down * columnsOf(view.root);
    return () => (ev.shiftKey ? bulk.extend(to) : bulk.goTo(to));
  }
  if (ev.repeat) return undefined;
  const acts: Readonly<Record<string, () => void>> = {
    " ": () => bulk.pick(bulk.at.peek()),
    Enter: bulk.enter,
    a: ev.shiftKey ? bulk.pickAll : bulk.accept,
    s: bulk.skip,
    z: bulk.undo,
    Backspace: bulk.undo,
    ".": bulk.later,
  };
  return acts[key];
}

export const bulk: Mode = { open: openCards, Stage, act, legend: LEGEND };
