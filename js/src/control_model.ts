/** The only user of a control's `model`: its traits, and media by message. */

import type { BlobReply, Schema } from "./protocol";

/** What we use of the model; any host of anywidget has it. */
export interface ControlModel {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  send(content: unknown): void;
  on(name: string, callback: (message: unknown, buffers?: unknown) => void): void;
  off(name: string, callback: (message: unknown, buffers?: unknown) => void): void;
}

/** What is shown and asked: it does not change. */
export interface Shown {
  readonly schema: Schema;
  readonly fields: Readonly<Record<string, unknown>>;
  /** What stands for the item in lots that are drawn. */
  readonly item?: string;
}

export interface Traits {
  readonly shown: Shown;
  /** The answer, as the page has it. */
  draft(): unknown;
  problem(): string;
  keep(draft: unknown): void;
  ask(blob: string): void;
  close(): void;
}

export interface Ears {
  /** Python set an answer, or said what is wrong with one. */
  changed(): void;
  media(reply: BlobReply, buffers: readonly Uint8Array[]): void;
}

const bytesOf = (buffers: unknown): Uint8Array[] =>
  (Array.isArray(buffers) ? (buffers as readonly DataView[]) : []).map(({ buffer, byteOffset, byteLength }) =>
    new Uint8Array(buffer, byteOffset, byteLength).slice(),
  );

export function openTraits(model: ControlModel, ears: Ears): Traits {
  const changed = (): void => ears.changed();
  const heard = (message: unknown, buffers?: unknown): void => ears.media(message as BlobReply, bytesOf(buffers));
  const events: readonly (readonly [string, (message: unknown, buffers?: unknown) => void])[] = [
    ["change:working", changed],
    ["change:refusal", changed],
    ["msg:custom", heard],
  ];
  for (const [name, act] of events) model.on(name, act);
  return {
    shown: model.get("setup") as Shown,
    draft: () => model.get("working") ?? null,
    problem: () => String(model.get("refusal") ?? ""),
    keep(draft) {
      model.set("working", draft);
      model.save_changes();
    },
    ask: (blob) => model.send({ kind: "blob", blob }),
    close() {
      for (const [name, act] of events) model.off(name, act);
    },
  };
}
