/** An image to draw on with SVG and handles: fitted, zoomed, loaded. What is drawn are its children. */

import { effect, type Signal, signal } from "@preact/signals-core";
import { type ComponentChildren, createRef } from "preact";
import type { Point } from "../../geometry/boxes";
import { fitted, kept, share, zoomed } from "../../geometry/view";
import { type Command, keyName } from "../../keymap";
import { type Stop, together } from "../../listen";
import { useLayoutEffect, useOnce } from "../../ui/reactive";
import type { BlobSource, KeyHandler } from "../module";
import { type Loading, loadImage } from "./load";

/** What every editor on an image has. */
export interface OnImage extends Loading {
  readonly crosshair: Signal<Point | null>;
  readonly fine: Signal<boolean>;
  readonly zoom: Signal<number>;
}

export interface Stage {
  /** Scrolls when zoomed. */
  readonly frame: HTMLElement;
  /** Takes the pointer. */
  readonly stage: HTMLElement;
  readonly picture: HTMLImageElement;
}

interface StageProps {
  readonly editor: OnImage;
  /** Name of the field. */
  readonly field: string;
  readonly blobs: BlobSource;
  readonly register: (keys: KeyHandler) => () => void;
  readonly point: (stage: Stage) => Stop;
  /** What it gets scrolls to what the keys act on. */
  readonly keys: (reveal: () => void) => KeyHandler;
  readonly children: ComponentChildren;
}

/** Margin around the image for handles, and the height an image may take, in CSS pixels. */
const MARGIN = 14;
const MOST_HEIGHT = 640;
/** As a part of the window, so that the labels stay in sight. */
const MOST_OF_WINDOW = 0.6;
const LEAST_HEIGHT = 200;
/** Pixels of a coarse step: ten, or a 64th of a large image. */
const COARSE = 10;
const STEPS_ACROSS = 64;

export const stepOf = ({ fine, image }: OnImage): number =>
  fine.value ? 1 : Math.max(COARSE, Math.round(Math.max(image.width, image.height) / STEPS_ACROSS));

/** Where keys draw: at first the middle of the image. */
export const whereCrosshair = ({ crosshair, image }: OnImage): Point =>
  crosshair.value ?? { x: Math.round(image.width / 2), y: Math.round(image.height / 2) };

/** What an editor on an image begins with. */
export const onImage = (image: OnImage["image"]): OnImage => ({
  image,
  ready: signal(false),
  problem: signal<string | null>(null),
  crosshair: signal<Point | null>(null),
  fine: signal(false),
  zoom: signal(1),
});

/** Zoom, and how far the arrow keys go. */
export function viewCommand({ zoom, fine }: OnImage, ev: KeyboardEvent): Command | null {
  const step = { "+": 1, "=": 1, "-": -1, _: -1, "0": 0 }[keyName(ev)] as 1 | -1 | 0 | undefined;
  if (step !== undefined)
    return () => {
      zoom.value = zoomed(zoom.value, step);
    };
  if (keyName(ev) !== "t") return null;
  return () => {
    fine.value = !fine.value;
  };
}

function sizeOf({ image }: OnImage, room: number): { width: number; height: number } {
  const most = Math.max(LEAST_HEIGHT, Math.min(MOST_HEIGHT, MOST_OF_WINDOW * window.innerHeight));
  return fitted(image, { width: Math.max(room - 2 * MARGIN, 80), height: most });
}

export function ImageStage(props: StageProps) {
  const { editor, field, children } = props;
  const place = useOnce(() => ({
    frame: createRef<HTMLDivElement>(),
    stage: createRef<HTMLDivElement>(),
    picture: createRef<HTMLImageElement>(),
    room: signal(0),
  }));
  useLayoutEffect(() => {
    const [frame, stage, picture] = [place.frame.current, place.stage.current, place.picture.current];
    return frame && stage && picture ? mount({ frame, stage, picture }, place.room, props) : undefined;
  }, [editor]);
  const problem = editor.problem.value;
  const { width, height } = sizeOf(editor, place.room.value);
  const zoom = editor.zoom.value;
  return (
    <div class="ja-on-image">
      <div
        class="ja-image-frame"
        ref={place.frame}
        hidden={problem !== null}
        style={{ height: `${height + 2 * MARGIN}px` }}
      >
        <div class="ja-stage" ref={place.stage}>
          <div class="ja-stage-sheet" style={{ width: `${width * zoom}px`, height: `${height * zoom}px` }}>
            <img class="ja-stage-image" ref={place.picture} alt={field} draggable={false} />
            {editor.ready.value && children}
          </div>
        </div>
      </div>
      {problem !== null && (
        <p class="ja-problem" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}

function mount(parts: Stage, room: Signal<number>, { editor, blobs, register, point, keys }: StageProps): Stop {
  const { frame, picture } = parts;
  room.value = frame.clientWidth;
  const resizes = new ResizeObserver(() => {
    room.value = frame.clientWidth;
  });
  resizes.observe(frame);
  let before = editor.zoom.peek();
  return together([
    loadImage(picture, editor, blobs),
    point(parts),
    register(keys(() => reveal(frame))),
    effect(() => {
      // What was in the middle of the view stays there.
      const ratio = editor.zoom.value / before;
      before = editor.zoom.value;
      const { scrollLeft, scrollTop, clientWidth, clientHeight } = frame;
      queueMicrotask(() => {
        frame.scrollLeft = kept(scrollLeft, clientWidth, ratio);
        frame.scrollTop = kept(scrollTop, clientHeight, ratio);
      });
    }),
    () => resizes.disconnect(),
  ]);
}

const reveal = (frame: HTMLElement): void =>
  queueMicrotask(() =>
    frame
      .querySelector(".ja-corner--now, .ja-chosen, .ja-stage-cross")
      ?.scrollIntoView?.({ block: "nearest", inline: "nearest" }),
  );

/** Where the arrow keys draw. */
export function Crosshair({ editor }: { editor: OnImage }) {
  const { image, crosshair } = editor;
  const at = crosshair.value;
  return (
    at && <div class="ja-stage-cross" style={{ left: share(at.x, image.width), top: share(at.y, image.height) }} />
  );
}
