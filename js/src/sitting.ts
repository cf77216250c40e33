/** One sitting of one annotator: queue, drafts, outbox and host brought together. All views of a model share it. */

import { computed, effect, signal, untracked } from "@preact/signals-core";
import { openAfterFrame } from "./after_frame";
import { openBlobs } from "./blobs";
import { monotonic } from "./clock";
import type { Drafts, Sheet } from "./drafts";
import { gather, standingSuggestion } from "./gather";
import { type Model, openHost } from "./host";
import { uuid7 } from "./ids";
import { openKept } from "./kept";
import { listen, together } from "./listen";
import type { Outbox } from "./outbox";
import type { Ack, Answers, Decision, Item, Reply, Setup, StateReply, Via } from "./protocol";
import { QUESTIONS } from "./questions";
import { openQueue, type Past } from "./queue";
import { seenOf } from "./seen";
import { openStore } from "./store";
import { openSupply } from "./supply";

/** No answer for so long while the kernel is silent: better not to pile up more. */
const BOUND = 5000;
const TICK = 1000;
/** Nobody who has just pressed a key may find another item under the next one. */
const QUIET = 1000;

interface Awaited {
  readonly item: string;
  /** Its decision is being taken back: it counts as open, with these answers filled in. */
  readonly undone: Answers | null;
}

export type Sitting = ReturnType<typeof openSitting>;

