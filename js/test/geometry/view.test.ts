import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitted, kept, ZOOM, zoomed } from "../../src/geometry/view";

describe("the view of an image", () => {
  it("shows the whole image in its own proportions inside the room", () => {
    const length = fc.integer({ min: 1, max: 9000 });
    const size = fc.record({ width: length, height: length });
    fc.assert(
      fc.property(size, size, (image, room) => {
        const shown = fitted(image, room);
        expect(shown.width).toBeLessThanOrEqual(room.width + 1e-6);
        expect(shown.height).toBeLessThanOrEqual(room.height + 1e-6);
        expect(shown.width * image.height).toBeCloseTo(shown.height * image.width, 3);
      }),
      { numRuns: 2_000 },
    );
  });

  it("enlarges a small image but never a large one", () => {
    const room = { width: 1000, height: 1000 };
    expect(fitted({ width: 36, height: 18 }, room)).toEqual({ width: 360, height: 180 });
    expect(fitted({ width: 640, height: 480 }, room)).toEqual({ width: 640, height: 480 });
    expect(fitted({ width: 4000, height: 2000 }, room)).toEqual({ width: 1000, height: 500 });
  });

  it("zooms in steps between the whole image and the limit", () => {
    expect(zoomed(1, 1)).toBe(1.5);
    expect(zoomed(1, -1)).toBe(1);
    expect(zoomed(15, 1)).toBe(ZOOM.most);
    expect(zoomed(7, 0)).toBe(1);
  });

  it("keeps the middle of the view still while zooming", () => {
    expect(kept(100, 400, 2)).toBe(400);
    expect(kept(kept(37, 400, 1.5), 400, 1 / 1.5)).toBeCloseTo(37);
  });
});
