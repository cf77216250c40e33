import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  between,
  boxAt,
  chipPlace,
  grown,
  HANDLES,
  holds,
  moved,
  type Rect,
  resized,
  round,
  type Size,
  toImage,
} from "../../src/geometry/boxes";

const RUNS = { numRuns: 5_000 };
const ROUNDING = 0.005 + 1e-9;
const length = fc.integer({ min: 1, max: 8000 });
const image = fc.record({ width: length, height: length });
const coordinate = fc.double({ min: -9000, max: 9000, noNaN: true });
const point = fc.record({ x: coordinate, y: coordinate });
const imageAndBox = fc.tuple(image, point, point).map(([size, a, b]) => ({ size, box: between(a, b, size) }));

function expectSettled(box: Rect, size: Size, minimum = 0): void {
  for (const side of [box.x, box.y, box.width, box.height]) expect(side).toBe(round(side));
  expect(Math.min(box.x, box.y)).toBeGreaterThanOrEqual(0);
  expect(Math.min(box.width, box.height)).toBeGreaterThanOrEqual(minimum);
  expect(box.x + box.width).toBeLessThanOrEqual(size.width + ROUNDING);
  expect(box.y + box.height).toBeLessThanOrEqual(size.height + ROUNDING);
}

describe("drawing a box", () => {
  it("maps a place on screen to image pixels at any scale and offset", () => {
    const shown = { x: 20, y: 10, width: 320, height: 120 };
    expect(toImage({ x: 180, y: 40 }, shown, { width: 640, height: 480 })).toEqual({ x: 320, y: 120 });
  });

  it("puts a drawn box on the pixels under the pointer, to 2 decimals, for any scale", () => {
    fc.assert(
      fc.property(
        image,
        fc.double({ min: 0.05, max: 20, noNaN: true }),
        fc.nat(400),
        fc.nat(400),
        (size, scale, dx, dy) => {
          const shown = { x: 7.25, y: 3.5, width: size.width * scale, height: size.height * scale };
          const a = toImage({ x: shown.x, y: shown.y }, shown, size);
          const b = toImage({ x: shown.x + dx, y: shown.y + dy }, shown, size);
          const box = between(a, b, size);
          expect(box.x).toBe(0);
          expect(Math.abs(box.width - Math.min(dx / scale, size.width))).toBeLessThanOrEqual(ROUNDING);
          expect(Math.abs(box.height - Math.min(dy / scale, size.height))).toBeLessThanOrEqual(ROUNDING);
        },
      ),
      RUNS,
    );
  });

  it("is the same from each corner and always inside the image", () => {
    fc.assert(
      fc.property(image, point, point, (size, a, b) => {
        const box = between(a, b, size);
        expectSettled(box, size);
        expect(between(b, a, size)).toEqual(box);
        expect(between({ x: a.x, y: b.y }, { x: b.x, y: a.y }, size)).toEqual(box);
      }),
      RUNS,
    );
  });
});

