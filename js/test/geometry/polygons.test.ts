import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  areaOf,
  type Corner,
  crossesItself,
  distanceTo,
  holds,
  inserted,
  middlesOf,
  problemOf,
  shifted,
  simplified,
  withCorner,
} from "../../src/geometry/polygons";

const SQUARE: Corner[] = [
  [0, 0],
  [10, 0],
  [10, 10],
  [0, 10],
];
const IMAGE = { width: 100, height: 80 };
const corner = fc.tuple(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 80 }));

describe("outlines", () => {
  it("have an area, an inside and a distance", () => {
    expect([areaOf(SQUARE), areaOf([...SQUARE].reverse())]).toEqual([100, 100]);
    expect([holds(SQUARE, { x: 5, y: 5 }), holds(SQUARE, { x: 15, y: 5 })]).toEqual([true, false]);
    expect(distanceTo(SQUARE, { x: 5, y: -3 }, true)).toBe(3);
    expect(distanceTo(SQUARE, { x: -3, y: 5 }, true)).toBe(3);
    // An open line has no side from the last corner to the first.
    expect(distanceTo(SQUARE, { x: -3, y: 5 }, false)).toBeCloseTo(Math.hypot(3, 5));
    expect(middlesOf(SQUARE, true).length).toBe(4);
    expect(middlesOf(SQUARE, false).length).toBe(3);
  });

  it("stay inside the image, whatever moves them, and keep their shape", () => {
    fc.assert(
      fc.property(
        fc.array(corner, { minLength: 3 }),
        fc.integer({ min: -300, max: 300 }),
        fc.integer({ min: -300, max: 300 }),
        (all, x, y) => {
          const moved = shifted(all as Corner[], { x, y }, IMAGE);
          for (const [at, [left, top]] of moved.entries()) {
            expect(left >= 0 && left <= IMAGE.width && top >= 0 && top <= IMAGE.height).toBe(true);
            expect(left - (moved[0]?.[0] ?? 0)).toBeCloseTo((all[at]?.[0] ?? 0) - (all[0]?.[0] ?? 0), 6);
          }
        },
      ),
    );
    expect(withCorner(SQUARE, 2, { x: 999, y: 5.556 }, IMAGE)[2]).toEqual([100, 5.56]);
    expect(inserted(SQUARE, 1, { x: 5, y: -4 }, IMAGE)[1]).toEqual([5, 0]);
  });

  it("cross themselves or not", () => {
    expect(crossesItself(SQUARE)).toBe(false);
    expect(
      crossesItself([
        [0, 0],
        [10, 10],
        [10, 0],
        [0, 10],
      ]),
    ).toBe(true);
  });

  it("are refused for the reason the kernel would have", () => {
    expect([
      problemOf(SQUARE, true),
      problemOf(SQUARE.slice(0, 2), true),
      problemOf(SQUARE.slice(0, 2), false),
    ]).toEqual([null, "At least 3 corners.", null]);
    expect(
      problemOf(
        [
          [0, 0],
          [5, 0],
          [10, 0],
        ],
        true,
      ),
    ).toContain("Too small");
  });

  it("drawn freehand lose no more than the tolerance", () => {
    fc.assert(
      fc.property(
        fc.array(corner, { minLength: 2, maxLength: 60 }),
        fc.double({ min: 0.1, max: 20, noNaN: true }),
        (all, tolerance) => {
          const fewer = simplified(all as Corner[], tolerance);
          expect([fewer[0], fewer.at(-1)]).toEqual([all[0], all.at(-1)]);
          for (const [x, y] of all) expect(distanceTo(fewer, { x, y }, false)).toBeLessThanOrEqual(tolerance + 1e-9);
        },
      ),
    );
  });
});
