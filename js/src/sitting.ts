/** One sitting of one annotator: queue, drafts, outbox and host brought together. All views of a model share it. */

import { effect, signal, untracked } from "@preact/signals-core";
import { type Blobs, openBlobs } from "./blobs";
import type { Drafts, Sheet } from "./drafts";
import { gather, standingSuggestion } from "./gather";
import { type Host, type Model, openHost } from "./host";
import { uuid7 } from "./ids";
import { openKept } from "./kept";
import { decidedIn, type Outbox } from "./outbox";
import {
  type Ack,
  type Answers,
  type Decision,
  type Item,
  PROTOCOL,
  type Reply,
  type Setup,
  type StateReply,
  type Submission,
  type Via,
} from "./protocol";
import { QUESTIONS } from "./questions";
import { Queue } from "./queue";
import { seenOf } from "./seen";
import { openStore, type Store } from "./store";

/** No answer for so long while the kernel is silent: better not to pile up more. */
const BOUND = 5000;
const ASK_AGAIN = 5000;
const TICK = 1000;
/** Nobody who has just pressed a key may find another item under the next one. */
const QUIET = 1000;

interface Awaited {
  readonly item: string;
  /** Its decision is being taken back: it counts as open, with these answers filled in. */
  readonly undone: Answers | null;
}

export class Sitting {
  readonly client = uuid7();
  readonly queue = new Queue();
  readonly host: Host;
  readonly blobs: Blobs;
  readonly setup = signal<Setup | null>(null);
  readonly outbox = signal<Outbox | null>(null);
  readonly sheet = signal<Sheet | null>(null);
  /** One sentence for the person, until the next thing happens. */
  readonly notice = signal<string | null>(null);
  readonly active = signal("");
  /** How the person works now: what submits is taken to come from there. */
  via: Via = "key";
  shownAt = 0;
  private shownMs = 0;
  private touchedAt = 0;
  private readonly store: Promise<Store>;
  private drafts: Drafts | null = null;
  private opening: Promise<void> | null = null;
  private latest: StateReply | null = null;
  private needAt: number | null = null;
  private awaited: Awaited | null = null;
  private readonly prefill = new Map<string, Answers>();
  private readonly stops: (() => void)[] = [];
  private views = 0;

  constructor(model: Model) {
    this.store = openStore();
    this.host = openHost(model, this.client, {
      hear: (reply, buffers) => this.hear(reply, buffers),
      revived: () => this.hello(uuid7()),
    });
    this.blobs = openBlobs((blob) => void this.host.send({ kind: "blob", blob }));
    this.stops.push(effect(() => this.turnPage(this.queue.serial.value)));
    const timer = setInterval(() => this.tick(), TICK);
    this.stops.push(() => clearInterval(timer));
    const ask = (ev: BeforeUnloadEvent): void => {
      if (this.unsaved() > 0) ev.preventDefault();
    };
    window.addEventListener("beforeunload", ask);
    this.stops.push(() => window.removeEventListener("beforeunload", ask));
  }

  /** A view appears; returns what to do when it goes. */
  enter(): () => void {
    this.views += 1;
    const stop = this.host.beat();
    this.hello(uuid7());
    return () => {
      this.views -= 1;
      stop();
    };
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.outbox.peek()?.close();
    this.host.close();
    this.blobs.close();
    void this.store.then((store) => store.close());
  }

  /** The person did something in a view. */
  touch(via: Via): void {
    this.via = via;
    this.touchedAt = performance.now();
  }

  unsaved(): number {
    const outbox = this.outbox.value;
    return outbox ? outbox.pending.value.length + outbox.refused.value.length : 0;
  }

  // ------------------------------------------------------------------------------ decisions

  submit(via: Via = this.via): void {
    const [setup, item, sheet] = [this.setup.peek(), this.queue.displayed.peek(), this.sheet.peek()];
    if (!setup || !item || !sheet || this.blocked()) return;
    if (item.status === "answered" && !sheet.touched()) {
      this.next();
      return;
    }
    const { answers, accepted, missing } = gather(setup.schema.questions, item, sheet, QUESTIONS);
    if (missing) {
      this.active.value = missing.name;
      this.notice.value = `Answer “${missing.title ?? missing.name}” first.`;
      return;
    }
    const id = this.send(item, { action: "answer", answers }, via, accepted);
    this.turn(item, () => this.queue.decide("answered", answers, id));
  }

