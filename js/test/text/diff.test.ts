import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wordDiff } from "../../src/text/diff";

const sides = (before: string, after: string) => {
  const parts = wordDiff(before, after);
  const without = (kind: string) =>
    parts
      .filter((part) => part.kind !== kind)
      .map(({ text }) => text)
      .join("");
  return [without("added"), without("removed")];
};
const marked = (before: string, after: string) =>
  wordDiff(before, after)
    .map(({ kind, text }) => ({ same: text, removed: `[-${text}-]`, added: `[+${text}+]` })[kind])
    .join("");

describe("wordDiff", () => {
  it("marks whole words, those removed before those added in their place", () => {
    expect(marked("Ada have met Grace in 1941.", "Ada met Grace in 1951.")).toBe(
      "Ada [-have -]met Grace in [-1941-][+1951+].",
    );
    expect(marked("", "new")).toBe("[+new+]");
    expect(marked("old", "")).toBe("[-old-]");
    expect(marked("same", "same")).toBe("same");
    expect(wordDiff("", "")).toEqual([]);
    expect(marked("naïve idea", "naive idea")).toBe("[-naïve-][+naive+] idea");
  });

  it("reads as both texts, whatever they are, and joins neighbours", () => {
    const text = fc
      .array(fc.constantFrom("a", "b", "c ", " ", "é", "👩‍👩‍👧‍👦", "\r\n", "日本", "\ud800"))
      .map((all) => all.join(""));
    fc.assert(
      fc.property(text, text, (before, after) => {
        expect(sides(before, after)).toEqual([before, after]);
        const kinds = wordDiff(before, after).map(({ kind }) => kind);
        expect(kinds.some((kind, at) => at > 0 && kind === kinds[at - 1])).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it("finds the shortest way where texts are short", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("a", "b"), { maxLength: 8 }),
        fc.array(fc.constantFrom("a", "b"), { maxLength: 8 }),
        (one, other) => {
          // One symbol between words, so that each word is a word.
          const [before, after] = [one.join("|"), other.join("|")];
          const words = (kind: string) =>
            wordDiff(before, after)
              .filter((part) => part.kind === kind)
              .reduce((sum, { text }) => sum + (text.match(/[ab]|\|/g) ?? []).length, 0);
          expect(words("removed") + words("added")).toBe(distance([...before], [...after]));
        },
      ),
    );
  });

  it("stays quick on a long text, and gives up on words where nothing is alike", () => {
    const long = Array.from({ length: 4000 }, (_, at) => `word${at % 97}`).join(" ");
    const started = performance.now();
    expect(sides(long, long.replace("word5 ", "other ").replace(/word9$/, "end"))[0]).toBe(long);
    expect(wordDiff(long, Array.from({ length: 4000 }, (_, at) => `x${at}`).join("-")).length).toBe(2);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

/** The least number of symbols to remove and add, by dynamic programming. */
function distance(one: readonly string[], other: readonly string[]): number {
  let row = other.map((_, at) => at + 1);
  row.unshift(0);
  for (const [i, a] of one.entries()) {
    const next = [i + 1];
    for (const [j, b] of other.entries())
      next.push(a === b ? (row[j] as number) : Math.min(row[j + 1] as number, next[j] as number) + 1);
    row = next;
  }
  return row.at(-1) as number;
}
