/** Keeps the queue full: greets the kernel and asks for items, never for those decided but not yet confirmed. */

import type { Signal } from "@preact/signals-core";
import { monotonic } from "./clock";
import type { Host } from "./host";
import { uuid7 } from "./ids";
import { decidedIn, type Outbox } from "./outbox";
import { PROTOCOL, type Setup } from "./protocol";
import type { Queue } from "./queue";

export interface Supply {
  undecided(): ReadonlySet<string>;
  /** Ask for the kernel's whole state. */
  hello(): void;
  /** Ask for items if there are too few and none are on their way. */
  fill(): void;
  /** Nothing is on its way any more: ask as soon as there are too few. */
  expectNothing(): void;
}

const ASK_AGAIN = 5000;

export function openSupply(
  host: Host,
  queue: Queue,
  setup: Signal<Setup | null>,
  outbox: Signal<Outbox | null>,
): Supply {
  let askedAt: number | null = null;
  const undecided = (): ReadonlySet<string> => decidedIn(outbox.peek()?.pending.peek() ?? []);
  return {
    undecided,
    hello: () => void host.send({ kind: "hello", view: uuid7(), protocol: PROTOCOL, pending: [...undecided()] }),
    fill() {
      const furnished = outbox.peek() && setup.peek();
      const n = furnished ? queue.wanted(furnished.prefetch) : 0;
      const now = monotonic();
      if (n === 0 || (askedAt !== null && now - askedAt < ASK_AGAIN)) return;
      askedAt = now;
      host.send({ kind: "need", n, have: [...new Set([...queue.have(), ...undecided()])] });
    },
    expectNothing() {
      askedAt = null;
    },
  };
}
