/** Keys that questions about marks share. Labels have their own. */

import { type Command, keyName } from "../../keymap";
import { cycle, type Mark, type Marks, removeChosen } from "./state";

/** For keys that act once, however long they are held down. */
export function once(ev: KeyboardEvent, command: Command): Command {
  return () => ev.repeat || command();
}

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
