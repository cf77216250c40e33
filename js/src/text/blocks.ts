/** A text in blocks: what is drawn anew by one edit, laid out at a time, and segmented at a time. */

import { firstOf } from "./first";
import { type Lookup, lookup, type Reach, wholeWord } from "./segments";

/** About so many units are one block. */
const SIZE = 2000;
/** A line longer than this is cut, between two words. */
const LONGEST = 10_000;
/** Beyond a cut; no word or character of a living language looks further. */
const BEYOND = 64;

/** Lines gathered into blocks, cut after line feeds, and inside a line only where it is very long. */
export function blocksOf(text: string, size = SIZE, longest = LONGEST): Reach[] {
  const blocks: Reach[] = [];
  let start = 0;
  while (start < text.length) {
    const end = blockEnd(text, start, size, longest);
    blocks.push({ start, end });
    start = end;
  }
  return blocks.length ? blocks : [{ start: 0, end: 0 }];
}

function blockEnd(text: string, start: number, size: number, longest: number): number {
  const from = Math.min(start + size, text.length) - 1;
  // Never further than needed: a text without any line feed would be searched to its end for each block.
  const feed = text.slice(from, start + longest).indexOf("\n");
  if (feed >= 0) return from + feed + 1;
  return start + longest < text.length ? cutOf(text, start, start + longest) : text.length;
}

/** The last place before `to` where neither a word nor a visible character is cut; in a text of one word `to` itself. */
function cutOf(text: string, start: number, to: number): number {
  const space = start + text.slice(start, to).lastIndexOf(" ");
  // After a space nothing before it counts, so that a few characters tell.
  if (space > start && borderOf(text.slice(space, space + BEYOND), 1) === 1) return space + 1;
  const around = text.slice(start, to + BEYOND);
  const border = borderOf(around, to - start) || (lookup(around, "grapheme")(to - start)?.start ?? 0);
  return border > 0 ? start + border : to;
}

const borderOf = (text: string, unit: number): number =>
  wholeWord(lookup(text, "word"), lookup(text, "grapheme"), unit)?.start ?? 0;

/** The index of the block over a unit; the last one for the end of the text. */
export const blockAt = (blocks: readonly Reach[], unit: number): number =>
  Math.max(0, firstOf(blocks.length, (at) => (blocks[at] as Reach).start > unit) - 1);

/** The same as `lookup`, for a text of any length: each block is segmented for itself, when someone points into it. */
export function lookupIn(text: string, granularity: "word" | "grapheme"): Lookup {
  const blocks = blocksOf(text);
  let now = { start: 0, end: 0 };
  let find: Lookup = () => null;
  return (unit) => {
    if (unit < 0 || unit >= text.length) return null;
    if (unit < now.start || unit >= now.end) {
      now = blocks[blockAt(blocks, unit)] as Reach;
      find = lookup(text.slice(now.start, now.end), granularity);
    }
    const found = find(unit - now.start);
    return found && { start: found.start + now.start, end: found.end + now.start };
  };
}
