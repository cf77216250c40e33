/** What this browser keeps for one annotator in one log: unsaved answers and unfinished ones. */

import { type Drafts, openDrafts } from "./drafts";
import type { Host } from "./host";
import { type Around, type Outbox, openOutbox } from "./outbox";
import type { Store } from "./store";

export interface Kept {
  readonly drafts: Drafts;
  readonly outbox: Outbox;
}

export async function openKept(store: Store, desk: string, host: Host, around: Around): Promise<Kept> {
  const drafts = await openDrafts(store, desk);
  const outbox = await openOutbox(store, desk, {
    client: host.client,
    deliver: (submission, seq) => void host.send({ kind: "submit", ...submission, client_seq: seq }),
    ask: (submissions) => void host.send({ kind: "sync", submissions }),
    silent: () => host.link.peek() !== "alive",
    ...around,
  });
  return { drafts, outbox };
}
