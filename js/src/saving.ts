/** Whether the answers given so far are safe, in one word. */

import type { Sitting } from "./sitting";

/** kept: the team's store is away, and the kernel's computer has all of them. */
export type Saving = "saved" | "saving" | "kept" | "waiting" | "unsaved";

/** Saved is only what the kernel confirmed, and kept only what it says it keeps. */
export function savingOf({ host, outbox, unsaved, kept }: Sitting): Saving {
  const link = host.link.value;
  if ((outbox.value?.refused.value.length ?? 0) > 0) return "unsaved";
  if (link !== "alive") return link === "lost" && unsaved() > 0 ? "unsaved" : "waiting";
  if (unsaved() > 0) return "saving";
  return kept() > 0 ? "kept" : "saved";
}
