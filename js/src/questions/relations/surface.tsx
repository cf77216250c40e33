/** The text of an item with its spans, and the relations between them as arcs. */

import { effect, type Signal, signal } from "@preact/signals-core";
import { createRef } from "preact";
import { type Command, handlerOf, keyName } from "../../keymap";
import { listen, type Stop, together } from "../../listen";
import { lookStyle } from "../../palette";
import type { Fragment, QuestionSpec } from "../../protocol";
import { fragmentsOf } from "../../text/fragments";
import { spanAt } from "../../text/spans";
import { useLayoutEffect, useOnce } from "../../ui/reactive";
import { type TextCanvas, textCanvas } from "../marks/canvas";
import { markCommand, once } from "../marks/keys";
import { unitUnder } from "../marks/selection";
import { putDown } from "../marks/state";
import type { KeyHandler } from "../module";
import { type Anchor, arcOf, levelsOf } from "./arcs";
import {
  begin,
  type End,
  fitting,
  point,
  putBack,
  type RelationEditor,
  type RelationsProps,
  type RelationValue,
  relationEditor,
  reverse,
  same,
  step,
} from "./editor";

/** More characters than this scroll in a box of their own. */
const LONG = 1200;

type Anchors = ReadonlyMap<string, Anchor>;
const keyOf = (end: End): string => `${fragmentsOf(end).flat()} ${end.label}`;

export function RelationsSurface(props: RelationsProps) {
  const editor = relationEditor(props);
  const place = useOnce(() => ({
    sheet: createRef<HTMLDivElement>(),
    host: createRef<HTMLDivElement>(),
    anchors: signal<Anchors>(new Map()),
  }));
  useLayoutEffect(() => {
    const [sheet, host] = [place.sheet.current, place.host.current];
    return sheet && host ? mount(sheet, host, place.anchors, editor, props) : undefined;
  }, [editor]);
  const long = editor.offsets.text.length > LONG ? " ja-spans--long" : "";
  return (
    <div class={`ja-spans ja-relations${long}`}>
      <div class="ja-relations-sheet" ref={place.sheet}>
        <div ref={place.host} role="document" aria-label={props.question.field} />
        <Arcs editor={editor} anchors={place.anchors.value} />
      </div>
    </div>
  );
}

function Arcs({ editor, anchors }: { editor: RelationEditor; anchors: Anchors }) {
  const { shown, spans, chosen, suggested, question } = editor;
  const relations = fitting(shown.value, spans.value);
  const levels = levelsOf(relations.map(reachOf));
  const drawn = relations.flatMap((relation, index) => {
    const [head, tail] = [anchors.get(keyOf(relation.head)), anchors.get(keyOf(relation.tail))];
    return head && tail ? [{ relation, arc: arcOf(head, tail, levels[index] as number) }] : [];
  });
  const classOf = (relation: RelationValue): string =>
    `ja-hue${relation === chosen.value ? " ja-chosen" : ""}${suggested.value ? " ja-dashed" : ""}`;
  return (
    <>
      <svg class="ja-arcs" aria-hidden="true">
        {drawn.map(({ relation, arc }, index) => (
          <g key={index} class={`ja-arc ${classOf(relation)}`} style={lookStyle(question, relation.label)}>
            <path d={arc.path} />
            <polygon points={arc.tip} />
          </g>
        ))}
      </svg>
      {drawn.map(({ relation, arc }, index) => (
        <span
          key={index}
          class={`ja-mark-label ja-arc-label ${classOf(relation)}`}
          dir="auto"
          style={{ ...lookStyle(question, relation.label), left: `${arc.x}px`, top: `${arc.y}px` }}
          onPointerDown={() => {
            editor.from.value = null;
            editor.choose(relation);
          }}
        >
          {relation.label}
        </span>
      ))}
    </>
  );
}

const reachOf = ({ head, tail }: RelationValue) => ({
  start: Math.min(head.start, tail.start),
  end: Math.max(head.end, tail.end),
});

/** The question about the spans, for their colours. */
function spansQuestion({ question, asked }: RelationsProps): QuestionSpec {
  return asked(question.between) ?? question;
}

