/** An image to look at, near by and lit up if need be. Its bytes come by id from the kernel. */

import { type Signal, signal } from "@preact/signals-core";
import { createRef } from "preact";
import { ARROWS, kept, zoomed } from "../geometry/view";
import { type Command, handlerOf, keyName } from "../keymap";
import { listen, type Stop, together } from "../listen";
import type { ImageValue } from "../protocol";
import { row } from "../questions/module";
import { useLayoutEffect, useOnce } from "../ui/reactive";
import "./image.css";
import type { FieldModule, FieldProps } from "./module";

/** How an image is looked at; the file stays as it is. */
interface Look {
  readonly zoom: Signal<number>;
  /** 1 as it is. */
  readonly light: Signal<number>;
}

/** From one step of brightness to the next, darkest and brightest. */
const LIGHT = { factor: 1.25, least: 0.25, most: 4 };
/** Part of the view that an arrow key moves it by. */
const PAN = 0.2;

/** Where the bytes are once they are here, or why they are not. */
function useBytes({ value, blobs }: FieldProps) {
  const blob = (value as ImageValue | null)?.blob ?? "";
  const url = useOnce(() => signal(blobs.ready(blob)));
  const problem = useOnce(() => signal<string | null>(null));
  useLayoutEffect(() => {
    let wanted = blob !== "" && url.peek() === null;
    if (!wanted) return undefined;
    blobs.url(blob).then(
      (arrived) => {
        if (wanted) url.value = arrived;
      },
      (error: unknown) => {
        if (wanted) problem.value = error instanceof Error ? error.message : String(error);
      },
    );
    return () => {
      wanted = false;
    };
  }, [blob]);
  return { url, problem };
}

function ImageView(props: FieldProps) {
  const { value, name, title, register } = props;
  const image = value as ImageValue | null;
  const blob = image?.blob ?? "";
  const { url, problem } = useBytes(props);
  const look = useOnce<Look>(() => ({ zoom: signal(1), light: signal(1) }));
  const frame = useOnce(createRef<HTMLDivElement>);
  useLayoutEffect(() => {
    const element = frame.current;
    return element ? together([register(handlerOf((ev) => lookCommand(look, element, ev))), pan(element)]) : undefined;
  }, [blob]);
  if (!image) return <p class="ja-quiet">There is no image.</p>;
  if (problem.value !== null) return <p class="ja-problem">The image cannot be shown: {problem.value}</p>;
  const { width, height } = image;
  const size = `${look.zoom.value * 100}%`;
  // The place is reserved from the start: nothing below moves when the bytes arrive.
  return (
    <div class="ja-image-view" style={{ maxWidth: `${width}px` }}>
      <div
        ref={frame}
        class={`ja-image${look.zoom.value > 1 ? " ja-image--near" : ""}`}
        {...(look.zoom.value > 1 ? { role: "region", tabIndex: 0, "aria-label": `${title ?? name}, zoomed` } : {})}
        style={{ aspectRatio: `${width} / ${height}`, maxWidth: `${width}px` }}
      >
        {url.value !== null && (
          <img
            src={url.value}
            alt={title ?? name}
            draggable={false}
            style={{
              width: size,
              height: size,
              filter: look.light.value === 1 ? "" : `brightness(${look.light.value})`,
            }}
            onError={() => {
              problem.value = `the browser cannot decode it (${image.mime}).`;
            }}
          />
        )}
      </div>
      <LookTools look={look} frame={() => frame.current} />
    </div>
  );
}

function SmallImage(props: FieldProps) {
  const { url, problem } = useBytes(props);
  if (!props.value) return <p class="ja-quiet">There is no image.</p>;
  if (problem.value !== null) return <p class="ja-problem">The image cannot be shown: {problem.value}</p>;
  return <img class="ja-thumb" src={url.value ?? undefined} alt={props.title ?? props.name} draggable={false} />;
}

function zoomBy({ zoom }: Look, frame: HTMLElement | null, step: 1 | -1 | 0): void {
  const ratio = zoomed(zoom.peek(), step) / zoom.peek();
  zoom.value *= ratio;
  // What was in the middle of the view stays there.
  queueMicrotask(() => {
    if (!frame) return;
    frame.scrollLeft = kept(frame.scrollLeft, frame.clientWidth, ratio);
    frame.scrollTop = kept(frame.scrollTop, frame.clientHeight, ratio);
  });
}

function lightBy({ light }: Look, step: 1 | -1): void {
  const next = step > 0 ? light.peek() * LIGHT.factor : light.peek() / LIGHT.factor;
  light.value = Math.round(Math.max(LIGHT.least, Math.min(LIGHT.most, next)) * 1000) / 1000;
}

function lookCommand(look: Look, frame: HTMLElement, ev: KeyboardEvent): Command | null {
  const direction = ARROWS[ev.key];
  if (direction && look.zoom.peek() > 1) {
    const [right, down] = direction;
    return () => frame.scrollBy?.(right * PAN * frame.clientWidth, down * PAN * frame.clientHeight);
  }
  const commands: Readonly<Record<string, Command>> = {
    "+": () => zoomBy(look, frame, 1),
    "=": () => zoomBy(look, frame, 1),
    "-": () => zoomBy(look, frame, -1),
    "0": () => zoomBy(look, frame, 0),
    "[": () => lightBy(look, -1),
    "]": () => lightBy(look, 1),
  };
  return commands[keyName(ev)] ?? null;
}

/** Drag what is larger than its frame. */
function pan(frame: HTMLElement): Stop {
  let from: PointerEvent | null = null;
  return together([
    listen(frame, "pointerdown", (ev: PointerEvent) => {
      if (ev.button !== 0 || ev.pointerType === "touch" || frame.scrollWidth <= frame.clientWidth) return;
      from = ev;
      frame.setPointerCapture?.(ev.pointerId);
    }),
    listen(frame, "pointermove", (ev: PointerEvent) => {
      if (!from) return;
      frame.scrollBy?.(from.clientX - ev.clientX, from.clientY - ev.clientY);
      from = ev;
    }),
    ...["pointerup", "pointercancel"].map((name) =>
      listen(frame, name as "pointerup", () => {
        from = null;
      }),
    ),
  ]);
}

function LookTools({ look, frame }: { look: Look; frame: () => HTMLElement | null }) {
  const { zoom, light } = look;
  const tools = [
    { name: "Zoom out", text: "−", off: zoom.value === 1, press: () => zoomBy(look, frame(), -1) },
    {
      name: "Show the whole image",
      text: `${Math.round(zoom.value * 100)} %`,
      off: zoom.value === 1,
      press: () => zoomBy(look, frame(), 0),
    },
    { name: "Zoom in", text: "+", off: false, press: () => zoomBy(look, frame(), 1) },
    { name: "Darker", text: "☾", off: light.value <= LIGHT.least, press: () => lightBy(look, -1) },
    { name: "Brighter", text: "☀", off: light.value >= LIGHT.most, press: () => lightBy(look, 1) },
  ];
  return (
    <div class="ja-image-tools">
      {tools.map(({ name, text, off, press }) => (
        <button
          key={name}
          type="button"
          class="ja-tool"
          aria-label={name}
          title={name}
          aria-disabled={off}
          onClick={() => off || press()}
        >
          {text}
        </button>
      ))}
    </div>
  );
}

export const image: FieldModule = {
  kind: "image",
  View: ImageView,
  Small: SmallImage,
  legend: [
    row("zoom in, out, whole image", "+", "-", "0"),
    row("move about when zoomed", "←", "→", "↑", "↓"),
    row("darker, brighter", "[", "]"),
  ],
};
