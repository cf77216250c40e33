/** Who labels: told by the hub or by the person, where the kernel does not know; and whether it is who sits here. */

import { signal } from "@preact/signals-core";
import type { Host } from "./host";
import { personOfHub } from "./hub";
import type { Identity, Setup, Who } from "./protocol";

/** The form that asks for the name. */
export interface Asking {
  readonly suggestion: string;
  /** Why the kernel would not have the last one. */
  readonly error: string | null;
  /** A name is on its way. */
  readonly busy: boolean;
}

const REMEMBERED = "jupyter_annotate:name";

/** A browser may refuse its storage; then nothing is remembered. */
function recall(): string | null {
  try {
    return localStorage.getItem(REMEMBERED);
  } catch {
    return null;
  }
}

function keep(name: string): void {
  try {
    localStorage.setItem(REMEMBERED, name);
  } catch {
    // The name has to be typed again next time.
  }
}

export function openWho(host: Host) {
  const asking = signal<Asking | null>(null);
  /** The person at this browser, where the widget is another's: nothing is decided here. */
  const guest = signal<string | null>(null);
  let person: Promise<string | null> | null = null;
  let suggested = "";
  /** What was sent last. */
  let told: Identity | null = null;
  let known = false;

  const askHub = (): Promise<string | null> => {
    person ??= personOfHub();
    return person;
  };

  const show = (error: string | null = null): void => {
    if (!known) asking.value = { suggestion: suggested, error, busy: false };
  };

  const tell = (identity: Identity): void => {
    told = identity;
    host.send({ kind: "identify", ...identity });
  };

  return {
    asking,
    guest,

    /** The kernel does not know who labels. */
    ask({ hub, suggestion }: Who): void {
      suggested = recall() ?? suggestion ?? "";
      if (asking.peek() || !hub) show(asking.peek()?.error);
      else void askHub().then((name) => (name === null ? show() : known || tell({ name, source: "hub_person" })));
    },

    /** The person gave a name. */
    identify(name: string): void {
      suggested = name;
      asking.value = { suggestion: name, error: null, busy: true };
      tell({ name, source: "asked" });
    },

    /** The kernel will not have that name. */
    refuse: show,

    /** The kernel knows who labels. The hub may find somebody else here. */
    async meet({ hub, annotator }: Setup): Promise<void> {
      if (told?.source === "asked") keep(told.name);
      else if (hub) {
        const name = await askHub();
        if (name !== annotator.id) guest.value = name;
      }
      known = true;
    },
  };
}
