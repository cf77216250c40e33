/** A recording with its timeline: film or sound, wave, playhead, and what is drawn over it as children. */

import { effect, type Signal, signal } from "@preact/signals-core";
import { type ComponentChildren, createRef } from "preact";
import { kept, share, zoomed } from "../geometry/view";
import { type Command, handlerOf, keyName } from "../keymap";
import { listen, type Stop, together } from "../listen";
import type { BlobSource, KeyHandler } from "../questions/module";
import { useLayoutEffect, useOnce } from "../ui/reactive";
import "./media.css";
import { type Player, RATES } from "./player";
import { clockOf } from "./time";
import { drawWave } from "./wave";

/** What every editor on a recording has. */
export interface OnRecording {
  readonly player: Player;
  readonly fine: Signal<boolean>;
  readonly zoom: Signal<number>;
}

interface RecordingProps {
  readonly editor: OnRecording;
  /** Name of the field. */
  readonly field: string;
  readonly blobs: BlobSource;
  readonly register: (keys: KeyHandler) => () => void;
  /** What the pointer does on the timeline; it seeks by default. */
  readonly point?: (timeline: HTMLElement) => Stop;
  /** Keys beyond those of playing, and before them. */
  readonly keys?: (ev: KeyboardEvent) => Command | null;
  readonly children?: ComponentChildren;
}

interface Place {
  readonly film: HTMLVideoElement;
  /** Scrolls when zoomed. */
  readonly frame: HTMLElement;
  readonly timeline: HTMLElement;
  readonly wave: HTMLCanvasElement;
}

/** Seconds of an arrow key. */
const COARSE = 1;
const FINE = 0.05;

export const onRecording = (player: Player): OnRecording => ({ player, fine: signal(false), zoom: signal(1) });

export const stepOf = ({ fine }: OnRecording): number => (fine.value ? FINE : COARSE);

/** The moment under a pointer. */
export function timeAt({ length }: Player, timeline: HTMLElement, ev: PointerEvent): number {
  const { left, width } = timeline.getBoundingClientRect();
  return Math.max(0, Math.min(1, (ev.clientX - left) / (width || 1))) * length.peek();
}

function playCommand(editor: OnRecording, ev: KeyboardEvent): Command | null {
  const { player, fine, zoom } = editor;
  const by = (seconds: number) => () => player.seek(player.time.peek() + seconds);
  const zoomBy = (step: 1 | -1 | 0) => () => {
    zoom.value = zoomed(zoom.value, step);
  };
  const commands: Readonly<Record<string, Command>> = {
    p: () => ev.repeat || player.toggle(),
    t: () => {
      fine.value = !fine.value;
    },
    ArrowLeft: by(-stepOf(editor)),
    ArrowRight: by(stepOf(editor)),
    Home: () => player.seek(0),
    End: () => player.seek(player.length.peek()),
    "+": zoomBy(1),
    "=": zoomBy(1),
    "-": zoomBy(-1),
    "0": zoomBy(0),
  };
  return commands[keyName(ev)] ?? null;
}

export function RecordingStage(props: RecordingProps) {
  const { editor, field, children } = props;
  const { player, zoom } = editor;
  const place = useOnce(() => ({
    film: createRef<HTMLVideoElement>(),
    frame: createRef<HTMLDivElement>(),
    timeline: createRef<HTMLDivElement>(),
    wave: createRef<HTMLCanvasElement>(),
  }));
  useLayoutEffect(() => {
    const [film, frame, timeline, wave] = [
      place.film.current,
      place.frame.current,
      place.timeline.current,
      place.wave.current,
    ];
    return film && frame && timeline && wave ? mount({ film, frame, timeline, wave }, props) : undefined;
  }, [editor]);
  const off = player.problem.value !== null;
  return (
    <div class="ja-recording">
      {/* biome-ignore lint/a11y/useMediaCaption: what is labeled comes without captions, or has them in its pictures */}
      <video
        ref={place.film}
        class="ja-film"
        hidden={off || !player.media.mime.startsWith("video/")}
        preload="auto"
        playsInline
      />
      <div class="ja-timeline-frame" ref={place.frame} hidden={off}>
        <div class="ja-timeline" ref={place.timeline} style={{ width: `${zoom.value * 100}%` }}>
          <canvas class="ja-wave" ref={place.wave} />
          {children}
          <Playhead player={player} field={field} />
        </div>
      </div>
      {off ? (
        <p class="ja-problem" role="alert">
          This cannot be played: {player.problem.value}
        </p>
      ) : (
        <PlayBar player={player} />
      )}
    </div>
  );
}

