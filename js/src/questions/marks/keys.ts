/** Keys that questions about marks share. Labels have their own. */

import { type Command, keyName } from "../../keymap";
import { cycle, type Mark, type Marks, removeChosen, say, sayings } from "./state";

/** For keys that act once, however long they are held down. */
export function once(ev: KeyboardEvent, command: Command): Command {
  return () => ev.repeat || command();
}

/** Brackets by what they type or, where typing them takes AltGr, by their place right of P: -1 opens, 1 closes. */
export function bracketOf({ key, code }: KeyboardEvent): -1 | 1 | null {
  if (/[[{]/.test(key) || code === "BracketLeft") return -1;
  return /[\]}]/.test(key) || code === "BracketRight" ? 1 : null;
}

/** s cycles, n and Delete remove, a digit with Shift says an attribute. */
export function markCommand<M extends Mark>(marks: Marks<M>, ev: KeyboardEvent): Command | null {
  const saying = ev.shiftKey ? sayings(marks.question)[Number(/^Digit([1-9])$/.exec(ev.code)?.[1]) - 1] : undefined;
  if (saying) return once(ev, () => say(marks, ...saying));
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
