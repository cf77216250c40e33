/** One sitting of one annotator: queue, drafts, outbox and host brought together. All views of a model share it. */

import { computed, effect, signal, untracked } from "@preact/signals-core";
import { openAfterFrame } from "./after_frame";
import { openBlobs } from "./blobs";
import { monotonic } from "./clock";
import { copyAnswers } from "./copying";
import type { Drafts } from "./drafts";
import { askedOf, gather, standingSuggestion } from "./gather";
import { type Model, openHost } from "./host";
import { uuid7 } from "./ids";
import { openKept } from "./kept";
import { listen, together } from "./listen";
import { ofItem } from "./options";
import type { Outbox } from "./outbox";
import { own } from "./own";
import { openPage } from "./page";
import {
  type Ack,
  type Decision,
  type Item,
  labelled,
  type Reply,
  type Seen,
  type Setup,
  type StateReply,
  type Via,
} from "./protocol";
import { QUESTIONS } from "./questions";
import { openQueue, type Past } from "./queue";
import { openStore } from "./store";
import { openSupply } from "./supply";
import { openWalk } from "./walk";
import { openWho } from "./who";

/** No answer for so long while the kernel is silent: better not to pile up more. */
const BOUND = 5000;
const TICK = 1000;
/** Nobody who has just pressed a key may find another item under the next one. */
const QUIET = 1000;
/** Ticks between two looks at what may change without a word: who labels, and what others hold at a queue's end. */
const LOOK = 10;

export type Sitting = ReturnType<typeof openSitting>;

