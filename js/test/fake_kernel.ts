/** A model with a kernel behind it, as docs/protocol.md describes the two, without a network. */

import type { Model } from "../src/host";
import type { Item, LabelSpec, Progress, QuestionSpec, Reply, Request, Schema } from "../src/protocol";

type Listener = (message: unknown, buffers?: unknown) => void;
export type Submit = Extract<Request, { kind: "submit" }>;

export const labels = (...names: string[]): LabelSpec[] =>
  names.map((name, at) => ({ name, key: at < 9 ? String(at + 1) : null, color: null, help: null }));

export const moodQuestion: QuestionSpec = {
  kind: "choice",
  name: "mood",
  title: "Mood",
  help: null,
  required: true,
  labels: labels("glad", "sad", "mixed"),
};

export const moodSchema: Schema = { fields: [{ kind: "text", name: "text", title: null }], questions: [moodQuestion] };

export function itemAt(at: number, more: Partial<Item> = {}): Item {
  return {
    item: `r-${at}`,
    hash: `h-${at}`,
    number: at + 1,
    status: "open",
    fields: { text: `text ${at}` },
    prelabels: {},
    answers: {},
    flagged: false,
    comment: null,
    submission: null,
    ...more,
  };
}

export class FakeKernel implements Model {
  readonly sent: Request[] = [];
  readonly listeners: Record<string, Listener[]> = {};
  /** Submissions that were committed, in their order. */
  readonly stored: Submit[] = [];
  alive = true;
  /** A model whose comm is closed throws. */
  broken = false;
  /** Answers wait for `flush`. */
  paused = false;
  history: unknown[] = [];
  /** Tell the last twenty standing decisions as history, as the kernel does. */
  tellHistory = false;
  readonly items: Item[];
  private readonly held: Request[] = [];

  constructor(
    readonly schema: Schema = moodSchema,
    total = 40,
    more: (at: number) => Partial<Item> = () => ({}),
  ) {
    this.items = Array.from({ length: total }, (_, at) => itemAt(at, more(at)));
  }

  on(name: string, listener: Listener): void {
    this.listeners[name] = [...(this.listeners[name] ?? []), listener];
  }

  off(name: string, listener: Listener): void {
    this.listeners[name] = (this.listeners[name] ?? []).filter((each) => each !== listener);
  }

  send(content: unknown): void {
    if (this.broken) throw new Error("Cannot send");
    const request = structuredClone(content) as Request;
    this.sent.push(request);
    if (!this.alive) return;
    if (this.paused) this.held.push(request);
    else this.answer(request);
  }

  flush(): void {
    this.paused = false;
    for (const request of this.held.splice(0)) this.answer(request);
  }

  emit(reply: Reply, buffers: unknown[] = []): void {
    for (const listener of this.listeners["msg:custom"] ?? []) listener(structuredClone(reply), buffers);
  }

  kinds(): string[] {
    return this.sent.map(({ kind }) => kind);
  }

  submits(): Submit[] {
    return this.sent.filter((request): request is Submit => request.kind === "submit");
  }

  /** The last standing decision on an item. */
  standing(item: string): Submit | undefined {
    const undone = new Set(this.stored.flatMap((each) => (each.action === "undo" ? [each.target] : [])));
    return this.stored
      .filter((s) => s.item === item && /answer|skip/.test(s.action) && !undone.has(s.submission))
      .at(-1);
  }

  progress(): Progress {
    const standing = this.items.map(({ item }) => this.standing(item)?.action);
    const count = (action: string): number => standing.filter((each) => each === action).length;
    return { done: count("answer"), skipped: count("skip"), total: this.items.length };
  }

  private lastTwenty(): unknown[] {
    const last = this.stored.filter((each) => this.standing(each.item) === each).slice(-20);
    return last.map(({ item, submission, action, ...more }) => ({
      item,
      number: Number(item.slice(2)) + 1,
      status: action === "skip" ? "skipped" : "answered",
      flagged: false,
      summary: "answers" in more ? more.answers : {},
      submission,
    }));
  }

  private open(have: readonly string[], n: number): Item[] {
    return this.items.filter(({ item }) => !this.standing(item) && !have.includes(item)).slice(0, n);
  }

  private answer(request: Request): void {
    const to = request.client;
    const { progress } = { progress: this.progress() };
    switch (request.kind) {
      case "hello": {
        const setup = {
          protocol: 1,
          log: "log-1",
          name: "reviews",
          annotator: { id: "ada", source: "argument" },
          schema: this.schema,
          guidelines: "# How\nRead **all** of it.",
          prefetch: 20,
          notice: null,
        };
        const items = this.open(request.pending, 20);
        const history = this.tellHistory ? this.lastTwenty() : this.history;
        this.emit({ kind: "state", to, setup, items, history: history as never, progress });
        break;
      }
      case "need": {
        const items = this.open(request.have, request.n);
        this.emit({ kind: "items", to, items, exhausted: items.length < request.n });
        break;
      }
      case "submit":
        this.commit(request);
        break;
      case "sync":
        this.acknowledge(request.submissions.filter((id) => this.stored.some((each) => each.submission === id)));
        break;
      case "open": {
        const item = this.items.find((each) => each.item === request.item);
        const standing = this.standing(request.item);
        const answers = standing?.action === "answer" ? standing.answers : {};
        if (item) this.emit({ kind: "item", to, item: { ...item, answers, status: standing ? "answered" : "open" } });
        break;
      }
      case "ping":
        this.emit({ kind: "pong", to, n: request.n });
        break;
    }
  }

  commit(request: Submit): void {
    if (!this.stored.some(({ submission }) => submission === request.submission)) this.stored.push(request);
    this.acknowledge([request.submission], request.item);
  }

  private acknowledge(submissions: string[], item?: string): void {
    const done = item !== undefined && this.standing(item) ? [item] : [];
    const reopened = item !== undefined && !this.standing(item) ? [item] : [];
    this.emit({ kind: "ack", to: null, submissions, progress: this.progress(), done, reopened });
  }
}
