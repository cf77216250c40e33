/** The text with its marks as plain DOM: text nodes only, and an edit redraws only the blocks it touches. */

import { blockAt } from "../../text/blocks";
import { firstOf } from "../../text/first";
import { lanesOf, segmentsOf } from "../../text/layout";
import type { Reach } from "../../text/pieces";
import { type TextBlock, textBlocks } from "../../ui/text_blocks";
import { type Look, paintMark } from "./paint";

/** A span as drawn, in UTF-16 units. */
export interface Stroke extends Reach {
  readonly label: string;
  readonly dashed: boolean;
  readonly chosen: boolean;
}

export interface TextCanvas {
  readonly host: HTMLElement;
  draw(strokes: readonly Stroke[], pick: Reach | null): void;
  /** The UTF-16 unit at a DOM position, in or outside the text. */
  unitAt(node: Node, offset: number): number;
  rangeOf(reach: Reach): Range;
  /** The span whose label is this node, as an index into the strokes drawn last. */
  strokeOf(node: Node): number | null;
}

interface Laid extends Stroke {
  readonly index: number;
  readonly lane: number;
}

interface Placed {
  readonly node: Text;
  readonly start: number;
}

/** What is drawn in one block, and what was. */
interface Drawn {
  readonly block: TextBlock;
  texts: Placed[];
  signature: string;
}

interface Marks {
  readonly laid: Laid[];
  readonly pick: Reach[];
}

/** From one underline to the next, in CSS pixels. */
const PITCH = 5;

export function textCanvas(host: HTMLElement, text: string, look: (label: string) => Look): TextCanvas {
  const page = host.ownerDocument;
  const starts = new WeakMap<Node, number>();
  const chips = new WeakMap<Node, number>();

  const part = (name: string, className: string, ...inner: Node[]): HTMLElement => {
    const element = page.createElement(name);
    element.className = className;
    element.append(...inner);
    return element;
  };
  const painted = (element: HTMLElement, { label, dashed, chosen }: Stroke): HTMLElement => {
    paintMark(element, look(label), dashed, chosen);
    return element;
  };
  const textNode = ({ start, end }: Reach, texts: Placed[]): Text => {
    const node = page.createTextNode(text.slice(start, end));
    starts.set(node, start);
    texts.push({ node, start });
    return node;
  };
  const chip = (stroke: Laid): HTMLElement => {
    const element = painted(part("span", "ja-mark-label", page.createTextNode(stroke.label)), stroke);
    element.dir = "auto";
    chips.set(element, stroke.index);
    return element;
  };
  /** Marks nest, the nearest lane innermost, so each draws its underline below those inside. No stroke: the selection. */
  const mark = (inner: Node, stroke: Laid | undefined): HTMLElement => {
    if (!stroke) return part("mark", "ja-picked", inner);
    const element = painted(part("mark", "ja-mark", inner), stroke);
    element.style.paddingBottom = `${(stroke.lane + 1) * PITCH}px`;
    return element;
  };
  const nodesOf = (at: Reach, { laid, pick }: Marks, texts: Placed[]): Node[] => {
    const reaches = [...laid, ...pick].map((reach) => clip(reach, at));
    const lanes = [...laid.map(({ lane }) => lane), -1];
    return segmentsOf(at.end - at.start, reaches, lanes).flatMap(({ start, end, covers }): Node[] => {
      const reach = { start: start + at.start, end: end + at.start };
      const marked = covers.reduce<Node>((inner, span) => mark(inner, laid[span]), textNode(reach, texts));
      return [marked, ...laid.filter((stroke) => stroke.end === reach.end).map(chip)];
    });
  };

  const redraw = (drawn: Drawn, marks: Marks): void => {
    const signature = JSON.stringify(marks);
    if (signature === drawn.signature) return;
    drawn.signature = signature;
    drawn.texts = [];
    drawn.block.element.replaceChildren(...nodesOf(drawn.block, marks, drawn.texts));
  };

  const NONE: Marks = { laid: [], pick: [] };
  const all: Drawn[] = [];
  const blocks = textBlocks(host, text, (block) => {
    const drawn: Drawn = { block, texts: [], signature: "" };
    all.push(drawn);
    redraw(drawn, NONE);
  });
  const drawnOf = new WeakMap<Node, Drawn>(all.map((drawn) => [drawn.block.element, drawn]));
  /** The blocks with marks, and what is on them. */
  let marked: ReadonlyMap<number, Marks> = new Map();

  const sorted = (laid: readonly Laid[], pick: Reach | null): ReadonlyMap<number, Marks> => {
    const found = new Map<number, Marks>();
    const put = (reach: Reach, add: (marks: Marks) => void): void => {
      for (let at = blockAt(blocks, reach.start); at < blocks.length && (blocks[at] as Reach).start < reach.end; at++) {
        const marks = found.get(at) ?? { laid: [], pick: [] };
        found.set(at, marks);
        add(marks);
      }
    };
    for (const stroke of laid) put(stroke, (marks) => void marks.laid.push(stroke));
    if (pick) put(pick, (marks) => void marks.pick.push(pick));
    return found;
  };

  /** The drawn block a node is in or on; null outside. */
  const around = (node: Node): Drawn | null => {
    for (let at: Node | null = node; at && at !== host; at = at.parentNode) {
      const drawn = drawnOf.get(at);
      if (drawn) return drawn;
    }
    return null;
  };

  /** The text node over a unit, which reaches as far as `to`. */
  const placedUpTo = (unit: number, to: number): Placed | undefined =>
    all[blockAt(blocks, unit)]?.texts.find(({ node, start }) => to <= start + node.length);

  return {
    host,
    draw: (strokes, pick) => {
      const lanes = lanesOf(strokes);
      const laid = strokes.map((stroke, index) => ({ ...stroke, index, lane: lanes[index] as number }));
      const next = sorted(laid, pick);
      for (const at of new Set([...marked.keys(), ...next.keys()])) redraw(all[at] as Drawn, next.get(at) ?? NONE);
      marked = next;
    },
    unitAt: (node, offset) => {
      const own = starts.get(node);
      if (own !== undefined) return own + offset;
      const place = page.createRange();
      place.setStart(node, offset);
      const comesAfter = (other: Node): boolean => place.comparePoint(other, 0) >= 0;
      const drawn = around(node);
      if (!drawn)
        return (
          blocks[firstOf(blocks.length, (at) => comesAfter((blocks[at] as TextBlock).element))]?.start ?? text.length
        );
      return drawn.texts.find((placed) => comesAfter(placed.node))?.start ?? drawn.block.end;
    },
    rangeOf: ({ start, end }) => {
      const range = page.createRange();
      const first = placedUpTo(start, start + 1);
      const last = placedUpTo(end - 1, end);
      if (first) range.setStart(first.node, start - first.start);
      if (last) range.setEnd(last.node, end - last.start);
      return range;
    },
    strokeOf: (node) => chips.get(node) ?? null,
  };
}

const clip = (reach: Reach, at: Reach): Reach => ({
  start: Math.max(reach.start, at.start) - at.start,
  end: Math.min(reach.end, at.end) - at.start,
});
