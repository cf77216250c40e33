/** How loud a recording is over time, for its waveform. */

import type { MediaValue } from "./player";

/** Loudness from 0 to 1 in steps of a hundredth of a second. */
export type Peaks = Float32Array;

export const PEAKS_A_SECOND = 100;
/** The least that every browser decodes to: a waveform needs no more. */
const RATE = 8000;
/** Sound is decoded whole: more than this would take half a gigabyte. */
const LONGEST = 3600;
const LARGEST = 200e6;

/** Null where it is too long, or the browser cannot decode what it can play. */
export async function peaksOf(data: Blob, { seconds, bytes }: MediaValue): Promise<Peaks | null> {
  if ((seconds ?? 0) > LONGEST || bytes > LARGEST || typeof OfflineAudioContext === "undefined") return null;
  try {
    const sound = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(await data.arrayBuffer());
    const channels = Array.from({ length: sound.numberOfChannels }, (_, at) => sound.getChannelData(at));
    return loudness(channels, sound.sampleRate);
  } catch {
    return null;
  }
}

/** The loudest sample of all channels in each step, as a part of the loudest of all. */
export function loudness(channels: readonly Float32Array[], rate: number): Peaks {
  const step = rate / PEAKS_A_SECOND;
  const samples = channels[0]?.length ?? 0;
  const peaks = new Float32Array(Math.ceil(samples / step));
  for (const channel of channels)
    for (let at = 0; at < samples; at++) {
      const slot = Math.floor(at / step);
      peaks[slot] = Math.max(peaks[slot] as number, Math.abs(channel[at] as number));
    }
  const loudest = peaks.reduce((most, peak) => Math.max(most, peak), 0) || 1;
  return peaks.map((peak) => peak / loudest);
}

/** The loudest moment from `from` to `to`, in seconds. */
export function peakBetween(peaks: Peaks, from: number, to: number): number {
  const first = Math.max(0, Math.floor(from * PEAKS_A_SECOND));
  const last = Math.min(peaks.length, Math.max(first + 1, Math.ceil(to * PEAKS_A_SECOND)));
  return peaks.subarray(first, last).reduce((most, peak) => Math.max(most, peak), 0);
}
