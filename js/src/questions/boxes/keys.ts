/** The keys of an image: crosshair, drawing, moving and resizing, zoom. */

import { ARROWS, zoomed } from "../../geometry/view";
import { type Command, handlerOf, keyName } from "../../keymap";
import { bracketOf, markCommand, once } from "../marks/keys";
import { putDown } from "../marks/state";
import type { KeyHandler } from "../module";
import { arrow, type BoxEditor, begin, finish, turn, whereCrosshair } from "./editor";

/** Degrees a key turns by, without and with Shift. */
const FINE = 1;
export const COARSE = 15;

export function boxKeys(editor: BoxEditor, reveal: () => void): KeyHandler {
  return handlerOf((ev) => {
    if (!editor.ready.value) return null;
    // The pointer is drawing: Escape ends that, and no other key may change what it draws on.
    if (editor.ghost.value) return ev.key === "Escape" ? editor.cancel : () => undefined;
    const direction = ARROWS[ev.key];
    const motion = direction ? () => arrow(editor, direction, ev.shiftKey) : chosenCommand(editor, ev);
    if (!motion) return drawCommand(editor, ev) ?? viewCommand(editor, ev);
    return () => {
      motion();
      reveal();
    };
  });
}

function chosenCommand(editor: BoxEditor, ev: KeyboardEvent): Command | null {
  const way = editor.rotated && editor.chosen.value ? bracketOf(ev) : null;
  return way ? () => turn(editor, way * (ev.shiftKey ? COARSE : FINE)) : markCommand(editor, ev);
}

function drawCommand(editor: BoxEditor, ev: KeyboardEvent): Command | null {
  const { anchor, chosen, armed } = editor;
  const drawing = anchor.value !== null;
  switch (keyName(ev)) {
    case "b":
      return once(ev, () => (drawing ? finish(editor) : begin(editor, whereCrosshair(editor))));
    case "Enter":
      // Enter would submit the item without the box that is being drawn.
      return drawing ? once(ev, () => finish(editor)) : null;
    case "Escape":
      if (drawing) return () => drop(editor);
      return chosen.value || armed.value !== null ? () => putDown(editor) : null;
    default:
      return null;
  }
}

function drop({ anchor }: BoxEditor): void {
  anchor.value = null;
}

function viewCommand({ zoom, fine }: BoxEditor, ev: KeyboardEvent): Command | null {
  const step = { "+": 1, "=": 1, "-": -1, _: -1, "0": 0 }[keyName(ev)] as 1 | -1 | 0 | undefined;
  if (step !== undefined) {
    return () => {
      zoom.value = zoomed(zoom.value, step);
    };
  }
  if (keyName(ev) !== "t") return null;
  return () => {
    fine.value = !fine.value;
  };
}
