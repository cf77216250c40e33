/** Keys that questions about marks share, and the way a table of commands becomes a key handler. Labels have their own. */

import { keyName } from "../../keymap";
import type { KeyHandler } from "../module";
import { cycle, type Mark, type Marks, removeChosen } from "./state";

export type Command = () => void;
export type Lookup = (ev: KeyboardEvent) => Command | null;

/** A handler that owns exactly the keys `lookup` has a command for. */
export function handlerOf(lookup: Lookup): KeyHandler {
  return {
    owns: (ev) => lookup(ev) !== null,
    handle: (ev) => {
      const command = lookup(ev);
      command?.();
      return command !== null;
    },
  };
}

/** For keys that act once, however long they are held down. */
export const once =
  (ev: KeyboardEvent, command: Command): Command =>
  () =>
    ev.repeat || command();

/** s cycles, n and Delete remove. */
export function markCommand<M extends Mark>(marks: Marks<M>, ev: KeyboardEvent): Command | null {
  switch (keyName(ev)) {
    case "s":
      return () => cycle(marks, ev.shiftKey ? -1 : 1);
    case "n":
    case "Delete":
      return () => removeChosen(marks);
    default:
      return null;
  }
}
