/** Whether the answers given so far are safe, in one word. */

import type { Sitting } from "./sitting";

export type Saving = "saved" | "saving" | "waiting" | "unsaved";

/** Saved is only what the kernel confirmed. */
export function savingOf(sitting: Sitting): Saving {
  const link = sitting.host.link.value;
  if ((sitting.outbox.value?.refused.value.length ?? 0) > 0) return "unsaved";
  if (link === "alive") return sitting.unsaved() > 0 ? "saving" : "saved";
  return link === "lost" && sitting.unsaved() > 0 ? "unsaved" : "waiting";
}