describe("changing a box", () => {
  it("moves it as far as the image allows and keeps its size", () => {
    fc.assert(
      fc.property(imageAndBox, point, ({ size, box }, by) => {
        const after = moved(box, by, size);
        expectSettled(after, size);
        expect([after.width, after.height]).toEqual([box.width, box.height]);
      }),
      RUNS,
    );
  });

  it("moves it there and back again unless a border was in the way", () => {
    const size = { width: 100, height: 100 };
    const box = { x: 10.05, y: 20.3, width: 30.33, height: 5 };
    expect(moved(moved(box, { x: 7.1, y: -3.3 }, size), { x: -7.1, y: 3.3 }, size)).toEqual(box);
    expect(moved(box, { x: 1000, y: -1000 }, size)).toEqual({ ...box, x: 69.67, y: 0 });
  });

  it("resizes by any handle to anywhere: inside the image, not below the minimum, other edges unmoved", () => {
    const scene = fc.tuple(image, point, point, fc.constantFrom(...HANDLES), point);
    fc.assert(
      fc.property(scene, ([small, a, b, handle, to]) => {
        const size = { width: small.width + 4, height: small.height + 4 };
        const drawn = between(a, b, size);
        const box = grown(moved(drawn, { x: -4, y: -4 }, size), { x: 0, y: 0 }, size, 2);
        const after = resized(box, handle, to, size, 2);
        expectSettled(after, size, 2);
        if (handle[0] === 0) expect([after.x, after.width]).toEqual([box.x, box.width]);
        if (handle[1] === 0) expect([after.y, after.height]).toEqual([box.y, box.height]);
      }),
      RUNS,
    );
  });

  it("pulls exactly the edges of the handle", () => {
    const size = { width: 100, height: 100 };
    const box = { x: 20, y: 20, width: 40, height: 30 };
    const to = { x: 10.126, y: 70.004 };
    expect(resized(box, [-1, 1], to, size, 1)).toEqual({ x: 10.13, y: 20, width: 49.87, height: 50 });
    expect(resized(box, [1, 0], to, size, 1)).toEqual({ x: 10.13, y: 20, width: 9.87, height: 30 });
    expect(resized(box, [0, -1], { x: 0, y: 49.9 }, size, 1)).toEqual({ x: 20, y: 49, width: 40, height: 1 });
  });

  it("turns to the side with room when the minimum does not fit against the border", () => {
    const size = { width: 50, height: 50 };
    expect(resized({ x: 0, y: 0, width: 9, height: 9 }, [1, 1], { x: -5, y: -5 }, size, 3)).toEqual({
      x: 0,
      y: 0,
      width: 3,
      height: 3,
    });
  });

  it("grows and shrinks at its right and bottom edges, between the minimum and the border", () => {
    const size = { width: 60, height: 60 };
    const box = { x: 20, y: 20, width: 30, height: 30 };
    expect(grown(box, { x: 10, y: -10 }, size, 1)).toEqual({ x: 20, y: 20, width: 40, height: 20 });
    expect(grown(box, { x: 100, y: -100 }, size, 1)).toEqual({ x: 20, y: 20, width: 40, height: 1 });
  });
});

describe("pointing at a box", () => {
  it("clicks through nested boxes from the smallest to the largest and round again", () => {
    const outer = { x: 0, y: 0, width: 90, height: 90 };
    const middle = { x: 10, y: 10, width: 30, height: 30 };
    const inner = { x: 20, y: 20, width: 10, height: 10 };
    const boxes = [outer, middle, inner];
    const at = { x: 25, y: 25 };
    expect(boxAt(boxes, at, null)).toBe(inner);
    expect(boxAt(boxes, at, inner)).toBe(middle);
    expect(boxAt(boxes, at, middle)).toBe(outer);
    expect(boxAt(boxes, at, outer)).toBe(inner);
    expect(boxAt(boxes, { x: 95, y: 5 }, null)).toBeNull();
  });

  it("names a box that holds the point whenever there is one", () => {
    fc.assert(
      fc.property(fc.array(imageAndBox, { maxLength: 6 }), point, (scenes, at) => {
        const all = scenes.map(({ box }) => box);
        const box = boxAt(all, at, null);
        expect(box !== null && holds(box, at)).toBe(all.some((other) => holds(other, at)));
      }),
      RUNS,
    );
  });

  it("keeps the label outside the box wherever there is room", () => {
    const size = { width: 100, height: 100 };
    expect(chipPlace({ x: 0, y: 30, width: 10, height: 70 }, size, 20)).toBe("above");
    expect(chipPlace({ x: 0, y: 5, width: 10, height: 70 }, size, 20)).toBe("below");
    expect(chipPlace({ x: 0, y: 5, width: 10, height: 90 }, size, 20)).toBe("inside");
  });
});
