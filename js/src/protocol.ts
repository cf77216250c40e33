/** The messages of docs/protocol.md as types. Nothing here runs, but for the version and what it leaves out. */

export const PROTOCOL = 1;

// ------------------------------------------------------------------------------------- schema

export interface LabelSpec {
  readonly name: string;
  /** One character; null where there are more labels than keys. */
  readonly key: string | null;
  readonly color: string | null;
  readonly help?: string | null;
}

export interface FieldSpec {
  readonly kind: string;
  readonly name: string;
  readonly title?: string | null;
}

/** What every question has; each kind's module extends it by what is its own. */
export interface QuestionSpec {
  readonly kind: string;
  readonly name: string;
  readonly title?: string | null;
  readonly help?: string | null;
  readonly required: boolean;
  /** Empty where the schema names none: `labelled` sees to it. With `labels_from` those of the item come before them. */
  readonly labels: readonly LabelSpec[];
  /** The field that holds the labels of each item. */
  readonly labels_from?: string;
  /** The field it is answered on by drawing. */
  readonly field?: string;
  /** What marks can say beside their label: each with its values. */
  readonly attributes?: Readonly<Record<string, readonly string[]>>;
  /** What has to be answered before it is asked; of several answers one is enough, without any: answered at all. */
  readonly show_when?: Readonly<Record<string, readonly unknown[]>>;
  /** "I cannot tell" is an answer. */
  readonly cannot_tell?: boolean;
}

/** A setup whose questions all have labels, if none. */
export const labelled = <S extends { readonly schema: Schema }>(setup: S): S => ({
  ...setup,
  schema: {
    ...setup.schema,
    questions: setup.schema.questions.map((each) => ({ ...each, labels: each.labels ?? [] })),
  },
});

export interface Schema {
  readonly fields: readonly FieldSpec[];
  readonly questions: readonly QuestionSpec[];
}

// ------------------------------------------------------------------------------------- values

/** What a mark says beside its label. */
export interface Said {
  readonly attributes?: Readonly<Record<string, string>>;
}

export interface SpanValue extends Said {
  readonly start: number;
  readonly end: number;
  /** Start and end of each piece, where there are several. */
  readonly fragments?: readonly Fragment[];
  readonly label: string;
}

export type Fragment = readonly [start: number, end: number];

export interface BoxValue extends Said {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Degrees clockwise about the centre, where boxes can be turned. */
  readonly rotation?: number;
  readonly label: string;
}

export interface ImageValue {
  readonly blob: string;
  readonly width: number;
  readonly height: number;
  readonly mime: string;
  /** Width and height of the picture that comes, where it has fewer pixels than the file. */
  readonly sent?: readonly [number, number];
}

export interface Suggestion<A = unknown> {
  readonly id: string;
  readonly value: A;
  readonly score: number | null;
  readonly source: string;
}

export type Answers = Readonly<Record<string, unknown>>;
export type Status = "open" | "answered" | "skipped";

