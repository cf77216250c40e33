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

interface Waiting {
  readonly promise: Promise<string>;
  readonly resolve: (url: string) => void;
  readonly reject: (why: Error) => void;
  readonly parts: (Uint8Array | undefined)[];
}

/** More than a queue of items with one image each, and what was looked at last. */
const KEPT = 48;

export function openBlobs(request: (blob: string) => void, manager?: WidgetManager): Blobs {
  const urls = new Map<string, string>();
  const waiting = new Map<string, Waiting>();

  const ready = (blob: string): string | null => {
    const url = urls.get(blob);
    if (url === undefined) return null;
    urls.delete(blob);
    urls.set(blob, url);
    return url;
  };

  const keep = (blob: string, url: string): void => {
    urls.set(blob, url);
    const [oldest] = urls;
    if (urls.size <= KEPT || !oldest) return;
    URL.revokeObjectURL(oldest[1]);
    urls.delete(oldest[0]);
  };

  const ask = (blob: string): Promise<string> => {
    let resolve!: Waiting["resolve"];
    let reject!: Waiting["reject"];
    const promise = new Promise<string>((yes, no) => {
      resolve = yes;
      reject = no;
    });
    // Fetched ahead nobody may be waiting yet; whoever asks later gets the reason.
    promise.catch(() => undefined);
    waiting.set(blob, { promise, resolve, reject, parts: [] });
    request(blob);
    return promise;
  };

  const url = (blob: string): Promise<string> => {
    const here = ready(blob);
    return here === null ? (waiting.get(blob)?.promise ?? ask(blob)) : Promise.resolve(here);
  };

  return {
    ready,
    url,
    async embed(blob, el) {
      const id = await (await fetch(await url(blob))).text();
      return embed(manager, id, el);
    },
    prefetch({ fields }) {
      for (const value of Object.values(fields)) {
        const { blob, lazy } = (value ?? {}) as { readonly blob?: unknown; readonly lazy?: unknown };
        if (typeof blob === "string" && !lazy) void url(blob);
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
      const made = URL.createObjectURL(new Blob(all as BlobPart[], { type: mime ?? "" }));
      waiting.delete(blob);
      keep(blob, made);
      wanted.resolve(made);
    },
    again() {
      for (const blob of waiting.keys()) request(blob);
    },
    close() {
      for (const made of urls.values()) URL.revokeObjectURL(made);
      urls.clear();
    },
  };
}
