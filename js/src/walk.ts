/** Going from item to item: back to what was decided, and on. */

import type { Signal } from "@preact/signals-core";
import type { Host } from "./host";
import type { Answers, Item } from "./protocol";
import type { Queue } from "./queue";
import type { Supply } from "./supply";

interface Awaited {
  readonly item: string;
  /** Its decision is being taken back: it counts as open, with these answers filled in. */
  readonly undone: Answers | null;
}

export function openWalk(host: Host, queue: Queue, supply: Supply, notice: Signal<string | null>) {
  let awaited: Awaited | null = null;

  /** An item that is no longer in memory. */
  const fetchItem = (item: string, undone: Answers | null = null): void => {
    awaited = { item, undone };
    host.send({ kind: "open", item });
  };

  /** Show an item again. */
  const open = (item: string): void => {
    notice.value = null;
    if (queue.revisit(item)) host.send({ kind: "open", item });
    else fetchItem(item);
  };

  /** From an item gone back to, past the newest, to where the person was. */
  const leave = (): void => {
    notice.value = null;
    queue.advance();
    const item = queue.displayed.peek();
    if (item) host.send({ kind: "open", item: item.item });
    supply.fill();
  };

  return {
    fetchItem,
    open,

    next(): void {
      const id = queue.neighbour(1);
      if (id !== null) open(id);
      else if (queue.away.peek()) leave();
      else if (queue.elsewhere.peek()) queue.advance();
    },

    previous(): void {
      const id = queue.neighbour(-1);
      if (id !== null) open(id);
    },

    /** The item that was asked for. */
    receive(item: Item): void {
      if (awaited?.item !== item.item) return;
      const { undone } = awaited;
      awaited = null;
      queue.show(undone ? { ...item, status: "open", answers: null, submission: null } : item);
    },
  };
}
