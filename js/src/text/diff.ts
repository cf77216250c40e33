/** Two texts compared word by word (Myers, "An O(ND) difference algorithm", Algorithmica 1986). Pure. */

export type PartKind = "same" | "removed" | "added";

export interface Part {
  readonly kind: PartKind;
  readonly text: string;
}

/** Edits beyond this many words are one: nobody reads them word by word, and they would cost their square. */
const MOST_EDITS = 600;

const wordsOf = (text: string): string[] => text.match(/\p{L}[\p{L}\p{M}\p{N}'’]*|\p{N}+|\s+|./gsu) ?? [];

/** What was removed, added and left, in reading order; neighbours of one kind are joined. */
export function wordDiff(before: string, after: string): Part[] {
  const [old, fresh] = [wordsOf(before), wordsOf(after)];
  let head = 0;
  while (head < old.length && head < fresh.length && old[head] === fresh[head]) head++;
  let tail = 0;
  while (tail < old.length - head && tail < fresh.length - head && old.at(-1 - tail) === fresh.at(-1 - tail)) tail++;
  const middle = edits(old.slice(head, old.length - tail), fresh.slice(head, fresh.length - tail));
  return joined([...old.slice(0, head).map(same), ...middle, ...old.slice(old.length - tail).map(same)]);
}

const same = (text: string): Part => ({ kind: "same", text });

function edits(old: readonly string[], fresh: readonly string[]): Part[] {
  const trail = trailOf(old, fresh);
  return trail
    ? retraced(trail, old, fresh)
    : [
        { kind: "removed", text: old.join("") },
        { kind: "added", text: fresh.join("") },
      ];
}

/** How far each diagonal k = x - y has come; diagonals run from -MOST_EDITS to MOST_EDITS. */
type Reached = Int32Array;
const at = (reached: Reached, k: number): number => reached[k + MOST_EDITS + 1] as number;

/** With the d-th edit diagonal k is entered from above (a word added), else from the left (a word removed). */
const isAdded = (reached: Reached, k: number, d: number): boolean =>
  k === -d || (k !== d && at(reached, k - 1) < at(reached, k + 1));

/** Where diagonal k begins with d edits, before words that are the same. */
function entered(reached: Reached, k: number, d: number): number {
  if (d === 0) return 0;
  return isAdded(reached, k, d) ? at(reached, k + 1) : at(reached, k - 1) + 1;
}

/** What each diagonal had reached before each edit; null where it takes too many. */
function trailOf(old: readonly string[], fresh: readonly string[]): Reached[] | null {
  const reached = new Int32Array(2 * MOST_EDITS + 3);
  const trail: Reached[] = [];
  const most = Math.min(old.length + fresh.length, MOST_EDITS);
  for (let d = 0; d <= most; d++) {
    trail.push(reached.slice());
    if (advanced(reached, d, old, fresh)) return trail;
  }
  return null;
}

/** One edit more on every diagonal; true when the end of both texts is reached. */
function advanced(reached: Reached, d: number, old: readonly string[], fresh: readonly string[]): boolean {
  for (let k = -d; k <= d; k += 2) {
    let x = entered(reached, k, d);
    while (x < old.length && x - k < fresh.length && old[x] === fresh[x - k]) x++;
    reached[k + MOST_EDITS + 1] = x;
    if (x >= old.length && x - k >= fresh.length) return true;
  }
  return false;
}

/** The way back from the end of both texts. */
function retraced(trail: readonly Reached[], old: readonly string[], fresh: readonly string[]): Part[] {
  const parts: Part[] = [];
  let [x, y] = [old.length, fresh.length];
  for (let d = trail.length - 1; d >= 0; d--) {
    const reached = trail[d] as Reached;
    const k = x - y;
    const start = entered(reached, k, d);
    while (x > start) parts.push(same(old[--x] as string));
    y = x - k;
    if (d === 0) break;
    if (isAdded(reached, k, d)) parts.push({ kind: "added", text: fresh[--y] as string });
    else parts.push({ kind: "removed", text: old[--x] as string });
  }
  return parts.reverse();
}

/** Neighbours of one kind as one; what was removed before what was added in its place. */
function joined(parts: readonly Part[]): Part[] {
  const all: { kind: PartKind; text: string }[] = [];
  let run: Record<"removed" | "added", string> = { removed: "", added: "" };
  const flush = (): void => {
    for (const kind of ["removed", "added"] as const) if (run[kind]) all.push({ kind, text: run[kind] });
    run = { removed: "", added: "" };
  };
  for (const { kind, text } of parts) {
    if (text === "") continue;
    if (kind !== "same") {
      run[kind] += text;
      continue;
    }
    flush();
    const last = all.at(-1);
    if (last?.kind === "same") last.text += text;
    else all.push({ kind, text });
  }
  flush();
  return all;
}
