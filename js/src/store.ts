/** Where unsaved answers and drafts lie in this browser: IndexedDB, else sessionStorage, else memory. */

import type { Submission } from "./protocol";

/** A submission on its way. Labels and ids only: what an item shows never goes to the browser's disk. */
export interface Parcel {
  readonly submission: string;
  /** Log and annotator it belongs to. */
  readonly desk: string;
  readonly client: string;
  readonly seq: number;
  readonly body: Submission;
  /** Why the kernel will not have it. */
  readonly refusal?: string;
}

/** The unfinished answer to one item. */
export interface Sketch {
  readonly key: string;
  readonly desk: string;
  readonly item: string;
  readonly hash: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly dismissed: readonly string[];
  readonly at: number;
}

interface Shapes {
  parcels: Parcel;
  sketches: Sketch;
}
export type Kind = keyof Shapes;
export type Medium = "disk" | "tab" | "memory";

export interface Store {
  readonly medium: Medium;
  all<K extends Kind>(kind: K, desk: string): Promise<Shapes[K][]>;
  put<K extends Kind>(kind: K, value: Shapes[K]): Promise<void>;
  drop(kind: Kind, keys: readonly string[]): Promise<void>;
  close(): void;
}

const NAME = "jupyter_annotate";
const KEYS: Record<Kind, string> = { parcels: "submission", sketches: "key" };
/** A browser that neither opens nor refuses its database must not keep the person waiting. */
const PATIENCE = 2000;

export async function openStore(): Promise<Store> {
  try {
    return await diskStore();
  } catch {
    return tabStore();
  }
}

// ------------------------------------------------------------------------------------ IndexedDB

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function openDatabase(): Promise<IDBDatabase> {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => {
    for (const kind of Object.keys(KEYS) as Kind[]) {
      request.result.createObjectStore(kind, { keyPath: KEYS[kind] }).createIndex("desk", "desk");
    }
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const impatient = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("the database does not open")), PATIENCE);
  });
  return Promise.race([settled(request), impatient]).finally(() => clearTimeout(timer));
}

async function diskStore(): Promise<Store> {
  const database = await openDatabase();
  // Another page may want a newer layout: let go, what is written stays.
  database.onversionchange = () => database.close();
  const change = (kind: Kind, act: (store: IDBObjectStore) => void): Promise<void> =>
    new Promise((resolve, reject) => {
      const transaction = database.transaction(kind, "readwrite");
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
      act(transaction.objectStore(kind));
    });
  return {
    medium: "disk",
    all: (kind, desk) => settled(database.transaction(kind).objectStore(kind).index("desk").getAll(desk)),
    put: async (kind, value) => change(kind, (store) => store.put(value)),
    drop: async (kind, keys) =>
      change(kind, (store) => {
        for (const key of keys) store.delete(key);
      }),
    close: () => database.close(),
  };
}

// ---------------------------------------------------------------------- sessionStorage and memory

/** What both are: texts by name. The browser's storage is read and written like any other object. */
type Shelf = Record<string, string>;

function usableSessionStorage(): Shelf | null {
  try {
    const probe = `${NAME}:probe`;
    sessionStorage.setItem(probe, "1");
    sessionStorage.removeItem(probe);
    return sessionStorage as Shelf;
  } catch {
    return null;
  }
}

function tabStore(): Store {
  const shelf = usableSessionStorage();
  return shelfStore(shelf ?? {}, shelf ? "tab" : "memory");
}

export function shelfStore(shelf: Shelf, medium: Medium): Store {
  const place = (kind: Kind, key: string): string => `${NAME}:${kind}:${key}`;
  return {
    medium,
    all: async <K extends Kind>(kind: K, desk: string): Promise<Shapes[K][]> =>
      Object.keys(shelf)
        .filter((name) => name.startsWith(place(kind, "")))
        .map((name) => JSON.parse(shelf[name] ?? "null") as Shapes[K])
        .filter((value) => value?.desk === desk),
    put: async (kind, value) => {
      const key = (value as unknown as Record<string, string>)[KEYS[kind]];
      shelf[place(kind, key ?? "")] = JSON.stringify(value);
    },
    drop: async (kind, keys) => {
      for (const key of keys) delete shelf[place(kind, key)];
    },
    close: () => undefined,
  };
}
