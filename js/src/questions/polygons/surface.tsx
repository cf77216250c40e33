/** The image of an item with its outlines: SVG in pixels of the image, so zooming moves nothing. */

import { type Corners, middlesOf, pointOf } from "../../geometry/polygons";
import { share } from "../../geometry/view";
import { lookStyle } from "../../palette";
import { Crosshair, ImageStage } from "../marks/image";
import { nextLabel, type PolygonEditor, type PolygonsProps, type PolygonValue, polygonEditor } from "./editor";
import { polygonKeys } from "./keys";
import { drawOnImage } from "./pointing";

export function PolygonsSurface(props: PolygonsProps) {
  const editor = polygonEditor(props);
  return (
    <ImageStage
      editor={editor}
      field={props.question.field ?? ""}
      blobs={props.blobs}
      register={props.register}
      point={(stage) => drawOnImage(editor, stage, props.activate)}
      keys={(reveal) => polygonKeys(editor, reveal)}
    >
      <Outlines editor={editor} />
      <Active editor={editor} />
    </ImageStage>
  );
}

const pathOf = (points: Corners): string => points.map(([x, y]) => `${x},${y}`).join(" ");

/** All outlines; drawn again when one of them changes, not while one is dragged. */
function Outlines({ editor }: { editor: PolygonEditor }) {
  const { image, shown, chosen, suggested, closed, question } = editor;
  const Shape = closed ? "polygon" : "polyline";
  return (
    <>
      <svg
        class="ja-image-layer"
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
  const { image, path, ghost, chosen, crosshair, closed, corner, question } = editor;
  const drawn = path.value;
  const points = ghost.value ?? chosen.value?.points ?? null;
  const label = chosen.value?.label ?? nextLabel(editor);
  const at = crosshair.value;
  const Shape = closed ? "polygon" : "polyline";
  return (
    <>
      <svg
        class="ja-image-layer ja-hue"
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
            class="ja-edge-middle"
            data-ja-edge={index}
            style={{ left: share(x, image.width), top: share(y, image.height) }}
          />
        ))}
      {(drawn ?? points ?? []).map(pointOf).map(({ x, y }, index) => (
        <i
          key={`c${index}`}
          class={`ja-corner${corner.value === index && !drawn ? " ja-corner--now" : ""}`}
          data-ja-corner={drawn ? undefined : index}
          style={{ left: share(x, image.width), top: share(y, image.height) }}
        />
      ))}
      {!chosen.value && <Crosshair editor={editor} />}
    </>
  );
}
