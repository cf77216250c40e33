/** The keys of outlines: crosshair, corners, moving, zoom. */

import { ARROWS } from "../../geometry/view";
import { type Command, handlerOf, keyName } from "../../keymap";
import { viewCommand, whereCrosshair } from "../marks/image";
import { once } from "../marks/keys";
import { cycle, putDown, removeChosen } from "../marks/state";
import type { KeyHandler } from "../module";
import { addCorner, arrow, finish, insert, type PolygonEditor, removeCorner, stepBack, walk } from "./editor";

export function polygonKeys(editor: PolygonEditor, reveal: () => void): KeyHandler {
  return handlerOf((ev) => {
    if (!editor.ready.value) return null;
    const direction = ARROWS[ev.key];
    const command = direction ? () => arrow(editor, direction) : commandOf(editor, ev);
    if (!command) return viewCommand(editor, ev);
    return () => {
      command();
      reveal();
    };
  });
}

function commandOf(editor: PolygonEditor, ev: KeyboardEvent): Command | null {
  if (editor.path.value) return drawCommand(editor, ev);
  switch (keyName(ev)) {
    case "b":
      return once(ev, () => addCorner(editor, whereCrosshair(editor)));
    case "s":
      return () => {
        editor.corner.value = null;
        cycle(editor, ev.shiftKey ? -1 : 1);
      };
    case "n":
    case "Delete":
      return () => void (removeCorner(editor) || removeChosen(editor));
    case "[":
      return () => walk(editor, -1);
    case "]":
      return () => walk(editor, 1);
    case "i":
      return editor.chosen.value ? () => insert(editor) : null;
    case "Escape":
      return putAway(editor);
    default:
      return null;
  }
}

/** While an outline is drawn Enter ends it, and z takes back its last corner, not an edit before it. */
function drawCommand(editor: PolygonEditor, ev: KeyboardEvent): Command | null {
  switch (keyName(ev)) {
    case "b":
      return once(ev, () => addCorner(editor, whereCrosshair(editor)));
    case "Enter":
      return once(ev, () => finish(editor));
    case "z":
    case "Backspace":
      return () => stepBack(editor);
    case "Escape":
      return () => {
        editor.path.value = null;
      };
    default:
      return null;
  }
}

function putAway(editor: PolygonEditor): Command | null {
  const { corner, chosen, armed } = editor;
  if (corner.value !== null)
    return () => {
      corner.value = null;
    };
  return chosen.value || armed.value !== null ? () => putDown(editor) : null;
}
