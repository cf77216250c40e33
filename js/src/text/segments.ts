/** Words and visible characters as Unicode and the dictionaries of the browser find them. UTF-16 units throughout. */

/** Half open, in UTF-16 units unless said otherwise. */
export interface Reach {
  readonly start: number;
  readonly end: number;
}

export type Lookup = (unit: number) => Reach | null;

export type Granularity = "word" | "grapheme";

const segmenters: Partial<Record<Granularity, Intl.Segmenter>> = {};

/** Nothing is segmented ahead; but the browser copies the text, which therefore should not be a long one. */
export function lookup(text: string, granularity: Granularity): Lookup {
  segmenters[granularity] ??= new Intl.Segmenter(undefined, { granularity });
  const segments = segmenters[granularity].segment(text);
  return (unit) => {
    const found = unit < 0 ? undefined : segments.containing(unit);
    return found ? { start: found.index, end: found.index + found.segment.length } : null;
  };
}

/** Unicode's word borders can fall inside a visible character (after U+0600, say): words that share one are one piece. */
export function wholeWord(words: Lookup, graphemes: Lookup, unit: number): Reach | null {
  const word = words(unit);
  if (!word) return null;
  let { start, end } = word;
  while ((graphemes(start)?.start ?? start) < start) start = words(start - 1)?.start ?? 0;
  while ((graphemes(end - 1)?.end ?? end) > end) end = words(end)?.end ?? end;
  return { start, end };
}