export interface Item {
  readonly item: string;
  readonly hash: string;
  readonly number: number;
  readonly status: Status;
  /** By name; a text is a string, an image an `ImageValue`. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly prelabels: Readonly<Record<string, Suggestion>>;
  readonly answers?: Answers | null;
  readonly flagged: boolean;
  readonly comment: string | null;
  readonly submission?: string | null;
}

export interface HistoryEntry {
  readonly item: string;
  readonly number: number;
  readonly status: Status;
  readonly flagged: boolean;
  readonly summary: Answers;
  readonly submission?: string | null;
}

/** How far a team is that shares the items out. */
export interface TeamProgress {
  /** Items with all the answers they need. */
  readonly complete: number;
  readonly total: number;
  /** Answers an item needs. */
  readonly overlap: number;
  /** Items in the hands of others that this annotator could still get. */
  readonly held: number;
}

export interface Progress {
  readonly done: number;
  readonly skipped: number;
  readonly total: number;
  /** null where everybody labels everything. */
  readonly team?: TeamProgress | null;
}

export interface Setup {
  readonly protocol: number;
  readonly log: string;
  readonly name: string;
  readonly annotator: { readonly id: string; readonly source: string; readonly assurance: string };
  /** The hub knows who sits at this browser. */
  readonly hub: boolean;
  readonly schema: Schema;
  readonly guidelines: string | null;
  readonly prefetch: number;
  readonly notice: string | null;
  /** Keys that the person set, by the key of the widget they stand for. */
  readonly keys?: Readonly<Record<string, string>>;
  /** How many items can be answered at once; none where their answers say something about places in them. */
  readonly bulk?: number;
  /** Begin with several at once. */
  readonly together?: boolean;
}

// ------------------------------------------------------------------------- browser to kernel

export type Via = "key" | "pointer" | "touch";

export interface Seen {
  readonly shown_ms: number;
  readonly decided_ms: number;
  readonly duration_ms: number;
  readonly prelabels: Readonly<Record<string, string>>;
  readonly dismissed: readonly string[];
  readonly accepted: readonly string[];
  readonly label_order: Readonly<Record<string, readonly string[]>>;
  readonly via: Via;
  /** The answer was given to several items at once: which act, and to how many. */
  readonly together?: { readonly id: string; readonly items: number };
}

/** What was decided, about one item. */
export type Decision =
  | { readonly action: "answer"; readonly answers: Answers }
  | { readonly action: "skip"; readonly text?: string }
  | { readonly action: "undo"; readonly target: string }
  | { readonly action: "flag"; readonly on: boolean }
  | { readonly action: "comment"; readonly text: string };

export type Action = Decision["action"];

export type Submission = Decision & {
  readonly submission: string;
  readonly item: string;
  readonly hash: string;
  readonly seen: Seen;
};

/** Who labels: as typed, or as the hub says. */
export interface Identity {
  readonly name: string;
  readonly source: "asked" | "hub_person";
}

export type Request =
  | {
      readonly kind: "hello";
      readonly client: string;
      readonly view: string;
      readonly protocol: number;
      readonly pending: readonly string[];
    }
  | (Submission & { readonly kind: "submit"; readonly client: string; readonly client_seq: number })
  | { readonly kind: "sync"; readonly client: string; readonly submissions: readonly string[] }
  | { readonly kind: "need"; readonly client: string; readonly n: number; readonly have: readonly string[] }
  | { readonly kind: "open"; readonly client: string; readonly item: string }
  | { readonly kind: "blob"; readonly client: string; readonly blob: string }
  | { readonly kind: "ping"; readonly client: string; readonly n: number }
  | (Identity & { readonly kind: "identify"; readonly client: string });

// ------------------------------------------------------------------------- kernel to browser

export interface StateReply {
  readonly kind: "state";
  readonly to: string;
  readonly setup: Setup;
  readonly items: readonly Item[];
  readonly history: readonly HistoryEntry[];
  readonly progress: Progress;
}

export interface ItemsReply {
  readonly kind: "items";
  readonly to: string;
  readonly items: readonly Item[];
  readonly exhausted: boolean;
}

export interface ItemReply {
  readonly kind: "item";
  readonly to: string;
  readonly item: Item;
}

export interface Ack {
  readonly kind: "ack";
  readonly to?: string | null;
  readonly submissions: readonly string[];
  readonly progress: Progress;
  readonly done: readonly string[];
  readonly reopened: readonly string[];
  /** There may be items now where the queue had ended. */
  readonly more?: boolean;
}

export type NackCode =
  | "bad_answer"
  | "unknown_item"
  | "stale_item"
  | "unknown_target"
  | "conflict"
  | "storage"
  /** The store is away: safe on the kernel's computer, and on its way. */
  | "kept"
  | "protocol"
  | "internal";

export interface Nack {
  readonly kind: "nack";
  readonly to?: string | null;
  readonly submission: string;
  readonly code: NackCode;
  readonly message: string;
  readonly retry: boolean;
}

export interface BlobReply {
  readonly kind: "blob";
  readonly to: string;
  readonly blob: string;
  readonly mime?: string;
  readonly part?: number;
  readonly parts?: number;
  /** Why there are no bytes. */
  readonly error?: string;
}

export interface Pong {
  readonly kind: "pong";
  readonly to: string;
  readonly n: number;
}

/** The kernel does not know who labels. */
export interface Who {
  readonly kind: "who";
  readonly to: string;
  /** Ask the hub first. */
  readonly hub: boolean;
  readonly suggestion: string | null;
}

export interface Refused {
  readonly kind: "refused";
  readonly to?: string | null;
  readonly request: string;
  readonly code: string;
  readonly message: string;
}

export type Reply = StateReply | ItemsReply | ItemReply | Ack | Nack | BlobReply | Pong | Who | Refused;