  /** Take the suggestions that stand and submit. */
  accept(via: Via = this.via): void {
    const [setup, item, sheet] = [this.setup.peek(), this.queue.displayed.peek(), this.sheet.peek()];
    if (!setup || !item || !sheet) return;
    const any = setup.schema.questions.some((question) => standingSuggestion(question, item, sheet) !== null);
    if (any) this.submit(via);
    else this.notice.value = "There is no suggestion to accept.";
  }

  dismiss(): void {
    const [item, sheet, name] = [this.queue.displayed.peek(), this.sheet.peek(), this.active.peek()];
    if (item?.prelabels[name]) sheet?.dismiss(name);
  }

  skip(via: Via = this.via): void {
    const item = this.queue.displayed.peek();
    if (!item || this.blocked()) return;
    const id = this.send(item, { action: "skip" }, via);
    this.turn(item, () => this.queue.decide("skipped", {}, id));
  }

  /** Take back the last edit of the draft, else the last decision. */
  undo(via: Via = this.via): void {
    this.notice.value = null;
    if (this.sheet.peek()?.undo()) return;
    const past = this.queue.past.peek().at(-1);
    if (!past?.submission || !this.outbox.peek()) {
      this.notice.value = "There is nothing to take back.";
      return;
    }
    const hash = past.before?.hash ?? this.queue.hashOf(past.item) ?? "";
    const id = this.send({ item: past.item, hash }, { action: "undo", target: past.submission }, via);
    this.prefill.set(past.item, past.answers);
    if (!this.queue.undo(id)?.item) this.request({ item: past.item, undone: past.answers });
    if (this.queue.past.peek().length === 0) this.hello(uuid7());
  }

  redo(): void {
    this.sheet.peek()?.redo();
  }

  flag(via: Via = this.via): void {
    const item = this.queue.displayed.peek();
    if (!item) return;
    const flagged = !item.flagged;
    this.send(item, { action: "flag", on: flagged }, via);
    this.queue.note({ flagged });
  }

  comment(text: string, via: Via = this.via): void {
    const item = this.queue.displayed.peek();
    if (!item || text === (item.comment ?? "")) return;
    this.send(item, { action: "comment", text }, via);
    this.queue.note({ comment: text || null });
  }

  /** Show an item again. */
  open(id: string): void {
    this.notice.value = null;
    if (this.queue.revisit(id)) this.host.send({ kind: "open", item: id });
    else this.request({ item: id, undone: null });
  }

  previous(): void {
    const id = this.queue.neighbour(-1);
    if (id !== null) this.open(id);
  }

  next(): void {
    const id = this.queue.neighbour(1);
    if (id !== null) this.open(id);
    else if (this.queue.away.peek()) this.leave();
    else if (this.queue.elsewhere.peek()) this.queue.advance();
  }

  /** Look whether there are more items. */
  lookAgain(): void {
    this.queue.reopenEnd();
    this.needAt = null;
    this.fill();
  }

  discard(id: string): void {
    this.outbox.peek()?.discard(id);
  }

  // ------------------------------------------------------------------------------- sending

  /** Nothing more is taken while answers wait and the kernel is silent. */
  private blocked(): boolean {
    const outbox = this.outbox.peek();
    const is = !outbox || (this.host.link.peek() === "lost" && outbox.longestWait() >= BOUND);
    if (is) this.notice.value = "Not taken: earlier answers are not saved yet. What you chose here is kept.";
    return is;
  }

  private send(
    { item, hash }: Pick<Item, "item" | "hash">,
    decision: Decision,
    via: Via,
    accepted: readonly string[] = [],
  ): string {
    const shown = this.queue.displayed.peek();
    const seen = seenOf({
      setup: this.setup.peek(),
      item: shown?.item === item ? shown : null,
      sheet: this.sheet.peek(),
      since: this.shownAt,
      shownMs: this.shownMs,
      accepted,
      via,
    });
    const submission: Submission = { ...decision, submission: uuid7(), item, hash, seen };
    this.outbox.peek()?.add(submission);
    return submission.submission;
  }

  /** Leave the item that was decided for the next one. */
  private turn(item: Item, decide: () => void): void {
    this.notice.value = null;
    this.drafts?.forget(item.item);
    decide();
    this.fill();
  }

  private leave(): void {
    this.notice.value = null;
    this.queue.advance();
    const item = this.queue.displayed.peek();
    if (item) this.host.send({ kind: "open", item: item.item });
    this.fill();
  }

  private request(awaited: Awaited): void {
    this.awaited = awaited;
    this.host.send({ kind: "open", item: awaited.item });
  }

