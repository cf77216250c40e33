/** The only user of anywidget's `model`: sends and receives, and knows whether the kernel answers. */

import { type ReadonlySignal, signal } from "@preact/signals-core";
import { monotonic } from "./clock";
import type { WidgetManager } from "./embed";
import { listen } from "./listen";
import type { Reply, Request } from "./protocol";

/** What we use of the model; any host of anywidget has it. */
export interface Model {
  readonly widget_manager?: WidgetManager;
  send(content: unknown): void;
  on(name: string, callback: (message: unknown, buffers?: unknown) => void): void;
  off(name: string, callback: (message: unknown, buffers?: unknown) => void): void;
}

/**
 * opening: nothing heard yet. alive: it answers. waiting: a second or so without an answer, it may be busy.
 * lost: five seconds without one, or sending failed.
 */
export type Link = "opening" | "alive" | "waiting" | "lost";

/** A request without the sender's name, which the host puts in. */
export type Body = Request extends infer R ? (R extends Request ? Omit<R, "client"> : never) : never;

export interface Host {
  readonly client: string;
  readonly link: ReadonlySignal<Link>;
  /** false when the model refused it. */
  send(body: Body): boolean;
  /** Begin to ask whether the kernel is there; returns the function that ends it. */
  beat(): () => void;
  close(): void;
}

export interface Ears {
  hear(reply: Reply, buffers: readonly Uint8Array[]): void;
  /** The kernel answers again after it was lost: it may have forgotten us. */
  revived(): void;
}

const EVERY = 1000;
const STEP = 100;
/** A busy page answers within a tenth of a second; a dead kernel has to show within two. */
const WAITING_AFTER = 700;
const LOST_AFTER = 5000;
/** How often a silent kernel is asked again: a busy one has to work off all of them. */
const AGAIN_AFTER = 3000;

export function openHost(model: Model, client: string, ears: Ears): Host {
  const link = signal<Link>("opening");
  let asked: number | null = null;
  /** Since when something sent has had no answer. */
  let waitingSince: number | null = null;
  let heard = 0;
  let pings = 0;
  let beats = 0;
  let timer: ReturnType<typeof setInterval> | undefined;

  const send = (body: Body): boolean => {
    waitingSince ??= monotonic();
    try {
      model.send({ ...body, client });
      return true;
    } catch {
      link.value = "lost";
      return false;
    }
  };

  const ping = (now: number): void => {
    asked = now;
    send({ kind: "ping", n: ++pings });
  };

  const judge = (silence: number): void => {
    if (silence >= LOST_AFTER) link.value = "lost";
    else if (silence >= WAITING_AFTER && link.peek() === "alive") link.value = "waiting";
  };

  const look = (): void => {
    if (document.visibilityState === "hidden") return;
    const now = monotonic();
    if (waitingSince !== null) judge(now - waitingSince);
    const due = asked === null ? now - heard >= EVERY : now - asked >= AGAIN_AFTER;
    if (due) ping(now);
  };

  const alive = (): void => {
    const wasLost = link.peek() === "lost";
    heard = monotonic();
    asked = null;
    waitingSince = null;
    link.value = "alive";
    if (wasLost) ears.revived();
  };

  const receive = (message: unknown, buffers?: unknown): void => {
    const reply = message as Reply | null;
    if (!reply || typeof reply !== "object" || typeof reply.kind !== "string") return;
    // Whatever the kernel says to anybody shows that it is there.
    alive();
    if (reply.to && reply.to !== client) return;
    if (reply.kind !== "pong") ears.hear(reply, bytesOf(buffers));
  };

  /** A hidden page was not asking, so its silence means nothing: start afresh. */
  const seen = (): void => {
    if (document.visibilityState === "hidden" || beats === 0) return;
    asked = null;
    waitingSince = null;
    ping(monotonic());
  };

  model.on("msg:custom", receive);
  const unlisten = listen(document, "visibilitychange", seen);

  return {
    client,
    link,
    send,
    beat() {
      beats += 1;
      // The greeting of the view is the first question.
      if (link.peek() === "opening") asked = monotonic();
      timer ??= setInterval(look, STEP);
      return () => {
        beats -= 1;
        if (beats > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    },
    close() {
      clearInterval(timer);
      model.off("msg:custom", receive);
      unlisten();
    },
  };
}

const bytesOf = (buffers: unknown): Uint8Array[] => (Array.isArray(buffers) ? buffers.map(asBytes) : []);

/** Hosts hand over a DataView, an ArrayBuffer or a typed array. A copy, since the view may be of a large message. */
function asBytes(buffer: ArrayBuffer | ArrayBufferView): Uint8Array {
  if (!ArrayBuffer.isView(buffer)) return new Uint8Array(buffer.slice(0));
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength).slice();
}
