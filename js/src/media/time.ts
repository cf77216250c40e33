/** Seconds as people write them, and the scale under a waveform. */

/** "1:02.5" */
export function clockOf(seconds: number, digits = 1): string {
  const unit = 10 ** digits;
  const whole = Math.round(seconds * unit);
  const minutes = Math.floor(whole / (60 * unit));
  const rest = whole - minutes * 60 * unit;
  const text = String(Math.floor(rest / unit)).padStart(2, "0");
  return `${minutes}:${text}${digits ? `.${String(rest % unit).padStart(digits, "0")}` : ""}`;
}

const STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 3600];

/** A round distance of ticks that stand at least `apart` pixels from each other. */
export const tickStep = (secondsAPixel: number, apart: number): number =>
  STEPS.find((step) => step >= secondsAPixel * apart) ?? (STEPS.at(-1) as number);
