import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Fragment } from "../../src/protocol";
import {
  fragmentsOf,
  lengthOf,
  lieAlike,
  nearestTo,
  type Place,
  placeOf,
  replaced,
  shareText,
  toggled,
  without,
} from "../../src/text/fragments";

const fragment: fc.Arbitrary<Fragment> = fc
  .tuple(fc.nat(40), fc.integer({ min: 1, max: 8 }))
  .map(([start, length]) => [start, start + length] as const);
const place = fc.array(fragment, { minLength: 1, maxLength: 5 }).map(placeOf);

/** The characters that a place covers. */
const covered = (at: Place): Set<number> =>
  new Set(fragmentsOf(at).flatMap(([start, end]) => Array.from({ length: end - start }, (_, n) => start + n)));

describe("a span in several pieces", () => {
  it("covers what its pieces do, in order, with a gap to the next", () => {
    fc.assert(
      fc.property(fc.array(fragment, { minLength: 1 }), (all) => {
        const at = placeOf(all);
        const edges = fragmentsOf(at).flat();
        expect(edges.every((edge, n) => n === 0 || (edges[n - 1] as number) < edge)).toBe(true);
        expect([at.start, at.end]).toEqual([edges[0], edges.at(-1)]);
        expect(covered(at)).toEqual(new Set(all.flatMap((each) => [...covered(placeOf([each]))])));
        expect(lengthOf(at)).toBe(covered(at).size);
        expect(at.fragments === undefined).toBe(edges.length === 2);
      }),
    );
  });

  it("gets a piece, and loses it again", () => {
    const left = toggled({ start: 0, end: 4 }, [15, 24]);
    expect(left).toEqual({
      start: 0,
      end: 24,
      fragments: [
        [0, 4],
        [15, 24],
      ],
    });
    expect(toggled(left, [15, 24])).toEqual({ start: 0, end: 4 });
    expect(toggled(left, [0, 4])).toEqual({ start: 15, end: 24 });
    expect(toggled(left, [3, 16])).toEqual({ start: 0, end: 24 });
    const single = { start: 0, end: 4 };
    expect(toggled(single, [0, 4])).toBe(single);
    expect(without(single, 0)).toBe(single);
    expect(without(left, 1)).toEqual(single);
    expect(replaced(left, 0, [0, 8])).toEqual({
      start: 0,
      end: 24,
      fragments: [
        [0, 8],
        [15, 24],
      ],
    });
  });

  it("shares text where pieces do, whatever lies in the gaps", () => {
    fc.assert(
      fc.property(place, place, (one, other) => {
        const both = [...covered(one)].some((unit) => covered(other).has(unit));
        expect(shareText(one, other)).toBe(both);
        expect(lieAlike(one, one)).toBe(true);
        expect(lieAlike(one, other)).toBe(JSON.stringify(fragmentsOf(one)) === JSON.stringify(fragmentsOf(other)));
      }),
    );
  });

  it("is meant by the piece nearest to an offset, else by the last", () => {
    const at = placeOf([
      [0, 4],
      [15, 24],
    ]);
    expect([null, 2, 8, 12, 15, 99].map((offset) => nearestTo(at, offset))).toEqual([1, 0, 0, 1, 1, 1]);
  });
});
