/** Playing sound or a film without a DOM of its own: where it is, how long it takes, how loud. */

import { type Signal, signal } from "@preact/signals-core";
import { listen, type Stop, together } from "../listen";
import type { BlobSource } from "../questions/module";
import { remember } from "../remember";
import { type Peaks, peaksOf } from "./peaks";

/** What the kernel says about a recording. */
export interface MediaValue {
  readonly blob: string;
  readonly mime: string;
  /** Length; null where only the browser can tell. */
  readonly seconds: number | null;
  readonly bytes: number;
}

interface Heard {
  readonly media: MediaValue;
  /** Seconds from the beginning. */
  readonly time: Signal<number>;
  readonly length: Signal<number>;
  readonly playing: Signal<boolean>;
  readonly rate: Signal<number>;
  readonly peaks: Signal<Peaks | null>;
  readonly ready: Signal<boolean>;
  readonly problem: Signal<string | null>;
}

export interface Player extends Heard {
  toggle(): void;
  seek(to: number): void;
  /** From here to there, then stop. */
  playFromTo(from: number, to: number): void;
  /** The element that plays while it is on screen. */
  attach(element: HTMLMediaElement, blobs: BlobSource): Stop;
}

export const RATES = [0.5, 0.75, 1, 1.25, 1.5, 2] as const;

/** Further than any recording: where a browser looks for the end of one that does not tell its length. */
const FAR = 1e9;
const NO_STOP = Number.POSITIVE_INFINITY;

/** The player of a recording, the same for all who ask. */
export const playerOf = (media: MediaValue): Player => remember(media, () => newPlayer(media));

function newPlayer(media: MediaValue): Player {
  const heard: Heard = {
    media,
    time: signal(0),
    length: signal(media.seconds ?? 0),
    playing: signal(false),
    rate: signal(1),
    peaks: signal<Peaks | null>(null),
    ready: signal(false),
    problem: signal<string | null>(null),
  };
  const { time, length, playing, rate, ready, problem } = heard;
  let element: HTMLMediaElement | null = null;
  let stopAt = NO_STOP;

  const moveTo = (to: number): void => {
    time.value = Math.max(0, Math.min(to, length.peek() || to));
    if (element) element.currentTime = time.peek();
  };
  const start = (): void =>
    void element?.play()?.catch((why: unknown) => {
      if ((why as Error)?.name !== "AbortError") problem.value = "the browser does not let it play.";
    });
  /** Asked in every frame while it plays: the events of an element come four times a second only. */
  const follow = (): void => {
    if (!element) return;
    time.value = element.currentTime;
    if (element.currentTime >= stopAt) {
      element.pause();
      moveTo(stopAt);
      stopAt = NO_STOP;
    }
    if (playing.peek()) requestAnimationFrame(follow);
  };
  const measure = (at: HTMLMediaElement): void => {
    if (!Number.isFinite(at.duration)) at.currentTime = FAR;
    else {
      length.value = at.duration;
      if (!ready.peek() && at.currentTime >= at.duration) at.currentTime = 0;
      ready.value = true;
    }
  };
  return {
    ...heard,
    seek(to) {
      stopAt = NO_STOP;
      moveTo(to);
    },
    toggle() {
      if (playing.peek()) element?.pause();
      else {
        stopAt = NO_STOP;
        if (time.peek() >= length.peek() - 0.01) moveTo(0);
        start();
      }
    },
    playFromTo(from, to) {
      moveTo(from);
      stopAt = to;
      start();
    },
    attach(at, blobs) {
      element = at;
      const played = (on: boolean) => (): void => {
        playing.value = on;
        follow();
      };
      const failed = (why: unknown): void => {
        if (element === at) problem.value = why instanceof Error ? why.message : String(why);
      };
      blobs.url(media.blob).then((url) => {
        if (element !== at) return;
        at.src = url;
        at.playbackRate = rate.peek();
        void listenTo(heard, blobs);
      }, failed);
      return together([
        listen(at, "durationchange", () => measure(at)),
        listen(at, "play", played(true)),
        listen(at, "pause", played(false)),
        listen(at, "ended", played(false)),
        listen(at, "seeked", () => {
          if (!ready.peek()) measure(at);
          else if (!at.seeking) time.value = at.currentTime;
        }),
        listen(at, "error", () => failed(`the browser cannot decode it (${media.mime}).`)),
        rate.subscribe((speed) => {
          at.playbackRate = speed;
        }),
        () => {
          if (element === at) element = null;
          at.pause();
          at.removeAttribute("src");
          playing.value = false;
        },
      ]);
    },
  };
}

async function listenTo({ media, peaks }: Heard, blobs: BlobSource): Promise<void> {
  if (peaks.peek() !== null || !media.mime.startsWith("audio/") || !blobs.data) return;
  peaks.value = await peaksOf(await blobs.data(media.blob), media);
}