  /** Keep the queue full. */
  private fill(): void {
    const setup = this.setup.peek();
    const n = setup && this.outbox.peek() ? this.queue.wanted(setup.prefetch) : 0;
    const now = performance.now();
    if (n === 0 || (this.needAt !== null && now - this.needAt < ASK_AGAIN)) return;
    this.needAt = now;
    this.host.send({ kind: "need", n, have: [...new Set([...this.queue.have(), ...this.undecided()])] });
  }

  private undecided(): ReadonlySet<string> {
    return decidedIn(this.outbox.peek()?.pending.peek() ?? []);
  }

  private hello(view: string): void {
    const pending = [...this.undecided()];
    this.host.send({ kind: "hello", view, protocol: PROTOCOL, pending });
  }

  private tick(): void {
    if (this.views === 0) return;
    if (!this.setup.peek()) this.hello(uuid7());
    else this.fill();
  }

  // ------------------------------------------------------------------------------- hearing

  private hear(reply: Reply, buffers: readonly Uint8Array[]): void {
    switch (reply.kind) {
      case "state":
        this.latest = reply;
        this.opening ??= this.furnish(reply.setup);
        void this.opening.then(() => this.arrive(reply));
        break;
      case "items":
        this.needAt = null;
        this.queue.refill(reply.items, reply.exhausted, this.undecided());
        this.fill();
        break;
      case "item":
        this.receive(reply.item);
        break;
      case "ack":
        this.confirm(reply);
        break;
      case "nack":
        this.outbox.peek()?.refuse(reply);
        if (!reply.retry) this.queue.revert(reply.submission);
        break;
      case "blob":
        this.blobs.take(reply, buffers);
        break;
      case "refused":
        this.notice.value = reply.message;
        break;
    }
  }

  /** First contact: what is kept in this browser for this annotator and this log. */
  private async furnish({ log, annotator }: Setup): Promise<void> {
    const kept = await openKept(await this.store, `${log}\n${annotator.id}`, this.host);
    this.drafts = kept.drafts;
    this.outbox.value = kept.outbox;
  }

  private arrive(state: StateReply): void {
    // A later state may have come while the store was opened.
    if (state !== this.latest) return;
    this.setup.value = state.setup;
    this.active.value ||= state.setup.schema.questions[0]?.name ?? "";
    this.needAt = null;
    this.queue.load(state, this.undecided());
    this.outbox.peek()?.reconnect();
    this.blobs.again();
    this.fill();
  }

  private receive(item: Item): void {
    if (this.awaited?.item !== item.item) return;
    const { undone } = this.awaited;
    this.awaited = null;
    this.queue.show(undone ? { ...item, status: "open", answers: null, submission: null } : item);
  }

  private confirm(ack: Ack): void {
    const outbox = this.outbox.peek();
    outbox?.acknowledge(ack.submissions);
    this.queue.settle(ack.submissions, ack.progress);
    const mine = new Set(outbox?.pending.peek().map(({ item }) => item));
    const others = (ids: readonly string[]): string[] => ids.filter((id) => !mine.has(id));
    const quiet = performance.now() - this.touchedAt > QUIET && !this.sheet.peek()?.touched();
    this.queue.drop(others(ack.done), quiet);
    if (this.queue.reopen(others(ack.reopened))) this.needAt = null;
    this.fill();
  }

  /** Another item is displayed. */
  private turnPage(_serial: number): void {
    untracked(() => {
      const item = this.queue.displayed.value;
      this.shownAt = performance.now();
      this.shownMs = Date.now();
      if (!item || !this.drafts) {
        this.sheet.value = null;
        return;
      }
      const answers = this.prefill.get(item.item) ?? item.answers ?? {};
      this.prefill.delete(item.item);
      this.sheet.value = this.drafts.open(item, answers, (name) => this.answered(name));
      this.active.value = this.setup.value?.schema.questions[0]?.name ?? "";
      for (const near of [item, ...this.queue.upcoming(3)]) this.fetchMedia(near);
    });
  }

  /** An answer that is the whole decision submits the item. */
  private answered(name: string): void {
    const questions = this.setup.peek()?.schema.questions ?? [];
    const question = questions.find((each) => each.name === name);
    if (question && QUESTIONS[question.kind]?.submitsAtOnce(question, questions.length === 1)) this.submit();
  }

  private fetchMedia(item: Item): void {
    for (const value of Object.values(item.fields)) {
      const blob = (value as { readonly blob?: unknown } | null)?.blob;
      if (typeof blob === "string") void this.blobs.url(blob).catch(() => undefined);
    }
  }
}
