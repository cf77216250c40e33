/** Label colours: told apart by colour-blind people, legible in both themes, and the ink that goes on any colour. */

import type { QuestionSpec } from "./protocol";

export type Theme = "light" | "dark";

/** Where a colour stands for a label. */
export interface Look {
  /** Filled areas. */
  readonly color: string;
  /** Text on `color`, at least 4.5 : 1. */
  readonly ink: string;
  /** Outlines and underlines on the page, at least 3 : 1. */
  readonly line: string;
}

const HUES: Record<Theme, readonly string[]> = {
  light: ["#0b6bcb", "#1b6e2b", "#a01c50", "#d97a12", "#1c98a8", "#6a3d12", "#7c2f96", "#3a36c4", "#c7746b", "#5c6670"],
  dark: ["#6cb4ff", "#5fd068", "#ee6480", "#f2c14e", "#47dccd", "#b98a5e", "#e57fd0", "#9a90ff", "#f0a897", "#8b8f98"],
};

const PAGE: Record<Theme, string> = { light: "#ffffff", dark: "#1e1f22" };

/** The colour as #rrggbb in lower case; null if it is anything else. */
export const parseColor = (text: unknown): string | null =>
  typeof text === "string" && /^#[0-9a-f]{6}$/i.test(text) ? text.toLowerCase() : null;

function channels(color: string): [number, number, number] {
  const all = Number.parseInt(color.slice(1), 16);
  return [all >> 16, (all >> 8) & 255, all & 255];
}

function luminance(color: string): number {
  const [r, g, b] = channels(color).map((c) => {
    const s = c / 255;
    return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Contrast as WCAG 2 counts it, 1 to 21. */
export function contrast(one: string, other: string): number {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

/** Black or white, whichever reads better: one of them always has 4.58 : 1. */
export const inkOn = (color: string): string =>
  contrast(color, "#ffffff") >= contrast(color, "#000000") ? "#ffffff" : "#000000";

function mixed(color: string, target: string, share: number): string {
  const to = channels(target);
  const parts = channels(color).map((c, i) => Math.round(c + ((to[i] ?? 0) - c) * share));
  return `#${parts.map((c) => c.toString(16).padStart(2, "0")).join("")}`;
}

/** The colour, moved towards black (or white, on a dark page) until an outline in it shows. */
export function lineOn(color: string, theme: Theme): string {
  const page = PAGE[theme];
  const away = inkOn(page);
  for (let step = 0; step < 10; step++) {
    const candidate = mixed(color, away, step / 10);
    if (contrast(candidate, page) >= 3) return candidate;
  }
  return away;
}

/** How a label looks: its own colour if the schema gives one, else by its place. */
export function lookOf(question: QuestionSpec, label: string, theme: Theme): Look {
  const hues = HUES[theme];
  const at = question.labels.findIndex(({ name }) => name === label);
  const color = parseColor(question.labels[at]?.color) ?? (hues[Math.max(at, 0) % hues.length] as string);
  return { color, ink: inkOn(color), line: lineOn(color, theme) };
}

/** CSS variables for an element of class `ja-hue`: --ja-mark, --ja-mark-ink and --ja-mark-line follow the theme. */
export function lookStyle(question: QuestionSpec, label: string): Record<string, string> {
  const themed = (theme: Theme, name: string): Record<string, string> => {
    const { color, ink, line } = lookOf(question, label, theme);
    return { [name]: color, [`${name}-ink`]: ink, [`${name}-line`]: line };
  };
  return { ...themed("light", "--ja-l"), ...themed("dark", "--ja-d") };
}
