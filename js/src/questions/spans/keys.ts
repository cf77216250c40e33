/** The keys of a text: caret, choice, edges. */

import { type Command, handlerOf, keyName } from "../../keymap";
import { caretAt } from "../../text/caret";
import type { Reach } from "../../text/pieces";
import { bracketOf, markCommand, once } from "../marks/keys";
import { putDown } from "../marks/state";
import type { KeyHandler } from "../module";
import { chooseSpan, join, nudge, origin, type SpanEditor, setCaret, step, takeOut, toggleSnap } from "./editor";
import { type Locate, lineEnd, lineStep } from "./lines";

export function spanKeys(editor: SpanEditor, locate: Locate, reveal: () => void): KeyHandler {
  const shown = (command: Command) => () => {
    command();
    reveal();
  };
  return handlerOf((ev) => {
    const motion =
      motionCommand(editor, ev, locate) ??
      edgeCommand(editor, ev) ??
      pieceCommand(editor, ev) ??
      chosenCommand(editor, ev);
    return motion ? shown(motion) : otherCommand(editor, ev);
  });
}

function motionCommand(editor: SpanEditor, ev: KeyboardEvent, locate: Locate): Command | null {
  const direction = /Right|Down|End/.test(ev.key) ? 1 : -1;
  switch (ev.key) {
    case "ArrowRight":
    case "ArrowLeft":
      return () => step(editor, direction, ev.shiftKey);
    case "ArrowDown":
    case "ArrowUp":
      return lineCommand(editor, ev, (from) => lineStep(editor.pieces.value, from, direction, locate));
    case "Home":
    case "End":
      return lineCommand(editor, ev, (from) => lineEnd(editor.pieces.value, from, direction, locate));
    default:
      return null;
  }
}

/** A motion along or across lines; no command at the border of the text, so that the key may mean something else there. */
function lineCommand(editor: SpanEditor, ev: KeyboardEvent, find: (from: Reach) => Reach | null): Command | null {
  const from = origin(editor);
  const to = from && find(from.focus);
  return to && (() => setCaret(editor, ev.shiftKey ? { anchor: from.anchor, focus: to } : caretAt(to)));
}

function edgeCommand(editor: SpanEditor, ev: KeyboardEvent): Command | null {
  const way = bracketOf(ev);
  return way && (() => nudge(editor, ev.shiftKey ? "start" : "end", ev.shiftKey === way < 0 ? 1 : -1));
}

function pieceCommand(editor: SpanEditor, ev: KeyboardEvent): Command | null {
  if (!editor.discontinuous || !/^[-+=_]$/.test(ev.key)) return null;
  return /[+=]/.test(ev.key) ? once(ev, () => join(editor)) : once(ev, () => takeOut(editor));
}

function chosenCommand(editor: SpanEditor, ev: KeyboardEvent): Command | null {
  const command = markCommand(editor, ev);
  return (
    command &&
    (() => {
      editor.caret.value = null;
      editor.near.value = null;
      command();
    })
  );
}

function otherCommand(editor: SpanEditor, ev: KeyboardEvent): Command | null {
  const { caret, chosen, armed } = editor;
  if (keyName(ev) === "t") return () => toggleSnap(editor);
  if (ev.key !== "Escape" || (!caret.value && !chosen.value && armed.value === null)) return null;
  return () => (caret.value ? chooseSpan(editor, null) : putDown(editor));
}
