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

interface Placed {
  readonly node: Text;
  readonly start: number;
}

/** A run of text under the same marks, and the labels of those that end with it. */
interface Run extends Reach {
  readonly over: readonly (Laid | undefined)[];
  readonly ending: readonly Laid[];
  /** Runs of the same signature look the same. */
  readonly signature: string;
}

interface DrawnRun extends Placed {
  readonly signature: string;
  readonly nodes: readonly Node[];
}

/** What is drawn in one block; nothing in one that is not built yet. */
interface Drawn {
  readonly element: HTMLElement;
  readonly reach: Reach;
  runs: readonly DrawnRun[];
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
  const textNode = ({ start, end }: Reach): Text => {
    const node = page.createTextNode(text.slice(start, end));
    starts.set(node, start);
    return node;
  };
  const chip = ({ stroke }: Laid): HTMLElement => {
    const element = painted(part("span", "ja-mark-label", page.createTextNode(stroke.label)), stroke);
    element.dir = "auto";
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
  const drawnRun = (run: Run): DrawnRun => {
    const node = textNode(run);
    const marked = run.over.reduce<Node>(mark, node);
    return { signature: run.signature, node, start: run.start, nodes: [marked, ...run.ending.map(chip)] };
  };

  /** Only what looks different is made anew: the browser has to lay out all that is. */
  const redraw = (drawn: Drawn, marks: Marks): void => {
    const { runs: before, element, reach } = drawn;
    const wanted = runsOf(reach, marks);
    const head = alike(before, wanted);
    const tail = alike(before.slice(head).reverse(), wanted.slice(head).reverse());
    const after = before.slice(before.length - tail);
    const fresh = wanted.slice(head, wanted.length - tail).map(drawnRun);
    for (const { nodes } of before.slice(head, before.length - tail))
      for (const node of nodes) (node as ChildNode).remove();
    const next = after[0]?.nodes[0] ?? null;
    for (const { nodes } of fresh) for (const node of nodes) element.insertBefore(node, next);
    drawn.runs = [...before.slice(0, head), ...fresh, ...after];
    // The list may have changed before a mark that stays as it is.
    wanted.forEach(({ ending }, at) => {
      const nodes = drawn.runs[at]?.nodes ?? [];
      ending.forEach(({ index }, of) => void chips.set(nodes[of + 1] as Node, index));
    });
  };

  const NONE: Marks = { laid: [], pick: [] };
  const all: Drawn[] = [];
  const drawnOf = new WeakMap<Node, Drawn>();
  /** The blocks with marks, and what is on them. */
  let marked: ReadonlyMap<number, Marks> = new Map();
  const blocks = textBlocks(host, text, (element, reach, at) => {
    const drawn: Drawn = { element, reach, runs: [] };
    all[at] = drawn;
    drawnOf.set(element, drawn);
    redraw(drawn, marked.get(at) ?? NONE);
  });
  const drawnAt = (at: number): Drawn | undefined => (blocks[at]?.element ? all[at] : undefined);

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
    drawnAt(blockAt(blocks, unit))?.runs.find(({ node, start }) => to <= start + node.length);

  return {
    host,
    draw: (strokes, pick) => {
      const lanes = lanesOf(strokes);
      const laid = strokes.flatMap((stroke, index) => laidOf(stroke, index, lanes[index] as number));
      const next = sorted(laid, pick);
      const changed = new Set([...marked.keys(), ...next.keys()]);
      marked = next;
      // What is not built yet is drawn when it is.
      for (const at of changed) if (all[at]) redraw(all[at], next.get(at) ?? NONE);
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
      return drawn.runs.find((placed) => comesAfter(placed.node))?.start ?? drawn.reach.end;
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

function runsOf(at: Reach, { laid, pick }: Marks): Run[] {
  const reaches = [...laid, ...pick].map((reach) => clip(reach, at));
  const lanes = [...laid.map(({ lane }) => lane), -1];
  return segmentsOf(at.end - at.start, reaches, lanes).map(({ start, end, covers }) => {
    const reach = { start: start + at.start, end: end + at.start };
    const over = covers.map((span) => laid[span]);
    const ending = laid.filter(({ end, named }) => named && end === reach.end);
    return { ...reach, over, ending, signature: JSON.stringify([reach, over.map(lookOf), ending.map(lookOf)]) };
  });
}

const lookOf = (laid: Laid | undefined) =>
  laid && [laid.stroke.label, laid.stroke.dashed, laid.stroke.chosen, laid.lane, laid.look];

/** How many at the beginning look the same. */
const alike = (before: readonly DrawnRun[], wanted: readonly Run[]): number => {
  const end = wanted.findIndex(({ signature }, at) => signature !== before[at]?.signature);
  return end < 0 ? wanted.length : end;
};

const clip = (reach: Reach, at: Reach): Reach => ({
  start: Math.max(reach.start, at.start) - at.start,
  end: Math.min(reach.end, at.end) - at.start,
});