function Playhead({ player: { time, length }, field }: { player: Player; field: string }) {
  return (
    <div
      class="ja-playhead"
      role="slider"
      tabIndex={0}
      aria-label={`Position in ${field}`}
      aria-valuemin={0}
      aria-valuemax={Math.round(length.value * 1000) / 1000}
      aria-valuenow={Math.round(time.value * 1000) / 1000}
      aria-valuetext={clockOf(time.value)}
      style={{ left: share(time.value, length.value) }}
    />
  );
}

function PlayBar({ player }: { player: Player }) {
  const { playing, time, length, rate } = player;
  return (
    <div class="ja-playbar">
      <button
        type="button"
        class="ja-button"
        aria-label={playing.value ? "Pause" : "Play"}
        onClick={() => player.toggle()}
      >
        <span aria-hidden="true">{playing.value ? "❚❚" : "▶"}</span> <kbd class="ja-key">p</kbd>
      </button>
      <span class="ja-clock">
        {clockOf(time.value)} / {clockOf(length.value)}
      </span>
      <label class="ja-rate">
        speed{" "}
        <select
          aria-label="Speed"
          value={String(rate.value)}
          onChange={(ev) => {
            rate.value = Number(ev.currentTarget.value);
          }}
        >
          {RATES.map((each) => (
            <option key={each} value={String(each)}>
              {each}×
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

function mount(place: Place, { editor, blobs, register, point, keys }: RecordingProps): Stop {
  const { film, frame, timeline, wave } = place;
  const { player, zoom } = editor;
  const draw = (): void => {
    const each = player.length.value / (timeline.clientWidth || 1);
    const from = frame.scrollLeft * each;
    drawWave(wave, player.peaks.value, { from, to: from + frame.clientWidth * each });
  };
  const resizes = new ResizeObserver(draw);
  resizes.observe(frame);
  let before = zoom.peek();
  return together([
    player.attach(film, blobs),
    register(handlerOf((ev) => keys?.(ev) ?? playCommand(editor, ev))),
    (point ?? seekBy(player))(timeline),
    listen(frame, "scroll", draw),
    effect(draw),
    effect(() => {
      // What was in the middle of the view stays there.
      const ratio = zoom.value / before;
      before = zoom.value;
      queueMicrotask(() => {
        frame.scrollLeft = kept(frame.scrollLeft, frame.clientWidth, ratio);
        draw();
      });
    }),
    effect(() => follow(place, player)),
    () => resizes.disconnect(),
  ]);
}

/** Keep the playhead in sight where the timeline is longer than the page is wide. */
function follow({ frame, timeline }: Place, { time, length }: Player): void {
  const x = (time.value / (length.value || 1)) * timeline.clientWidth;
  const { scrollLeft, clientWidth } = frame;
  if (x < scrollLeft || x > scrollLeft + clientWidth) frame.scrollLeft = x - clientWidth / 8;
}

const seekBy =
  (player: Player) =>
  (timeline: HTMLElement): Stop => {
    const seek = (ev: PointerEvent): void => {
      if (ev.buttons & 1) player.seek(timeAt(player, timeline, ev));
    };
    return together([
      listen(timeline, "pointerdown", (ev: PointerEvent) => {
        timeline.setPointerCapture?.(ev.pointerId);
        seek(ev);
      }),
      listen(timeline, "pointermove", seek),
    ]);
  };
