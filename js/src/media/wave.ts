/** Drawing the part of a waveform that is in view, with its scale. */

import { type Peaks, peakBetween } from "./peaks";
import { clockOf, tickStep } from "./time";

/** The part of a recording in view, in seconds. */
export interface View {
  readonly from: number;
  readonly to: number;
}

/** Height of the scale below the wave, and from one tick to the next, in CSS pixels. */
const SCALE = 18;
const APART = 64;

export function drawWave(canvas: HTMLCanvasElement, peaks: Peaks | null, view: View): void {
  const pen = canvas.getContext("2d");
  const { clientWidth: width, clientHeight: height } = canvas;
  if (!pen || !width || view.to <= view.from) return;
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  pen.scale(ratio, ratio);
  const { color, fontFamily } = getComputedStyle(canvas);
  pen.fillStyle = color;
  pen.font = `11px ${fontFamily}`;
  const each = (view.to - view.from) / width;
  drawLoudness(pen, peaks, { from: view.from, each, width, middle: (height - SCALE) / 2 });
  const step = tickStep(each, APART);
  for (let at = Math.ceil(view.from / step) * step; at < view.to; at += step) {
    const x = (at - view.from) / each;
    pen.fillRect(x, height - SCALE, 1, 4);
    pen.fillText(clockOf(at, step < 1 ? 1 : 0), x + 3, height - 4);
  }
}

interface Columns {
  readonly from: number;
  /** Seconds of a column of pixels. */
  readonly each: number;
  readonly width: number;
  readonly middle: number;
}

function drawLoudness(
  pen: CanvasRenderingContext2D,
  peaks: Peaks | null,
  { from, each, width, middle }: Columns,
): void {
  if (!peaks) pen.fillRect(0, middle - 0.5, width, 1);
  for (let x = 0; peaks && x < width; x++) {
    const half = Math.max(0.5, peakBetween(peaks, from + x * each, from + (x + 1) * each) * (middle - 2));
    pen.fillRect(x, middle - half, 1, 2 * half);
  }
}
