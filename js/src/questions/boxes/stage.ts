/** The image and its boxes as plain DOM. Positions are percentages of the image, so zooming moves nothing. */

import { angleOf, chipPlace, HANDLES, type Handle, type Point, type Rect, type Size } from "../../geometry/boxes";
import { chipCorner, enclosing, turnerPlace } from "../../geometry/turned";
import { share } from "../../geometry/view";
import type { BoxValue } from "../../protocol";
import { type Look, paintMark } from "../marks/paint";

export interface Stage {
  /** Scrolls when zoomed. */
  readonly frame: HTMLElement;
  /** The image with a margin for handles: takes the pointer. */
  readonly surface: HTMLElement;
  readonly picture: HTMLImageElement;
  resize(shown: Size): void;
  draw(boxes: readonly BoxValue[], chosen: BoxValue | null, suggested: boolean): void;
  /** Show a box elsewhere while it is dragged. */
  place(box: BoxValue, at: Rect): void;
  rubber(at: Rect | null, label: string): void;
  cross(at: Point | null): void;
  /** Scroll to the chosen box or the crosshair. */
  reveal(): void;
  handleOf(node: EventTarget | undefined): Handle | null;
  /** Whether this node is the handle that turns. */
  turns(node: EventTarget | undefined): boolean;
  /** The box whose label is this node. */
  boxOf(node: EventTarget | undefined): BoxValue | null;
}

/** Height of a label, and the displayed side from which the middle handles have room, in CSS pixels. */
const CHIP = 20;
const ROOMY = 72;
/** How far the handle that turns stands off the box, and how far it may reach over the image, in CSS pixels. */
const OFF = 32;
const MARGIN = 8;
/** From one handle to the next the edge it pulls turns by 45 degrees. */
const CURSORS = ["nwse", "ns", "nesw", "ew"];

export function boxStage(
  frame: HTMLElement,
  image: Size,
  look: (label: string) => Look,
  rotated: boolean = false,
): Stage {
  const surface = part(frame, "ja-stage");
  const sheet = part(surface, "ja-stage-sheet");
  const picture = part(sheet, "ja-stage-image", "img") as HTMLImageElement;
  const layer = part(sheet, "ja-stage-boxes");
  const band = part(sheet, "ja-box");
  const grips = part(sheet, "ja-box-handles");
  const crosshair = part(sheet, "ja-stage-cross");
  const handles = new Map<unknown, Handle>(HANDLES.map((handle) => [part(grips, "ja-box-handle"), handle]));
  const turner = rotated ? part(grips, "ja-box-turner") : null;
  const drawn = new Map<BoxValue, HTMLElement>();
  let scale = 1;

  const cover = ({ style }: HTMLElement, at: Rect): void => {
    const { x, y, width, height } = at;
    if (rotated) style.rotate = `${angleOf(at)}deg`;
    style.left = share(x, image.width);
    style.top = share(y, image.height);
    style.width = share(width, image.width);
    style.height = share(height, image.height);
  };
  const settle = (element: HTMLElement, at: Rect): void => {
    cover(element, at);
    const place = chipPlace(enclosing(at), image, CHIP / scale);
    element.dataset.jaChip = place;
    if (rotated) placeUpright(element.firstChild as HTMLElement, at, place);
  };
  const grip = (at: Rect): void => {
    cover(grips, at);
    grips.classList.toggle("ja-box-handles--few", Math.min(at.width, at.height) * scale < ROOMY);
    if (!turner) return;
    turner.dataset.jaTurner = turnerPlace(at, image, OFF / scale, MARGIN / scale);
    const eighths = Math.round(angleOf(at) / 45);
    [...handles.keys()].forEach((handle, index) => {
      (handle as HTMLElement).style.cursor = `${CURSORS[(index + eighths) % 4]}-resize`;
    });
  };
  const elementOf = (box: BoxValue): HTMLElement => {
    const element = drawn.get(box) ?? boxElement(layer, box.label);
    drawn.set(box, element);
    return element;
  };

  return {
    frame,
    surface,
    picture,
    resize: ({ width, height }) => {
      scale = width / image.width;
      sheet.style.width = `${width}px`;
      sheet.style.height = `${height}px`;
      for (const [box, element] of drawn) settle(element, box);
    },
    draw: (boxes, chosen, suggested) => {
      const kept = new Set(boxes);
      for (const [box, element] of drawn) {
        if (kept.has(box)) continue;
        element.remove();
        drawn.delete(box);
      }
      for (const box of boxes) {
        const element = elementOf(box);
        paintMark(element, look(box.label), suggested, box === chosen);
        settle(element, box);
      }
      grips.hidden = !chosen;
      if (chosen) grip(chosen);
    },
    place: (box, at) => {
      settle(elementOf(box), at);
      grip(at);
    },
    rubber: (at, label) => {
      band.hidden = !at;
      if (at) cover(band, at);
      paintMark(band, look(label), true, false);
    },
    cross: (at) => {
      crosshair.hidden = !at;
      if (at) cover(crosshair, { ...at, width: 0, height: 0 });
    },
    reveal: () => (grips.hidden ? crosshair : grips).scrollIntoView?.({ block: "nearest", inline: "nearest" }),
    handleOf: (node) => handles.get(node) ?? null,
    turns: (node) => turner !== null && node === turner,
    boxOf: (node) => [...drawn].find(([, element]) => element.firstChild === node)?.[0] ?? null,
  };
}

const UNTURNED = { rotate: "", left: "", right: "", top: "", bottom: "", transformOrigin: "" };

/** The name of a turned box, turned back: at a corner outside, or in the middle. */
function placeUpright({ style }: HTMLElement, at: Rect, place: "above" | "below" | "inside"): void {
  Object.assign(style, angleOf(at) ? upright(at, place) : UNTURNED);
}

function upright(at: Rect, place: "above" | "below" | "inside"): typeof UNTURNED {
  const above = place === "above";
  const { x, y, toRight } = chipCorner(at, above);
  const [across, down] = place === "inside" ? [0.5, 0.5] : [x, y];
  const [side, end] = [toRight ? "left" : "right", above ? "bottom" : "top"];
  return {
    ...UNTURNED,
    left: "auto",
    bottom: "auto",
    [side]: share(toRight ? across : 1 - across, 1),
    [end]: share(above ? 1 - down : down, 1),
    rotate: `${-angleOf(at)}deg`,
    transformOrigin: `${side} ${end}`,
  };
}

function part(parent: HTMLElement, className: string, name = "div"): HTMLElement {
  const element = parent.ownerDocument.createElement(name);
  element.className = className;
  parent.append(element);
  return element;
}

function boxElement(layer: HTMLElement, label: string): HTMLElement {
  const element = part(layer, "ja-box");
  const chip = part(element, "ja-mark-label");
  chip.dir = "auto";
  chip.append(label);
  return element;
}
