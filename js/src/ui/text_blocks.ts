/**
 * A text as an element for each of its blocks. All of it is in the page, so that it can be searched, selected and read aloud,
 * but of a long one the browser lays out and paints only what is near the view; the rest has an estimated height.
 */

import { blocksOf } from "../text/blocks";
import type { Reach } from "../text/segments";

export interface TextBlock extends Reach {
  readonly element: HTMLElement;
}

/** Texts of so many units need it; the others are laid out whole, to the exact height. */
const LONG = 50_000;
/** Blocks in a section. What may be left out costs something in each frame: so do sections first, and blocks in those in view. */
const SECTION = 50;
/** Units that fit on a line, about. */
const LINE = 78;

/** Replace what is in `host`; `fill` puts the text of a block, or what is drawn of it, into its element. */
export function textBlocks(
  host: HTMLElement,
  text: string,
  fill: (block: TextBlock) => void = plain(text),
): TextBlock[] {
  const page = host.ownerDocument;
  const long = text.length > LONG;
  const part = (className: string, lines: number): HTMLElement => {
    const element = page.createElement("div");
    element.className = `${className}${long ? " ja-far" : ""}`;
    if (long) element.style.containIntrinsicBlockSize = `auto ${lines}lh`;
    return element;
  };
  const made = blocksOf(text).map((reach) => {
    const lines = long ? linesOf(text, reach) : 0;
    const block = { ...reach, element: part("ja-text-block", lines) };
    fill(block);
    return { block, lines };
  });
  const elements = made.map(({ block }) => block.element);
  if (long) host.replaceChildren(...sections(made, part));
  else host.replaceChildren(...elements);
  return made.map(({ block }) => block);
}

type Made = readonly { readonly block: TextBlock; readonly lines: number }[];

function sections(made: Made, part: (className: string, lines: number) => HTMLElement): HTMLElement[] {
  const all: HTMLElement[] = [];
  for (let at = 0; at < made.length; at += SECTION) {
    const own = made.slice(at, at + SECTION);
    const height = own.reduce((sum, { lines }) => sum + lines, 0);
    const section = part("", height);
    section.append(...own.map(({ block }) => block.element));
    all.push(section);
  }
  return all;
}

const plain =
  (text: string) =>
  ({ element, start, end }: TextBlock): void => {
    element.textContent = text.slice(start, end);
  };

/** About how many lines these are on the screen. */
function linesOf(text: string, { start, end }: Reach): number {
  let feeds = 0;
  for (let unit = start; unit < end; unit++) if (text.charCodeAt(unit) === 10) feeds++;
  return Math.max(1, feeds, Math.ceil((end - start) / LINE + feeds / 2));
}