export function openSitting(model: Model) {
  const client = uuid7();
  const store = openStore();
  const frames = openAfterFrame();
  const queue = openQueue();
  const { displayed } = queue;
  const setup = signal<Setup | null>(null);
  const questions = computed(() => setup.value?.schema.questions ?? []);
  const outbox = signal<Outbox | null>(null);
  const sheet = signal<Sheet | null>(null);
  /** One sentence for the person, until the next thing happens. */
  const notice = signal<string | null>(null);
  const active = signal("");
  const prefill = new Map<string, Answers>();
  /** All known decisions were taken back; earlier ones are asked for. */
  let lookingBack = false;
  /** How the person works now: what submits is taken to come from there. */
  let working: Via = "key";
  let touchedAt = 0;
  /** When the item was shown: monotonic, and by the clock. */
  let shownAt = 0;
  let shownMs = 0;
  let views = 0;
  let drafts: Drafts | null = null;
  let opening: Promise<void> | null = null;
  let latest: StateReply | null = null;
  let awaited: Awaited | null = null;

  const host = openHost(model, client, {
    hear: (reply, buffers) => hear(reply, buffers),
    revived: () => supply.hello(),
  });
  const blobs = openBlobs((blob) => void host.send({ kind: "blob", blob }));
  const supply = openSupply(host, queue, setup, outbox);

  const unsaved = (): number => {
    const box = outbox.value;
    return box ? box.pending.value.length + box.refused.value.length : 0;
  };

  // ------------------------------------------------------------------------------- sending

  /** Nothing more is taken while answers wait and the kernel is silent. */
  const blocked = (): boolean => {
    const box = outbox.peek();
    const is = !box || (host.link.peek() === "lost" && box.longestWait() >= BOUND);
    if (is) notice.value = "Not taken: earlier answers are not saved yet. What you chose here is kept.";
    return is;
  };

  const send = (
    { item, hash }: Pick<Item, "item" | "hash">,
    decision: Decision,
    via = working,
    accepted: readonly string[] = [],
  ): string => {
    const shown = displayed.peek();
    const seen = seenOf({
      questions: questions.peek(),
      item: shown?.item === item ? shown : null,
      sheet: sheet.peek(),
      since: shownAt,
      shownMs,
      accepted,
      via,
    });
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

  const leave = (): void => {
    notice.value = null;
    queue.advance();
    const item = displayed.peek();
    if (item) host.send({ kind: "open", item: item.item });
    supply.fill();
  };

  const request = (next: Awaited): void => {
    awaited = next;
    host.send({ kind: "open", item: next.item });
  };

  // ------------------------------------------------------------------------------ decisions

  /** Show an item again. */
  const open = (id: string): void => {
    notice.value = null;
    if (queue.revisit(id)) host.send({ kind: "open", item: id });
    else request({ item: id, undone: null });
  };

  const next = (): void => {
    const id = queue.neighbour(1);
    if (id !== null) open(id);
    else if (queue.away.peek()) leave();
    else if (queue.elsewhere.peek()) queue.advance();
  };

  const submit = (via = working): void => {
    const [item, page] = [displayed.peek(), sheet.peek()];
    if (!setup.peek() || !item || !page || blocked()) return;
    if (item.status === "answered" && !page.touched()) {
      next();
      return;
    }
    const { answers, accepted, missing } = gather(questions.peek(), item, page, QUESTIONS);
    if (missing) {
      active.value = missing.name;
      notice.value = `Answer “${missing.title ?? missing.name}” first.`;
      return;
    }
    const id = send(item, { action: "answer", answers }, via, accepted);
    turn(item, () => queue.decide("answered", answers, id));
  };

  /** Take the suggestions that stand and submit. */
  const accept = (): void => {
    const [item, page] = [displayed.peek(), sheet.peek()];
    if (!setup.peek() || !item || !page) return;
    if (questions.peek().some((question) => standingSuggestion(question, item, page))) submit();
    else notice.value = "There is no suggestion to accept.";
  };

  const skip = (): void => {
    const item = displayed.peek();
    if (!item || blocked()) return;
    const id = send(item, { action: "skip" });
    // Whoever comes back to it finds what was filled in.
    prefill.set(item.item, sheet.peek()?.values() ?? {});
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
    if (status === "answered") prefill.set(item, answers);
    if (!queue.undo(id)?.item) request({ item, undone: answers });
    lookingBack = queue.past.peek().length === 0;
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
    const kept = await openKept(await store, `${log}\n${annotator.id}`, host, frames);
    drafts = kept.drafts;
    outbox.value = kept.outbox;
  };

  const arrive = (state: StateReply): void => {
    // A later state may have come while the store was opened.
    if (state !== latest) return;
    setup.value = state.setup;
    active.value ||= questions.peek()[0]?.name ?? "";
    supply.expectNothing();
    queue.load(state, supply.undecided());
    lookingBack = false;
    outbox.peek()?.reconnect();
    blobs.again();
    supply.fill();
  };

  const receive = (item: Item): void => {
    if (awaited?.item !== item.item) return;
    const { undone } = awaited;
    awaited = null;
    queue.show(undone ? { ...item, status: "open", answers: null, submission: null } : item);
  };

  const confirm = (ack: Ack): void => {
    const box = outbox.peek();
    box?.acknowledge(ack.submissions);
    queue.settle(ack.submissions, ack.progress);
    const waiting = box?.pending.peek() ?? [];
    // The kernel can tell earlier decisions once it knows of those that were taken back.
    if (lookingBack && !waiting.some(({ action }) => action === "undo")) supply.hello();
    const mine = new Set(waiting.map(({ item }) => item));
    const others = (ids: readonly string[]): string[] => ids.filter((id) => !mine.has(id));
    const quiet = monotonic() - touchedAt > QUIET && !sheet.peek()?.touched();
    queue.drop(others(ack.done), quiet);
    if (queue.reopen(others(ack.reopened))) supply.expectNothing();
    supply.fill();
  };

  const hear = (reply: Reply, buffers: readonly Uint8Array[]): void => {
    switch (reply.kind) {
      case "state":
        latest = reply;
        opening ??= furnish(reply.setup);
        void opening.then(() => arrive(reply));
        break;
      case "items":
        supply.expectNothing();
        queue.refill(reply.items, reply.exhausted, supply.undecided());
        supply.fill();
        break;
      case "item":
        receive(reply.item);
        break;
      case "ack":
        confirm(reply);
        break;
      case "nack":
        outbox.peek()?.refuse(reply);
        if (!reply.retry) queue.revert(reply.submission);
        break;
      case "blob":
        blobs.take(reply, buffers);
        break;
      case "refused":
        notice.value = reply.message;
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
    shownAt = monotonic();
    shownMs = Date.now();
    if (!item || !drafts) {
      sheet.value = null;
      return;
    }
    const answers = prefill.get(item.item) ?? item.answers ?? {};
    prefill.delete(item.item);
    sheet.value = drafts.open(item, answers, answered);
    active.value = questions.value[0]?.name ?? "";
    for (const near of [item, ...queue.upcoming(3)]) blobs.prefetch(near);
  };

  const tick = (): void => {
    if (views === 0) return;
    if (setup.peek()) supply.fill();
    else supply.hello();
  };

  const timer = setInterval(tick, TICK);
  const stop = together([
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
    outbox,
    sheet,
    notice,
    active,
    unsaved,
    submit,
    accept,
    skip,
    undo,
    flag,
    open,
    next,

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

    /** How long the item has been on the screen, ms. */
    shownFor: (): number => monotonic() - shownAt,

    dismiss(): void {
      const name = active.peek();
      if (displayed.peek()?.prelabels[name]) sheet.peek()?.dismiss(name);
    },

    redo: (): void => void sheet.peek()?.redo(),

    comment(text: string): void {
      const item = displayed.peek();
      if (!item || text === (item.comment ?? "")) return;
      send(item, { action: "comment", text });
      queue.note({ comment: text || null });
    },

    previous(): void {
      const id = queue.neighbour(-1);
      if (id !== null) open(id);
    },

    /** Look whether there are more items. */
    lookAgain(): void {
      queue.reopenEnd();
      supply.expectNothing();
      supply.fill();
    },

    discard: (id: string): void => outbox.peek()?.discard(id),
  };
}
