/** The text with its marks as plain DOM: text nodes only, and an edit redraws only the blocks it touches. */

import { blocksOf, lanesOf, segmentsOf } from "../../text/layout";
import type { Reach } from "../../text/pieces";
import { type Look, paintMark } from "./paint";

/** A span as drawn, in UTF-16 units. */
export interface Stroke extends Reach {
  readonly label: string;
  readonly dashed: boolean;
  readonly chosen: boolean;
  /** Its pieces, where there are several, and which of them edges are moved of. */
  readonly parts?: readonly Reach[];
  readonly part?: number;
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

/** A piece of a stroke, or the gap between two pieces, as it is drawn. */
interface Laid extends Reach {
  readonly stroke: Stroke;
  readonly index: number;
  readonly lane: number;
  readonly look: "" | " ja-gap" | " ja-part";
  /** The name of the label stands after it. */
  readonly named: boolean;
}

interface Block extends Reach {
  readonly element: HTMLElement;
  signature: string;
}

const BLOCK = 1000;
/** From one underline to the next, in CSS pixels. */
const PITCH = 5;

export function textCanvas(host: HTMLElement, text: string, look: (label: string) => Look): TextCanvas {
  const page = host.ownerDocument;
  const starts = new Map<Text, number>();
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
  const textNode = ({ start, end }: Reach): Text => {
    const node = page.createTextNode(text.slice(start, end));
    starts.set(node, start);
    return node;
  };
  const chip = ({ stroke, index }: Laid): HTMLElement => {
    const element = painted(part("span", "ja-mark-label", page.createTextNode(stroke.label)), stroke);
    element.dir = "auto";
    chips.set(element, index);
    return element;
  };
  /** Marks nest, the nearest lane innermost, so each draws its underline below those inside. No stroke: the selection. */
  const mark = (inner: Node, laid: Laid | undefined): HTMLElement => {
    if (!laid) return part("mark", "ja-picked", inner);
    // Text in a gap is not marked: it is no mark, though the line goes on below it.
    const name = laid.look === " ja-gap" ? "span" : "mark";
    const element = painted(part(name, `ja-mark${laid.look}`, inner), laid.stroke);
    element.style.paddingBottom = `${(laid.lane + 1) * PITCH}px`;
    return element;
  };
  const nodesOf = (at: Block, laid: readonly Laid[], pick: readonly Reach[]): Node[] => {
    const reaches = [...laid, ...pick].map((reach) => clip(reach, at));
    const lanes = [...laid.map(({ lane }) => lane), -1];
    return segmentsOf(at.end - at.start, reaches, lanes).flatMap(({ start, end, covers }): Node[] => {
      const reach = { start: start + at.start, end: end + at.start };
      const marked = covers.reduce<Node>((inner, span) => mark(inner, laid[span]), textNode(reach));
      return [marked, ...laid.filter(({ end, named }) => named && end === reach.end).map(chip)];
    });
  };

  const redraw = (block: Block, laid: readonly Laid[], pick: readonly Reach[]): void => {
    const signature = JSON.stringify([laid, pick]);
    if (signature === block.signature) return;
    block.signature = signature;
    for (const [node, start] of starts) if (block.start <= start && start < block.end) starts.delete(node);
    block.element.replaceChildren(...nodesOf(block, laid, pick));
  };

  const blocks: Block[] = blocksOf(text, BLOCK).map((reach) => {
    return { ...reach, element: part("div", "ja-text-block"), signature: "" };
  });
  host.replaceChildren(...blocks.map(({ element }) => element));

  return {
    host,
    draw: (strokes, pick) => {
      const lanes = lanesOf(strokes);
      const laid = strokes.flatMap((stroke, index) => laidOf(stroke, index, lanes[index] as number));
      for (const block of blocks) {
        const within = laid.filter((each) => overlaps(each, block));
        redraw(block, within, pick && overlaps(pick, block) ? [pick] : []);
      }
    },
    unitAt: (node, offset) => {
      const own = starts.get(node as Text);
      if (own !== undefined) return own + offset;
      const place = page.createRange();
      place.setStart(node, offset);
      const after = [...starts].filter(([known]) => place.comparePoint(known, 0) >= 0);
      return Math.min(text.length, ...after.map(([, start]) => start));
    },
    rangeOf: ({ start, end }) => {
      const range = page.createRange();
      for (const [node, at] of starts) {
        const past = at + node.length;
        if (at <= start && start < past) range.setStart(node, start - at);
        if (at < end && end <= past) range.setEnd(node, end - at);
      }
      return range;
    },
    strokeOf: (node) => chips.get(node) ?? null,
  };
}

/** The pieces of a stroke and the gaps between them, all on its lane. */
function laidOf(stroke: Stroke, index: number, lane: number): Laid[] {
  const { parts = [stroke], part } = stroke;
  const common = { stroke, index, lane, named: false };
  return parts.flatMap(({ start, end }, at): Laid[] => {
    const next = parts[at + 1];
    const piece: Laid = { ...common, start, end, look: at === part ? " ja-part" : "", named: !next };
    return next ? [piece, { ...common, start: end, end: next.start, look: " ja-gap" }] : [piece];
  });
}

const overlaps = (a: Reach, b: Reach): boolean => a.start < b.end && b.start < a.end;

const clip = (reach: Reach, at: Reach): Reach => ({
  start: Math.max(reach.start, at.start) - at.start,
  end: Math.min(reach.end, at.end) - at.start,
});