function mount(
  sheet: HTMLElement,
  host: HTMLElement,
  anchors: Signal<Anchors>,
  editor: RelationEditor,
  props: RelationsProps,
): Stop {
  const { offsets } = editor;
  const about = spansQuestion(props);
  const canvas = textCanvas(host, offsets.text, (label) => lookStyle(about, label));
  const draw = (): void => {
    paint(canvas, editor);
    anchors.value = anchorsOf(sheet, canvas, editor);
  };
  const resizes = new ResizeObserver(draw);
  resizes.observe(host);
  return together([
    effect(draw),
    listen(host, "click", (ev: MouseEvent) => {
      props.activate();
      const span = spanUnder(canvas, editor, ev);
      if (span) point(editor, span);
      else putBack(editor);
    }),
    props.register(relationKeys(editor, () => reveal(host))),
    () => resizes.disconnect(),
  ]);
}

function paint(canvas: TextCanvas, { spans, from, at, offsets, chosen }: RelationEditor): void {
  const relation = chosen.value;
  const isOn = (span: End): boolean =>
    relation
      ? same(relation.head, span) || same(relation.tail, span)
      : [from.value, at.value].some((each) => each !== null && same(each, span));
  const strokes = spans.value.map((span) => ({
    start: offsets.toUnit(span.start),
    end: offsets.toUnit(span.end),
    label: span.label,
    dashed: from.value !== null && same(from.value, span),
    chosen: isOn(span),
    ...(span.fragments && {
      parts: span.fragments.map(([start, end]) => ({ start: offsets.toUnit(start), end: offsets.toUnit(end) })),
    }),
  }));
  canvas.draw(strokes, null);
}

function anchorsOf(sheet: HTMLElement, canvas: TextCanvas, { spans, offsets }: RelationEditor): Anchors {
  const { left, top } = sheet.getBoundingClientRect();
  return new Map(
    spans.value.flatMap((span) => {
      const [start, end] = fragmentsOf(span)[0] as Fragment;
      const range = canvas.rangeOf({ start: offsets.toUnit(start), end: offsets.toUnit(end) });
      const rect = range.getClientRects?.()[0];
      return rect ? [[keyOf(span), { x: rect.left + rect.width / 2 - left, top: rect.top - top }] as const] : [];
    }),
  );
}

function spanUnder(canvas: TextCanvas, editor: RelationEditor, ev: MouseEvent) {
  const { spans, offsets, at } = editor;
  const named = canvas.strokeOf(ev.composedPath()[0] as Node);
  if (named !== null) return spans.value[named] ?? null;
  const unit = unitUnder(offsets.text, canvas, ev.clientX, ev.clientY);
  return unit === null ? null : spanAt(spans.value, offsets.toCodePoint(unit), at.value);
}

const reveal = (host: HTMLElement): void =>
  queueMicrotask(() => host.querySelector(".ja-chosen")?.scrollIntoView?.({ block: "nearest" }));

function relationKeys(editor: RelationEditor, show: () => void): KeyHandler {
  return handlerOf((ev) => {
    const motion = motionCommand(editor, ev);
    if (!motion) return otherCommand(editor, ev);
    return () => {
      motion();
      show();
    };
  });
}

function motionCommand(editor: RelationEditor, ev: KeyboardEvent): Command | null {
  if (ev.key === "ArrowRight") return () => step(editor, 1);
  if (ev.key === "ArrowLeft") return () => step(editor, -1);
  const command = markCommand(editor, ev);
  return (
    command &&
    (() => {
      editor.from.value = null;
      editor.at.value = null;
      command();
    })
  );
}

function otherCommand(editor: RelationEditor, ev: KeyboardEvent): Command | null {
  const { chosen, from, at, armed } = editor;
  switch (keyName(ev)) {
    case "b":
      return once(ev, () => begin(editor));
    case "r":
      return chosen.value && once(ev, () => reverse(editor));
    case "Escape":
      if ([chosen, from, at, armed].every(({ value }) => value === null)) return null;
      return () => void (putBack(editor) || putDown(editor));
    default:
      return null;
  }
}
