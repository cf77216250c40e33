/** A model with a kernel behind it, as docs/protocol.md describes the two, without a network. */

import type { Model } from "../src/host";
import type { Item, LabelSpec, Progress, QuestionSpec, Reply, Request, Schema, TeamProgress } from "../src/protocol";

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
  /** Who labels; null: it asks. */
  annotator: string | null = "ada";
  /** The hub knows who sits there. */
  hub = false;
  keys: Readonly<Record<string, string>> | undefined;
  /** How many items can be answered at once, and whether the page begins so. */
  bulk: number | undefined;
  together = false;
  suggestion: string | null = null;
  /** Names it will not have. */
  refusesNames = "";
  /** The team's store cannot be reached: what is submitted is kept here. */
  away = false;
  readonly spool: Submit[] = [];
  team: TeamProgress | null = null;
  /** In the hands of others. */
  readonly leased = new Set<string>();
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
    return { done: count("answer"), skipped: count("skip"), total: this.items.length, team: this.team };
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
    const free = ({ item }: Item): boolean => !this.standing(item) && !have.includes(item) && !this.leased.has(item);
    return this.items.filter(free).slice(0, n);
  }

  private identify(to: string, name: string): void {
    if (name === this.refusesNames) {
      const message = `The name '${name}' says nothing about who labels.`;
      this.emit({ kind: "refused", to, request: "identify", code: "protocol", message });
      return;
    }
    this.annotator ??= name;
    this.welcome(to, []);
  }

  private welcome(to: string, pending: readonly string[]): void {
    if (this.annotator === null) {
      this.emit({ kind: "who", to, hub: this.hub, suggestion: this.suggestion });
      return;
    }
    const setup = {
      protocol: 1,
      log: "log-1",
      name: "reviews",
      annotator: { id: this.annotator, source: "argument", assurance: "claimed" },
      hub: this.hub,
      schema: this.schema,
      guidelines: "# How\nRead **all** of it.",
      prefetch: 20,
      notice: null,
      ...(this.keys ? { keys: this.keys } : {}),
      ...(this.bulk ? { bulk: this.bulk, together: this.together } : {}),
    };
    const items = this.open(pending, 20);
    const history = this.tellHistory ? this.lastTwenty() : this.history;
    this.emit({ kind: "state", to, setup, items, history: history as never, progress: this.progress() });
  }

  private answer(request: Request): void {
    const to = request.client;
    switch (request.kind) {
      case "identify":
        this.identify(to, request.name);
        break;
      case "hello":
        this.welcome(to, request.pending);
        break;
      case "need": {
        const items = this.open(request.have, request.n);
        this.emit({ kind: "items", to, items, exhausted: items.length < request.n });
        break;
      }
      case "submit":
        if (this.away) this.keep(request);
        else this.commit(request);
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

  private keep(request: Submit): void {
    const { submission, client } = request;
    if (!this.spool.some((each) => each.submission === submission)) this.spool.push(request);
    this.emit({ kind: "nack", to: client, submission, code: "kept", message: "The store is away.", retry: true });
  }

  /** What others did meanwhile: `more` of it may be for this annotator. */
  news(more = true): void {
    this.emit({ kind: "ack", submissions: [], progress: this.progress(), done: [], reopened: [], more });
  }

  commit(request: Submit): void {
    for (const kept of this.spool.splice(0)) this.commit(kept);
    if (!this.stored.some(({ submission }) => submission === request.submission)) this.stored.push(request);
    this.acknowledge([request.submission], request.item);
  }

  private acknowledge(submissions: string[], item?: string): void {
    const done = item !== undefined && this.standing(item) ? [item] : [];
    const reopened = item !== undefined && !this.standing(item) ? [item] : [];
    this.emit({ kind: "ack", to: null, submissions, progress: this.progress(), done, reopened });
  }
}
