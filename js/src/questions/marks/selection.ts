/** What the browser says about selection and places in the text, in and outside a shadow root. */

import { piecesOf, type Reach } from "../../text/pieces";
import type { TextCanvas } from "./canvas";

/** From where to where, in UTF-16 units. */
export interface Dragged {
  readonly anchor: number;
  readonly focus: number;
}

type SelectionRoot = Node & { getSelection?: () => Selection | null };

/** The browser's selection. */
export const selectionOf = ({ host }: TextCanvas): Selection | null =>
  (host.getRootNode() as SelectionRoot).getSelection?.() ?? host.ownerDocument.getSelection();

/** The browser's selection if it holds some of the text. */
export function selected(canvas: TextCanvas): Dragged | null {
  const selection = selectionOf(canvas);
  if (!selection?.rangeCount || selection.isCollapsed) return null;
  const { startContainer, startOffset, endContainer, endOffset } = selection.getRangeAt(0);
  const anchor = canvas.unitAt(startContainer, startOffset);
  const focus = canvas.unitAt(endContainer, endOffset);
  return anchor < focus ? { anchor, focus } : null;
}

interface PointPage {
  caretPositionFromPoint?(
    x: number,
    y: number,
    options?: { shadowRoots: ShadowRoot[] },
  ): { offsetNode: Node; offset: number } | null;
  caretRangeFromPoint?(x: number, y: number): Range | null;
}

/** The unit before which a caret would stand at a point; null where the browser cannot tell. */
export function caretUnit(canvas: TextCanvas, x: number, y: number): number | null {
  const page = canvas.host.ownerDocument as unknown as PointPage;
  const root = canvas.host.getRootNode();
  const position = page.caretPositionFromPoint?.(x, y, { shadowRoots: root instanceof ShadowRoot ? [root] : [] });
  if (position) return canvas.unitAt(position.offsetNode, position.offset);
  const range = page.caretRangeFromPoint?.(x, y);
  return range ? canvas.unitAt(range.startContainer, range.startOffset) : null;
}

/** Where the character under a point begins; null beside the text. Carets fall between characters, so try both sides. */
export function unitUnder(text: string, canvas: TextCanvas, x: number, y: number): number | null {
  const unit = caretUnit(canvas, x, y);
  if (unit === null) return null;
  const characters = piecesOf(text, "character");
  const hit = [characters.at(unit), characters.at(unit - 1)].find((character) => liesUnder(canvas, character, x, y));
  return hit ? hit.start : null;
}

function liesUnder(canvas: TextCanvas, character: Reach | null, x: number, y: number): boolean {
  const rects = character ? [...canvas.rangeOf(character).getClientRects()] : [];
  return rects.some(({ left, right, top, bottom }) => x >= left && x <= right && y >= top && y <= bottom);
}
