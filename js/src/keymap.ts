/** Keys are ours while the widget has the focus, and only then; the notebook never sees the ones we own. */

import { listen, type Stop, together } from "./listen";

export interface Keys {
  /** Whether this key is ours in the present state. */
  owns(ev: KeyboardEvent): boolean;
  /** true = something was done. */
  handle(ev: KeyboardEvent): boolean;
}

export type Command = () => void;

/** Keys that own exactly what `lookup` has a command for. */
export function handlerOf(lookup: (ev: KeyboardEvent) => Command | null): Keys {
  return {
    owns: (ev) => lookup(ev) !== null,
    handle: (ev) => {
      const command = lookup(ev);
      command?.();
      return command !== null;
    },
  };
}

const SUPPRESS = "data-lm-suppress-shortcuts";
/** Another widget's part of the page: all keys but Escape are its own. */
export const FOREIGN = "[data-ja-foreign]";
const TEXT_INPUT = 'textarea, input, select, [contenteditable=""], [contenteditable="true"]';
const NAMED = /^(?:Enter|Backspace|Delete|Escape|Home|End|Page(?:Up|Down)|Arrow(?:Left|Right|Up|Down))$/;

/** No Ctrl, Meta or Alt: those belong to the browser and the notebook. */
export const isPlain = (ev: KeyboardEvent): boolean => !(ev.ctrlKey || ev.metaKey || ev.altKey);

/**
 * Every plain key that types something, and the editing keys. Also those that do nothing here: in a notebook
 * `x` cuts the cell and `1` makes it a heading, which nobody means who is labeling.
 */
export const isOwned = (ev: KeyboardEvent): boolean =>
  isPlain(ev) && !ev.isComposing && (ev.key.length === 1 || NAMED.test(ev.key));

/** What a key is called in a schema: digits by their place on the keyboard (AZERTY), all else by what it types. */
export function keyName(ev: KeyboardEvent): string {
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(ev.code);
  if (digit?.[1] && !ev.shiftKey) return digit[1];
  return ev.key.length === 1 ? ev.key.toLowerCase() : ev.key;
}

/** The Latin letter in the place of a key that types a letter of another script; else nothing. */
export function latinLetter(ev: KeyboardEvent): string {
  const letter = /^Key([A-Z])$/.exec(ev.code)?.[1];
  return letter && ev.key.length === 1 && ev.key > "~" ? letter.toLowerCase() : "";
}

export const isTextInput = (target: EventTarget | undefined): boolean =>
  target instanceof Element && target.closest(TEXT_INPUT) !== null;

const isTheirs = (target: EventTarget | undefined, { key }: KeyboardEvent): boolean =>
  isTextInput(target) || (key !== "Escape" && target instanceof Element && target.closest(FOREIGN) !== null);

/** Enter and Space press the button that has the focus; everything else still is a key of the widget. */
function pressesButton(ev: KeyboardEvent, target: EventTarget | undefined): boolean {
  if (ev.key !== "Enter" && ev.key !== " ") return false;
  return target instanceof Element && target.closest("button, a, summary") !== null;
}

/**
 * Listen for keys in `root`. JupyterLab listens on the document in the bubbling phase, Notebook 7 in the capturing one;
 * both leave alone what happens inside the attribute, which is set for owned keys only: Ctrl+S goes on saving.
 */
export function ownKeys(root: HTMLElement, keys: Keys): Stop {
  const capture = (ev: KeyboardEvent): void => {
    const path = ev.composedPath();
    if (!path.includes(root)) return;
    const [target] = path;
    // A shortcut may be bound to an element of another widget itself: there the attribute has to stand on the target.
    const place = target instanceof Element && target.closest(FOREIGN) ? target : root;
    const ours = keys.owns(ev) && !isTextInput(target);
    if (ours === place.hasAttribute(SUPPRESS)) return;
    if (ours) place.setAttribute(SUPPRESS, "true");
    else place.removeAttribute(SUPPRESS);
  };
  const press = (ev: KeyboardEvent): void => {
    const target = ev.composedPath()[0];
    if (ev.isComposing || isTheirs(target, ev) || !keys.owns(ev)) return;
    ev.stopPropagation();
    if (pressesButton(ev, target)) return;
    const scrolls = /^(?:Arrow|Home|End|Page)/.test(ev.key);
    if (keys.handle(ev) || !scrolls) ev.preventDefault();
  };
  return together([listen(window, "keydown", capture, true), listen(root, "keydown", press)]);
}
