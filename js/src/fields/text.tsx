/** Text to read, as text nodes. */

import type { FieldModule, FieldProps } from "./module";

/** One very long text node takes seconds to lay out; several are quick. */
const CHUNK = 50_000;
/** More characters than this are set smaller, in a box that scrolls. */
const LONG = 600;

/** Cut at line ends, so that no line is broken between two elements. */
export function chunksOf(text: string): string[] {
  const chunks: string[] = [];
  let from = 0;
  while (text.length - from > CHUNK) {
    const end = text.indexOf("\n", from + CHUNK);
    if (end < 0) break;
    chunks.push(text.slice(from, end + 1));
    from = end + 1;
  }
  chunks.push(text.slice(from));
  return chunks;
}

function TextView({ value }: FieldProps) {
  const whole = typeof value === "string" ? value : "";
  const long = whole.length > LONG;
  const chunks = chunksOf(whole);
  return (
    // A long text scrolls: the next one begins at its beginning.
    <div key={long ? whole : ""} class={`ja-text${long ? " ja-text--long" : ""}`} dir="auto">
      {chunks.length === 1 ? chunks[0] : chunks.map((chunk, at) => <span key={at}>{chunk}</span>)}
    </div>
  );
}

export const text: FieldModule = { kind: "text", View: TextView, lasting: true };
