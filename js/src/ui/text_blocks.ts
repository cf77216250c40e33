/**
 * A text as an element for each of its blocks. Of a long one the first screen is built at once and all the rest soon after, so that
 * it can be searched, selected and read aloud; but the browser lays out and paints only what is near the view. What it has not
 * laid out has an estimated height.
 */

import { blocksOf } from "../text/blocks";
import type { Reach } from "../text/segments";

export interface TextBlock extends Reach {
  /** Whoever asks for it before its turn has it built. */
  readonly element: HTMLElement;
}

/** Texts of so many units need it; the others are laid out whole, to the exact height. */
const LONG = 50_000;
/** Blocks in a section. What may be left out costs something in each frame: so do sections first, and blocks in those in view. */
const SECTION = 50;
/** Sections that are built between two frames. */
const AT_ONCE = 4;
/** Units that fit on a line, about. */
const LINE = 78;

/**
 * Replace what is in `host`; `fill` puts the text of a block, or what is drawn of it, into its element. Returned at once, whatever
 * is built.
 */
export function textBlocks(
  host: HTMLElement,
  text: string,
  fill: (element: HTMLElement, reach: Reach, at: number) => void,
): readonly TextBlock[] {
  const page = host.ownerDocument;
  const reaches = blocksOf(text);
  const long = text.length > LONG;
  const elements: (HTMLElement | undefined)[] = [];
  const part = (className: string, lines: number): HTMLElement => {
    const element = page.createElement("div");
    element.className = `${className}${long ? " ja-far" : ""}`;
    if (long) element.style.containIntrinsicBlockSize = `auto ${lines}lh`;
    return element;
  };
  const build = (at: number): HTMLElement => {
    const reach = reaches[at] as Reach;
    const element = part("ja-text-block", long ? linesOf(text, reach) : 0);
    elements[at] = element;
    fill(element, reach, at);
    return element;
  };
  const sections = long ? sectionsOf(reaches).map((own) => ({ ...own, element: part("", heightOf(text, own)) })) : [];
  /** False if it is built already. */
  const buildSection = (number: number): boolean => {
    const section = sections[number];
    if (!section || elements[section.first]) return false;
    section.element.append(...indices(section.first, section.last).map(build));
    return true;
  };

  if (long) {
    buildSection(0);
    host.replaceChildren(...sections.map(({ element }) => element));
    afterwards(host, sections.length, buildSection);
  } else host.replaceChildren(...indices(0, reaches.length).map(build));
  return reaches.map(({ start, end }, at) => ({
    start,
    end,
    get element() {
      if (!elements[at]) buildSection(Math.floor(at / SECTION));
      return elements[at] as HTMLElement;
    },
  }));
}

/** The same with the text and nothing else. */
export function plainBlocks(host: HTMLElement, text: string): void {
  textBlocks(host, text, (element, { start, end }) => {
    element.textContent = text.slice(start, end);
  });
}

/** A few sections after each frame, as long as the text is in the page. */
function afterwards(host: HTMLElement, count: number, build: (number: number) => boolean): void {
  let next = 1;
  const turn = (): void => {
    for (let built = 0; next < count && built < AT_ONCE; next++) built += Number(build(next));
    if (next < count && host.isConnected) requestAnimationFrame(() => setTimeout(turn));
  };
  requestAnimationFrame(() => setTimeout(turn));
}

const indices = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, at) => from + at);

interface Section extends Reach {
  /** Its blocks: from this one to the one before that. */
  readonly first: number;
  readonly last: number;
}

function sectionsOf(reaches: readonly Reach[]): Section[] {
  return indices(0, Math.ceil(reaches.length / SECTION)).map((number) => {
    const [first, last] = [number * SECTION, Math.min((number + 1) * SECTION, reaches.length)];
    return { first, last, start: (reaches[first] as Reach).start, end: (reaches[last - 1] as Reach).end };
  });
}

/** About how many lines these are on the screen. */
function linesOf(text: string, { start, end }: Reach): number {
  let feeds = 0;
  for (let unit = start; unit < end; unit++) if (text.charCodeAt(unit) === 10) feeds++;
  return Math.max(1, feeds, Math.ceil((end - start) / LINE + feeds / 2));
}

/** The same of a section, from its beginning. */
function heightOf(text: string, { start, end }: Reach): number {
  const some = Math.min(end, start + 2000);
  return Math.ceil((linesOf(text, { start, end: some }) * (end - start)) / (some - start));
}
