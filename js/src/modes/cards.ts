/** Several items at once: the cards on the screen, which of them are chosen, and one form for all of those. */

import { batch, computed, effect, signal, untracked } from "@preact/signals-core";
import { monotonic } from "../clock";
import { openSheet, type Sheet } from "../drafts";
import { askedOf, gather } from "../gather";
import { uuid7 } from "../ids";
import { together } from "../listen";
import type { Answers, Item } from "../protocol";
import { QUESTIONS } from "../questions";
import type { Past } from "../queue";
import { seenOf } from "../seen";
import type { Sitting } from "../sitting";

/** What the form is about: no item of its own, so no suggestion and no field. */
export const ANY: Item = {
  item: "",
  hash: "",
  number: 0,
  status: "open",
  fields: {},
  prelabels: {},
  flagged: false,
  comment: null,
};

/** One answer given to one item together with others. */
interface Given {
  readonly item: Item;
  readonly answers: Answers;
  readonly accepted: readonly string[];
}

export type Cards = ReturnType<typeof openCards>;

export function openCards(sitting: Sitting) {
  const { queue, questions, notice, setup } = sitting;
  const on = signal(false);
  const cards = signal<readonly Item[]>([]);
  const chosen = signal<ReadonlySet<string>>(new Set());
  /** The card that the keys are at, and the one a choice of several began with. */
  const at = signal(0);
  let anchor = 0;
  const active = signal("");
  /** Grows by one with each new form. */
  const serial = signal(0);
  const sheet = signal<Sheet>(newSheet());
  const due = computed(() => askedOf(questions.value, ANY, sheet.value));
  /** Submissions that were made by one act, the last act last. */
  const acts: ReadonlySet<string>[] = [];
  let begun = false;
  let since = 0;
  let shownMs = 0;

  function newSheet(): Sheet {
    return openSheet(ANY, {}, undefined, () => undefined, answered);
  }

  /** What was decided on each item since the page was opened. */
  const decided = computed(
    (): ReadonlyMap<string, Past> => new Map(on.value ? queue.past.value.map((each) => [each.item, each]) : []),
  );
  const open = computed(() => cards.value.filter(({ item }) => !decided.value.has(item)));
  const size = (): number => setup.peek()?.bulk ?? 0;

  const clear = (): void => {
    chosen.value = new Set();
    sheet.value = newSheet();
    active.value = due.peek()[0]?.name ?? "";
    serial.value += 1;
  };

  const goTo = (index: number): void => {
    at.value = Math.max(0, Math.min(cards.peek().length - 1, index));
  };

  /** The next open card after the one that the keys are at, in a circle. */
  const goOn = (): void => {
    const all = cards.peek();
    const waiting = new Set(open.peek());
    const steps = all.map((_, step) => (at.peek() + step) % all.length);
    goTo(steps.find((index) => waiting.has(all[index] as Item)) ?? at.peek());
    anchor = at.peek();
  };

  /** Items that wait, as many as there is room for. */
  const waiting = (): Item[] => {
    const first = queue.displayed.peek();
    return [...(first?.status === "open" ? [first] : []), ...queue.upcoming(size())].slice(0, size());
  };

  const turn = (): void =>
    batch(() => {
      cards.value = waiting();
      goTo(0);
      anchor = 0;
      since = monotonic();
      shownMs = Date.now();
      clear();
    });

  /** Those meant: the chosen ones, else the one that the keys are at. */
  const meant = (): Item[] => {
    const here = cards.peek()[at.peek()];
    const picked = cards.peek().filter(({ item }) => chosen.peek().has(item));
    return picked.length > 0 || !here ? picked : [here];
  };

  /** As it stands by now, to be decided anew. */
  const standing = (item: Item): Item => {
    const past = decided.peek().get(item.item);
    return past ? { ...item, status: past.status, answers: past.answers, submission: past.submission } : item;
  };

  const decide = (given: readonly Given[], skip = false): void => {
    const id = uuid7();
    const made = new Set<string>();
    batch(() => {
      for (const { item, answers, accepted } of given) {
        const seen = seenOf({
          ...{ questions: questions.peek(), item, sheet: null, since, shownMs, accepted },
          via: sitting.via(),
          annotator: sitting.annotator(),
        });
        const act = { id, items: given.length };
        const decision = skip ? ({ action: "skip" } as const) : ({ action: "answer", answers } as const);
        const submission = sitting.send(item, decision, { ...seen, together: act });
        made.add(submission);
        sitting.turn(item, () => queue.decide(skip ? "skipped" : "answered", answers, submission, standing(item)));
      }
      acts.push(made);
      clear();
      goOn();
    });
  };

  /** Filled in for all of them; what is not stays as it was answered, or as it is suggested. */
  const given = (item: Item) => {
    const values = { ...decided.peek().get(item.item)?.answers, ...sheet.peek().values() };
    const own = openSheet(item, values, undefined, () => undefined);
    return { item, ...gather(questions.peek(), item, own, QUESTIONS) };
  };

  const submit = (): void => {
    const all = meant().map(given);
    if (all.length === 0 || sitting.blocked()) return;
    const lacking = all.find(({ missing }) => missing);
    if (lacking?.missing) {
      const { name, title } = lacking.missing;
      active.value = name;
      notice.value = `Answer “${title ?? name}” first.`;
      return;
    }
    decide(all);
  };

  /** An answer that is the whole decision is given at once. */
  function answered(name: string): void {
    const all = questions.peek();
    const question = all.find((each) => each.name === name);
    if (question && QUESTIONS[question.kind]?.submitsAtOnce(question, all.length === 1)) submit();
  }

  /** From one item at a time to several, and back to the one that the keys are at. */
  const toggle = (): void => {
    const now = !on.peek() && size() > 0;
    const here = cards.peek()[at.peek()];
    notice.value = null;
    batch(() => {
      on.value = now;
      if (now) turn();
      else if (here && !decided.peek().has(here.item)) queue.revisit(here.item);
    });
  };

  const undo = (): void => {
    notice.value = null;
    if (sheet.peek().undo()) return;
    const last = acts.pop();
    const top = (): Past | undefined => queue.past.peek().at(-1);
    const back: string[] = [];
    batch(() => {
      for (let past = top(); past?.submission && last?.has(past.submission); past = top()) {
        back.push(past.item);
        sitting.takeBack(past, past.submission);
      }
      const here = new Set(cards.peek().map(({ item }) => item));
      chosen.value = new Set(back.filter((item) => here.has(item)));
    });
    if (back.length === 0) notice.value = "Nothing was done to several items here: leave with ⇧B to go further back.";
  };

  const begin = effect(() => {
    if (!setup.value?.together || begun) return;
    begun = true;
    untracked(toggle);
  });

  const fill = effect(() => {
    const known = new Set(cards.value.map(({ item }) => item));
    const room = on.value && (queue.displayed.value || queue.ahead.value) ? size() - known.size : 0;
    if (room <= 0) return;
    untracked(() => {
      // Items that arrive later take their place after those that are there.
      const fresh = waiting().filter(({ item }) => !known.has(item));
      if (fresh.length > 0 && known.size === 0) turn();
      else if (fresh.length > 0) cards.value = [...cards.peek(), ...fresh.slice(0, room)];
    });
  });

  return {
    on,
    cards,
    chosen,
    at,
    active,
    serial,
    sheet,
    due,
    decided,
    goTo,
    submit,
    undo,
    toggle,
    isFilled: (): boolean => cards.peek().length > 0,
    close: together([begin, fill]),

    /** Choose a card, or no longer. */
    pick(index: number): void {
      const item = cards.peek()[index]?.item;
      if (item === undefined) return;
      const next = new Set(chosen.peek());
      if (!next.delete(item)) next.add(item);
      chosen.value = next;
      anchor = index;
      goTo(index);
    },

    /** Choose all from where the choice began. */
    extend(index: number): void {
      goTo(index);
      const [from, to] = [Math.min(anchor, at.peek()), Math.max(anchor, at.peek())];
      chosen.value = new Set(
        cards
          .peek()
          .slice(from, to + 1)
          .map(({ item }) => item),
      );
    },

    /** Choose all that wait, or none. */
    pickAll(): void {
      const all = open.peek().map(({ item }) => item);
      chosen.value = new Set(all.every((item) => chosen.peek().has(item)) ? [] : all);
    },

    /** Whether there was a choice to give up. */
    pickNone(): boolean {
      const were = on.peek() && chosen.peek().size > 0;
      if (were) chosen.value = new Set();
      return were;
    },

    /** Take the suggestions of those meant, as far as they have any. */
    accept(): void {
      const able = meant()
        .filter(({ prelabels }) => Object.keys(prelabels).length > 0)
        .map(given)
        .filter(({ missing }) => !missing);
      if (able.length > 0 && !sitting.blocked()) decide(able);
      else if (able.length === 0) notice.value = "There is no suggestion to accept.";
    },

    skip(): void {
      const all = meant().filter(({ item }) => !decided.peek().has(item));
      if (all.length > 0 && !sitting.blocked())
        decide(
          all.map((item) => ({ item, answers: {}, accepted: [] })),
          true,
        );
    },

    /** Enter: submit what is chosen or filled in, else go on where nothing is left. */
    enter(): void {
      const left = open.peek().length;
      if (chosen.peek().size > 0 || sheet.peek().touched()) submit();
      else if (left === 0) turn();
      else notice.value = `${left} of ${cards.peek().length} wait for an answer; with . they come later.`;
    },

    /** The next ones; what was not decided comes after them. */
    later(): void {
      queue.postpone(open.peek().map(({ item }) => item));
      turn();
    },
  };
}
