import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  centreOf,
  HANDLES,
  holds,
  moved,
  type Point,
  type Rect,
  resized,
  round,
  turnedAbout,
} from "../../src/geometry/boxes";
import {
  bearing,
  chipCorner,
  cornersOf,
  degrees,
  enclosing,
  lengthened,
  pulled,
  shifted,
  turnedTo,
  turnerPlace,
} from "../../src/geometry/turned";

const RUNS = { numRuns: 2_000 };
const IMAGE = { width: 640, height: 480 };
const MINIMUM = 2;
const whole = (min: number, max: number) => fc.integer({ min: min * 100, max: max * 100 }).map((n) => n / 100);
const box: fc.Arbitrary<Rect> = fc
  .record({ x: whole(0, 640), y: whole(0, 480), width: whole(2, 300), height: whole(2, 300), rotation: whole(0, 359) })
  .map(({ x, y, width, height, rotation }) => ({
    x: round(x - width / 2),
    y: round(y - height / 2),
    width,
    height,
    rotation,
  }));
const point = fc.record({ x: whole(-200, 900), y: whole(-200, 700) });
const handle = fc.constantFrom(...HANDLES);

const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);

function expectOnImage(at: Rect): void {
  const { x, y } = centreOf(at);
  expect(Math.max(-x, x - IMAGE.width, -y, y - IMAGE.height)).toBeLessThanOrEqual(0.01);
  expect(Math.min(at.width, at.height)).toBeGreaterThanOrEqual(MINIMUM);
  for (const side of [at.x, at.y, at.width, at.height]) expect(side).toBe(round(side));
}

describe("a turned box", () => {
  it("is turned clockwise: a quarter takes the top left corner to the top right", () => {
    const corners = cornersOf({ x: 0, y: 0, width: 4, height: 2, rotation: 90 });
    expect(corners.map(({ x, y }) => [round(x), round(y)])).toEqual([
      [3, -1],
      [3, 3],
      [1, 3],
      [1, -1],
    ]);
  });

  it("has an angle from 0 to below 360", () => {
    expect([-1, 0, 359.999, 360, 725, -720].map(degrees)).toEqual([359, 0, 0, 0, 5, 0]);
  });

  it("holds its centre and what lies within its turned edges", () => {
    fc.assert(
      fc.property(box, (at) => {
        expect(holds(at, centreOf(at))).toBe(true);
        for (const corner of cornersOf(at)) {
          const { x, y } = centreOf(at);
          const [dx, dy] = [corner.x - x, corner.y - y];
          expect(holds(at, { x: x + 0.99 * dx, y: y + 0.99 * dy })).toBe(true);
          expect(holds(at, { x: x + 1.01 * dx, y: y + 1.01 * dy })).toBe(false);
        }
      }),
      RUNS,
    );
  });

  it("lies in the upright box around it, touching all four edges", () => {
    fc.assert(
      fc.property(box, (at) => {
        const around = enclosing(at);
        const corners = cornersOf(at);
        expect(Math.min(...corners.map(({ x }) => x))).toBeCloseTo(around.x);
        expect(Math.max(...corners.map(({ y }) => y))).toBeCloseTo(around.y + around.height);
      }),
      RUNS,
    );
  });

  it("keeps the opposite corner where it is when a corner is pulled, or does not change", () => {
    fc.assert(
      fc.property(box, handle, point, (at, pull, to) => {
        const next = pulled(at, pull, to, IMAGE, MINIMUM);
        if (next === at) return;
        expectOnImage(next);
        // Pulled past its other edge the box turns over, and another of its corners lies there.
        const before = cornersOf(at);
        const fixed = [2, 2, 3, 0, 0, 0, 1, 1][HANDLES.indexOf(pull)] as number;
        const near = Math.min(...cornersOf(next).map((corner) => distance(corner, before[fixed] as Point)));
        if (at.rotation) expect(near).toBeLessThan(0.02);
      }),
      RUNS,
    );
  });

  it("has its corner under the pointer that pulls it", () => {
    const at = { x: 200, y: 200, width: 100, height: 60, rotation: 30 };
    const next = pulled(at, [1, 1], { x: 320, y: 310 }, IMAGE, MINIMUM);
    expect(distance(cornersOf(next)[2] as Point, { x: 320, y: 310 })).toBeLessThan(0.02);
    expect(next.rotation).toBe(30);
  });

  it("moves as far as its centre stays on the image", () => {
    fc.assert(
      fc.property(box, point, (at, by) => {
        const next = shifted(at, by, IMAGE);
        if (at.rotation) expectOnImage(next);
        expect([next.width, next.height, next.rotation]).toEqual([at.width, at.height, at.rotation]);
      }),
      RUNS,
    );
  });

  it("grows to its own right and bottom", () => {
    const at = { x: 200, y: 200, width: 100, height: 60, rotation: 90 };
    const next = lengthened(at, { x: 20, y: -100 }, IMAGE, MINIMUM);
    expect([next.width, next.height, next.rotation]).toEqual([120, 2, 90]);
    expect(distance(cornersOf(next)[0] as Point, cornersOf(at)[0] as Point)).toBeLessThan(0.02);
  });

  it("stays inside the image while it is upright, with its rotation of 0", () => {
    const at = { x: 10, y: 10, width: 50, height: 40, rotation: 0 };
    expect(shifted(at, { x: -90, y: 0 }, IMAGE)).toEqual({ ...moved(at, { x: -90, y: 0 }, IMAGE), rotation: 0 });
    const to = { x: -90, y: 5 };
    expect(pulled(at, [-1, -1], to, IMAGE, 1)).toEqual({ ...resized(at, [-1, -1], to, IMAGE, 1), rotation: 0 });
  });

  it("says in which direction a point lies", () => {
    const at = { x: 0, y: 0, width: 10, height: 10 };
    const around = [
      [5, 0],
      [10, 5],
      [5, 10],
    ] as const;
    expect(around.map(([x, y]) => bearing(at, { x, y }))).toEqual([0, 90, 180]);
    expect(turnedTo(at, -15)).toEqual({ ...at, rotation: 345 });
  });
});

describe("what stands beside a turned box", () => {
  it("has its name at the corner that is highest or lowest", () => {
    fc.assert(
      fc.property(box, fc.boolean(), (at, above) => {
        const { x, y } = chipCorner(at, above);
        const corner = turnedAbout(
          { x: at.x + x * at.width, y: at.y + y * at.height },
          centreOf(at),
          at.rotation as number,
        );
        const heights = cornersOf(at).map((each) => each.y);
        expect(corner.y).toBeCloseTo(above ? Math.min(...heights) : Math.max(...heights));
      }),
      RUNS,
    );
  });

  it("has its handle where the image has room for it", () => {
    const at = { x: 300, y: 200, width: 60, height: 40, rotation: 0 };
    expect(turnerPlace(at, IMAGE, 30, 5)).toBe("above");
    expect(turnerPlace({ ...at, y: 10 }, IMAGE, 30, 5)).toBe("below");
    expect(turnerPlace({ ...at, y: 10, rotation: 180 }, IMAGE, 30, 5)).toBe("above");
    expect(turnerPlace({ ...at, y: 0, height: 480 }, IMAGE, 30, 5)).toBe("inside");
  });
});
