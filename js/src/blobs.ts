/** Media by id: asked for once, put together from its parts, kept as object URLs until others need the room. */

import { embed, type WidgetManager } from "./embed";
import type { BlobReply, Item } from "./protocol";
import type { BlobSource } from "./questions/module";

export interface Blobs extends BlobSource {
  /** Ask for the media of an item that is shown soon. */
  prefetch(item: Item): void;
  take(reply: BlobReply, buffers: readonly Uint8Array[]): void;
  /** The kernel answers again: what is missing is asked for anew. */
  again(): void;
  close(): void;
}

/** Bytes that are here, and their object URL. */
interface Held {
  readonly url: string;
  readonly data: Blob;
}

interface Waiting {
  readonly promise: Promise<Held>;
  readonly resolve: (held: Held) => void;
  readonly reject: (why: Error) => void;
  readonly parts: (Uint8Array | undefined)[];
}

/** More than a queue of items with one image each, and what was looked at last. */
const KEPT = 48;

export function openBlobs(request: (blob: string) => void, manager?: WidgetManager): Blobs {
  const held = new Map<string, Held>();
  const waiting = new Map<string, Waiting>();

  const here = (blob: string): Held | null => {
    const found = held.get(blob);
    if (found === undefined) return null;
    held.delete(blob);
    held.set(blob, found);
    return found;
  };

  const keep = (blob: string, arrived: Held): void => {
    held.set(blob, arrived);
    const [oldest] = held;
    if (held.size <= KEPT || !oldest) return;
    URL.revokeObjectURL(oldest[1].url);
    held.delete(oldest[0]);
  };

  const ask = (blob: string): Promise<Held> => {
    let resolve!: Waiting["resolve"];
    let reject!: Waiting["reject"];
    const promise = new Promise<Held>((yes, no) => {
      resolve = yes;
      reject = no;
    });
    // Fetched ahead nobody may be waiting yet; whoever asks later gets the reason.
    promise.catch(() => undefined);
    waiting.set(blob, { promise, resolve, reject, parts: [] });
    request(blob);
    return promise;
  };

  const get = (blob: string): Promise<Held> => {
    const found = here(blob);
    return found === null ? (waiting.get(blob)?.promise ?? ask(blob)) : Promise.resolve(found);
  };

  return {
    ready: (blob) => here(blob)?.url ?? null,
    url: async (blob) => (await get(blob)).url,
    data: async (blob) => (await get(blob)).data,
    async embed(blob, el) {
      const { data } = await get(blob);
      return embed(manager, await data.text(), el);
    },
    prefetch({ fields }) {
      for (const value of Object.values(fields)) {
        const { blob, lazy } = (value ?? {}) as { readonly blob?: unknown; readonly lazy?: unknown };
        if (typeof blob === "string" && !lazy) void get(blob).catch(() => undefined);
      }
    },
    take({ blob, mime, part = 0, parts = 1, error }, buffers) {
      const wanted = waiting.get(blob);
      if (!wanted) return;
      if (error !== undefined || !buffers[0]) {
        waiting.delete(blob);
        wanted.reject(new Error(error ?? "The kernel sent no bytes."));
        return;
      }
      wanted.parts[part] = buffers[0];
      const all = Array.from({ length: parts }, (_, at) => wanted.parts[at]);
      if (all.includes(undefined)) return;
      const data = new Blob(all as BlobPart[], { type: mime ?? "" });
      const arrived = { url: URL.createObjectURL(data), data };
      waiting.delete(blob);
      keep(blob, arrived);
      wanted.resolve(arrived);
    },
    again() {
      for (const blob of waiting.keys()) request(blob);
    },
    close() {
      for (const { url } of held.values()) URL.revokeObjectURL(url);
      held.clear();
    },
  };
}
