/** The text of an item, to be read and marked. */

import { effect } from "@preact/signals-core";
import { createRef } from "preact";
import { type Stop, together } from "../../listen";
import { lookStyle } from "../../palette";
import { reachOf } from "../../text/caret";
import type { Reach } from "../../text/pieces";
import { useLayoutEffect, useOnce } from "../../ui/reactive";
import { type TextCanvas, textCanvas } from "../marks/canvas";
import { baseOf, pieceOf, reachesOf, type SpanEditor, type SpansProps, spanEditor, unitsOf } from "./editor";
import { spanKeys } from "./keys";
import type { Spot } from "./lines";
import { pointAtText } from "./pointing";

/** More characters than this scroll in a box of their own. */
const LONG = 1200;

export function SpansSurface(props: SpansProps) {
  const host = useOnce(createRef<HTMLDivElement>);
  const editor = spanEditor(props);
  useLayoutEffect(() => (host.current ? mount(host.current, editor, props) : undefined), [editor]);
  const long = editor.offsets.text.length > LONG ? " ja-spans--long" : "";
  return <div class={`ja-spans${long}`} role="document" aria-label={props.question.field} ref={host} />;
}

function mount(host: HTMLElement, editor: SpanEditor, props: SpansProps): Stop {
  const canvas = textCanvas(host, editor.offsets.text, (label) => lookStyle(props.question, label));
  const reveal = (): void => host.querySelector(".ja-picked, .ja-chosen")?.scrollIntoView?.({ block: "nearest" });
  return together([
    effect(() => paint(canvas, editor)),
    pointAtText(editor, canvas, () => props.activate()),
    props.register(spanKeys(editor, (piece) => spotOf(canvas, piece), reveal)),
  ]);
}

function paint(canvas: TextCanvas, editor: SpanEditor): void {
  const { shown, suggested, chosen, caret, native } = editor;
  if (native.value) return;
  const base = baseOf(editor);
  const strokes = shown.value.map((span) => ({
    ...unitsOf(editor, span),
    label: span.label,
    dashed: suggested.value,
    chosen: span === (chosen.value ?? base),
    ...(span.fragments && { parts: reachesOf(editor, span), part: span === chosen.value ? pieceOf(editor, span) : -1 }),
  }));
  canvas.draw(strokes, caret.value && reachOf(caret.value));
}

function spotOf(canvas: TextCanvas, piece: Reach): Spot | null {
  const rect = canvas.rangeOf(piece).getClientRects()[0];
  return rect ? { x: rect.left + rect.width / 2, y: rect.top + rect.height / 2, height: rect.height } : null;
}
