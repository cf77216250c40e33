/** The image of an item with its outlines: SVG in pixels of the image, so zooming moves nothing. */

import { effect, type Signal, signal } from "@preact/signals-core";
import { createRef, type RefObject } from "preact";
import { type Corners, middlesOf, pointOf } from "../../geometry/polygons";
import { fitted, kept } from "../../geometry/view";
import { together } from "../../listen";
import { lookStyle } from "../../palette";
import { useLayoutEffect, useOnce } from "../../ui/reactive";
import { loadImage } from "../marks/load";
import { nextLabel, type PolygonEditor, type PolygonsProps, type PolygonValue, polygonEditor } from "./editor";
import { polygonKeys } from "./keys";
import { drawOnImage } from "./pointing";

/** Margin around the image for handles, and the height an image may take, in CSS pixels. */
const MARGIN = 14;
const MOST_HEIGHT = 640;
const MOST_OF_WINDOW = 0.6;
const LEAST_HEIGHT = 200;

interface Place {
  readonly frame: RefObject<HTMLDivElement | null>;
  readonly stage: RefObject<HTMLDivElement | null>;
  readonly picture: RefObject<HTMLImageElement | null>;
  readonly room: Signal<number>;
}

export function PolygonsSurface(props: PolygonsProps) {
  const editor = polygonEditor(props);
  const place = useOnce<Place>(() => ({
    frame: createRef(),
    stage: createRef(),
    picture: createRef(),
    room: signal(0),
  }));
  useLayoutEffect(() => mount(place, editor, props), [editor]);
  const problem = editor.problem.value;
  const size = sizeOf(editor, place.room.value);
  const zoom = editor.zoom.value;
  return (
    <div class="ja-polygons">
      <div
        class="ja-polygons-frame"
        ref={place.frame}
        hidden={problem !== null}
        style={{ height: `${size.height + 2 * MARGIN}px` }}
      >
        <div class="ja-stage" ref={place.stage}>
          <div class="ja-stage-sheet" style={{ width: `${size.width * zoom}px`, height: `${size.height * zoom}px` }}>
            <img class="ja-stage-image" ref={place.picture} alt={props.question.field ?? ""} draggable={false} />
            <Outlines editor={editor} />
            <Active editor={editor} />
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

function mount(place: Place, editor: PolygonEditor, props: PolygonsProps): (() => void) | undefined {
  const { frame, stage, picture } = place;
  if (!frame.current || !stage.current || !picture.current) return undefined;
  const shown = frame.current;
  place.room.value = shown.clientWidth;
  const resizes = new ResizeObserver(() => {
    place.room.value = shown.clientWidth;
  });
  resizes.observe(shown);
  let before = editor.zoom.peek();
  return together([
    loadImage(picture.current, editor, props.blobs),
    drawOnImage(editor, { frame: shown, stage: stage.current, picture: picture.current }, props.activate),
    props.register(polygonKeys(editor, () => reveal(shown))),
    effect(() => {
      // What was in the middle of the view stays there.
      const ratio = editor.zoom.value / before;
      before = editor.zoom.value;
      const { scrollLeft, scrollTop, clientWidth, clientHeight } = shown;
      queueMicrotask(() => {
        shown.scrollLeft = kept(scrollLeft, clientWidth, ratio);
        shown.scrollTop = kept(scrollTop, clientHeight, ratio);
      });
    }),
    () => resizes.disconnect(),
  ]);
}

const reveal = (frame: HTMLElement): void =>
  queueMicrotask(() =>
    frame
      .querySelector(".ja-polygon-corner--now, .ja-polygon.ja-chosen, .ja-stage-cross")
      ?.scrollIntoView?.({ block: "nearest", inline: "nearest" }),
  );

function sizeOf({ image }: PolygonEditor, room: number): { width: number; height: number } {
  const most = Math.max(LEAST_HEIGHT, Math.min(MOST_HEIGHT, MOST_OF_WINDOW * window.innerHeight));
  return fitted(image, { width: Math.max(room - 2 * MARGIN, 80), height: most });
}

const pathOf = (points: Corners): string => points.map(([x, y]) => `${x},${y}`).join(" ");

/** All outlines; drawn again when one of them changes, not while one is dragged. */
function Outlines({ editor }: { editor: PolygonEditor }) {
  const { image, shown, chosen, suggested, closed, question, ready } = editor;
  if (!ready.value) return null;
  const Shape = closed ? "polygon" : "polyline";
  return (
    <>
      <svg
        class="ja-polygons-layer"
        viewBox={`0 0 ${image.width} ${image.height}`}
        preserveAspectRatio="none"
        aria-hidden="true"
      >
        {shown.value.map((mark, index) => (
          <g key={index} class={classOf(mark, chosen.value, suggested.value)} style={lookStyle(question, mark.label)}>
            <Shape class="ja-polygon-under" points={pathOf(mark.points)} />
            <Shape class="ja-polygon-line" points={pathOf(mark.points)} />
          </g>
        ))}
      </svg>
      {shown.value.map((mark, index) => (
        <Chip key={index} editor={editor} mark={mark} />
      ))}
    </>
  );
}

const classOf = (mark: PolygonValue, chosen: PolygonValue | null, suggested: boolean): string =>
  `ja-polygon ja-hue${mark === chosen ? " ja-chosen" : ""}${suggested ? " ja-dashed" : ""}`;

const share = (part: number, whole: number): string => `${(part / whole) * 100}%`;

/** The label, above the uppermost corner. */
function Chip({ editor, mark }: { editor: PolygonEditor; mark: PolygonValue }) {
  const { image, question, chosen, suggested } = editor;
  const [x, y] = mark.points.reduce((top, corner) => (corner[1] < top[1] ? corner : top));
  const low = y < image.height * 0.06;
  return (
    <span
      class={`ja-mark-label ja-hue ja-polygon-label${low ? " ja-polygon-label--below" : ""}${
        mark === chosen.value ? " ja-chosen" : ""
      }${suggested.value ? " ja-dashed" : ""}`}
      dir="auto"
      style={{ ...lookStyle(question, mark.label), left: share(x, image.width), top: share(y, image.height) }}
    >
      {mark.label}
    </span>
  );
}

/** What moves with the pointer or the arrow keys: the path being drawn, the outline being dragged, corners, crosshair. */
function Active({ editor }: { editor: PolygonEditor }) {
  const { image, ready, path, ghost, chosen, crosshair, closed, corner, question } = editor;
  if (!ready.value) return null;
  const drawn = path.value;
  const points = ghost.value ?? chosen.value?.points ?? null;
  const label = chosen.value?.label ?? nextLabel(editor);
  const at = crosshair.value;
  const Shape = closed ? "polygon" : "polyline";
  return (
    <>
      <svg
        class="ja-polygons-layer ja-hue"
        viewBox={`0 0 ${image.width} ${image.height}`}
        preserveAspectRatio="none"
        aria-hidden="true"
        style={lookStyle(question, label)}
      >
        {ghost.value && <Shape class="ja-polygon-line ja-polygon-line--ghost" points={pathOf(ghost.value)} />}
        {drawn && (
          <polyline
            class="ja-polygon-line ja-polygon-line--ghost"
            points={pathOf(at ? [...drawn, [at.x, at.y]] : drawn)}
          />
        )}
      </svg>
      {points &&
        !drawn &&
        !ghost.value &&
        middlesOf(points, closed).map(({ x, y }, index) => (
          <i
            key={`e${index}`}
            class="ja-polygon-middle"
            data-ja-edge={index}
            style={{ left: share(x, image.width), top: share(y, image.height) }}
          />
        ))}
      {(drawn ?? points ?? []).map(pointOf).map(({ x, y }, index) => (
        <i
          key={`c${index}`}
          class={`ja-polygon-corner${corner.value === index && !drawn ? " ja-polygon-corner--now" : ""}`}
          data-ja-corner={drawn ? undefined : index}
          style={{ left: share(x, image.width), top: share(y, image.height) }}
        />
      ))}
      {at && !chosen.value && (
        <div class="ja-stage-cross" style={{ left: share(at.x, image.width), top: share(at.y, image.height) }} />
      )}
    </>
  );
}