export function openSitting(model: Model) {
  const client = uuid7();
  const store = openStore();
  const frames = openAfterFrame();
  const queue = openQueue();
  const { displayed } = queue;
  const setup = signal<Setup | null>(null);
  const questions = computed(() => ofItem(setup.value?.schema.questions ?? [], () => displayed.value));
  const outbox = signal<Outbox | null>(null);
  const annotator = (): string => setup.peek()?.annotator.id ?? "";
  const page = openPage(questions, annotator);
  const { sheet, active } = page;
  /** Those of them that are asked about what is on the screen. */
  const due = computed(() => askedOf(questions.value, displayed.value, sheet.value));
  /** One sentence for the person, until the next thing happens. */
  const notice = signal<string | null>(null);
  /** What the kernel could not do; no longer said once it can. */
  let complaint: string | null = null;
  /** All known decisions were taken back; earlier ones are asked for. */
  let lookingBack = false;
  /** How the person works now: what submits is taken to come from there. */
  let working: Via = "key";
  let touchedAt = 0;
  let views = 0;
  let ticks = 0;
  let drafts: Drafts | null = null;
  let opening: Promise<unknown> | null = null;
  let latest: StateReply | null = null;

  const host = openHost(model, client, {
    hear: (reply, buffers) => hear(reply, buffers),
    revived: () => supply.hello(),
  });
  const blobs = openBlobs((blob) => void host.send({ kind: "blob", blob }), model.widget_manager);
  const supply = openSupply(host, queue, setup, outbox);
  const walk = openWalk(host, queue, supply, notice);
  const who = openWho(host);

  /** How many the kernel's computer has, as long as the team's store is away. */
  const kept = (): number => outbox.value?.kept.value ?? 0;

  /** How many nothing but this browser has. */
  const unsaved = (): number => {
    const box = outbox.value;
    return box ? box.pending.value.length + box.refused.value.length - kept() : 0;
  };

  // ------------------------------------------------------------------------------- sending

  /** Nothing more is taken while answers wait and the kernel is silent. */
  const blocked = (): boolean => {
    const box = outbox.peek();
    const is = !box || (host.link.peek() === "lost" && box.longestWait() >= BOUND);
    if (is) notice.value = "Not taken: earlier answers are not saved yet. What you chose here is kept.";
    return is;
  };

  const seenOf = (item: string, via = working, accepted: readonly string[] = []): Seen =>
    page.seen(displayed.peek()?.item === item ? displayed.peek() : null, via, accepted);

  const send = ({ item, hash }: Pick<Item, "item" | "hash">, decision: Decision, seen = seenOf(item)): string => {
    const submission = uuid7();
    outbox.peek()?.add({ ...decision, submission, item, hash, seen });
    return submission;
  };

  /** Leave the item that was decided for the next one. */
  const turn = ({ item }: Item, decide: () => void): void => {
    notice.value = null;
    drafts?.forget(item);
    decide();
    supply.fill();
  };

  // ------------------------------------------------------------------------------ decisions

  const submit = (via = working): void => {
    const [item, filled] = [displayed.peek(), sheet.peek()];
    if (!setup.peek() || !item || !filled || blocked()) return;
    if (item.status === "answered" && !filled.touched()) {
      walk.next();
      return;
    }
    const { answers, accepted, missing } = gather(questions.peek(), item, filled, QUESTIONS);
    if (missing) {
      active.value = missing.name;
      notice.value = `Answer “${missing.title ?? missing.name}” first.`;
      return;
    }
    const id = send(item, { action: "answer", answers }, seenOf(item.item, via, accepted));
    turn(item, () => queue.decide("answered", answers, id));
  };

  /** Take the suggestions that stand and submit. */
  const accept = (): void => {
    const [item, filled] = [displayed.peek(), sheet.peek()];
    if (!setup.peek() || !item || !filled) return;
    if (questions.peek().some(({ name }) => standingSuggestion(name, item, filled))) submit();
    else notice.value = "There is no suggestion to accept.";
  };

  const skip = (): void => {
    const item = displayed.peek();
    if (!item || blocked()) return;
    const id = send(item, { action: "skip" });
    // Whoever comes back to it finds what was filled in.
    page.prefill(item.item, sheet.peek()?.values() ?? {});
    turn(item, () => queue.decide("skipped", {}, id));
  };

  /** Take back the last edit of the draft, else the last decision. */
  const undo = (): void => {
    notice.value = null;
    if (sheet.peek()?.undo()) return;
    const past = queue.past.peek().at(-1);
    if (past?.submission && outbox.peek()) takeBack(past, past.submission);
    else notice.value = lookingBack ? "Looking for earlier decisions…" : "There is nothing to take back.";
  };

  const takeBack = ({ item, status, answers, before }: Past, target: string): void => {
    const hash = before?.hash ?? queue.hashOf(item) ?? "";
    const id = send({ item, hash }, { action: "undo", target });
    if (status === "answered") page.prefill(item, answers);
    if (!queue.undo(id)?.item) walk.fetchItem(item, answers);
    lookingBack = queue.past.peek().length === 0;
  };

  const copy = (): void => {
    const [item, filled] = [displayed.peek(), sheet.peek()];
    if (item && filled) notice.value = copyAnswers(item, filled, queue.past.peek(), due.peek());
  };

  const flag = (): void => {
    const item = displayed.peek();
    if (!item) return;
    const flagged = !item.flagged;
    send(item, { action: "flag", on: flagged });
    queue.note({ flagged });
  };

  // ------------------------------------------------------------------------------- hearing

  /** First contact: what is kept in this browser for this annotator and this log. */
  const furnish = async ({ log, annotator }: Setup): Promise<void> => {
    const around = { later: frames.later, settled: (ids: readonly string[]) => queue.settle(ids, null) };
    const own = await openKept(await store, `${log}\n${annotator.id}`, host, around);
    drafts = own.drafts;
    outbox.value = own.outbox;
  };

  const arrive = (state: StateReply): void => {
    // A later state may have come while the store was opened.
    if (state !== latest) return;
    who.asking.value = null;
    setup.value = labelled(state.setup);
    active.value ||= questions.peek()[0]?.name ?? "";
    supply.expectNothing();
    queue.load(state, supply.undecided());
    lookingBack = false;
    outbox.peek()?.reconnect();
    blobs.again();
    supply.fill();
  };

  const complain = (message: string): void => {
    complaint = message;
    notice.value = message;
  };

  const relieve = (): void => {
    if (notice.peek() === complaint) notice.value = null;
  };

  const confirm = (ack: Ack): void => {
    const box = outbox.peek();
    box?.acknowledge(ack.submissions);
    if (ack.more) queue.expectMore();
    queue.settle(ack.submissions, ack.progress);
    const waiting = box?.pending.peek() ?? [];
    // The kernel can tell earlier decisions once it knows of those that were taken back.
    if (lookingBack && !waiting.some(({ action }) => action === "undo")) supply.hello();
    const mine = new Set(waiting.map(({ item }) => item));
    const others = (ids: readonly string[]): string[] => ids.filter((id) => !mine.has(id));
    const quiet = monotonic() - touchedAt > QUIET && !sheet.peek()?.touched();
    queue.drop(others(ack.done), quiet);
    if (queue.reopen(others(ack.reopened)) || ack.more) supply.expectNothing();
    supply.fill();
    relieve();
  };

  const hear = (reply: Reply, buffers: readonly Uint8Array[]): void => {
    switch (reply.kind) {
      case "state":
        latest = reply;
        opening ??= Promise.all([furnish(reply.setup), who.meet(reply.setup)]);
        void opening.then(() => arrive(reply));
        break;
      case "items":
        supply.expectNothing();
        queue.refill(reply.items, reply.exhausted, supply.undecided());
        supply.fill();
        relieve();
        break;
      case "item":
        walk.receive(reply.item);
        break;
      case "ack":
        confirm(reply);
        break;
      case "nack":
        outbox.peek()?.refuse(reply);
        if (!reply.retry) queue.revert(reply.submission);
        if (reply.code === "storage") complain(reply.message);
        break;
      case "blob":
        blobs.take(reply, buffers);
        break;
      case "who":
        who.ask(reply);
        break;
      case "refused":
        if (reply.request === "identify") who.refuse(reply.message);
        else complain(reply.message);
        break;
    }
  };

  // ------------------------------------------------------------------------------- the page

  /** An answer that is the whole decision submits the item. */
  const answered = (name: string): void => {
    const all = questions.peek();
    const question = all.find((each) => each.name === name);
    if (question && QUESTIONS[question.kind]?.submitsAtOnce(question, all.length === 1)) submit();
  };

  /** Another item is displayed. */
  const turnPage = (): void => {
    const item = displayed.value;
    page.turn(item, drafts, answered);
    if (item) for (const near of [item, ...queue.upcoming(3)]) blobs.prefetch(near);
  };

  const tick = (): void => {
    if (views === 0) return;
    const looks = ++ticks % LOOK === 0;
    // Only for somebody who is there: an item that comes is one less for the others.
    if (looks && queue.waits() && document.visibilityState !== "hidden") queue.expectMore();
    if (setup.peek()) supply.fill();
    else if (looks || !who.asking.peek()) supply.hello();
  };

  const timer = setInterval(tick, TICK);
  const stop = together([
    effect(() => {
      const names = due.value.map(({ name }) => name);
      // Keys go to no question that is not on the screen.
      if (names.length > 0 && !names.includes(active.peek())) active.value = names[0] as string;
    }),
    effect(() => {
      if (queue.serial.value >= 0) untracked(turnPage);
    }),
    listen(window, "beforeunload", (ev) => {
      if (unsaved() > 0) ev.preventDefault();
    }),
    () => clearInterval(timer),
    frames.close,
    () => outbox.peek()?.close(),
    host.close,
    blobs.close,
  ]);

  return {
    queue,
    frames,
    host,
    blobs,
    setup,
    questions,
    due,
    annotator,
    outbox,
    sheet,
    notice,
    active,
    who,
    shownFor: page.shownFor,
    unsaved,
    kept,
    blocked,
    send,
    turn,
    takeBack,
    via: () => working,
    submit,
    accept,
    skip,
    undo,
    copy,
    flag,
    open: walk.open,
    next: walk.next,
    previous: walk.previous,

    /** A view appears; returns what to do when it goes. */
    enter(): () => void {
      views += 1;
      const rest = host.beat();
      supply.hello();
      return () => {
        views -= 1;
        rest();
      };
    },

    close(): void {
      stop();
      void store.then((opened) => opened.close());
    },

    /** The person did something in a view. */
    touch(via: Via): void {
      working = via;
      touchedAt = monotonic();
    },

    dismiss(): void {
      const name = active.peek();
      if (own(displayed.peek()?.prelabels, name)) sheet.peek()?.dismiss(name);
    },

    redo: (): void => void sheet.peek()?.redo(),

    comment(text: string): void {
      const item = displayed.peek();
      if (!item || text === (item.comment ?? "")) return;
      send(item, { action: "comment", text });
      queue.note({ comment: text || null });
    },

    /** Look whether there are more items. */
    lookAgain(): void {
      queue.expectMore(true);
      supply.expectNothing();
      supply.fill();
    },

    discard: (id: string): void => outbox.peek()?.discard(id),
  };
}
