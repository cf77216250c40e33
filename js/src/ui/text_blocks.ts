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
/** Units that fit on a line, about. */
const LINE = 78;

/** Replace what is in `host`; `fill` puts the text of a block, or what is drawn of it, into its element. */
export function textBlocks(
  host: HTMLElement,
  text: string,
  fill: (block: TextBlock) => void = plain(text),
): TextBlock[] {
  const page = host.ownerDocument;
  const blocks = blocksOf(text).map((reach) => {
    const element = page.createElement("div");
    element.className = "ja-text-block";
    if (text.length > LONG) {
      element.classList.add("ja-text-block--far");
      element.style.containIntrinsicBlockSize = `auto ${linesOf(text, reach)}lh`;
    }
    return { ...reach, element };
  });
  for (const block of blocks) fill(block);
  host.replaceChildren(...blocks.map(({ element }) => element));
  return blocks;
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
