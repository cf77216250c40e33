import { describe, expect, it } from "vitest";
import { loudness, peakBetween } from "../src/media/peaks";
import { clockOf, tickStep } from "../src/media/time";

describe("the loudness of a recording", () => {
  it("is the loudest sample of all channels in a step, as a part of the loudest of all", () => {
    const left = new Float32Array(1000).fill(0.1);
    const right = new Float32Array(1000);
    left[15] = -0.5;
    right[995] = 0.25;
    const peaks = loudness([left, right], 1000);
    expect(peaks).toHaveLength(100);
    expect([peaks[0], peaks[1], peaks[99]].map((peak) => peak?.toFixed(2))).toEqual(["0.20", "1.00", "0.50"]);
    expect(peakBetween(peaks, 0, 0.005).toFixed(2)).toBe("0.20");
    expect(peakBetween(peaks, 0.5, 5).toFixed(2)).toBe("0.50");
  });

  it("of silence and of nothing is nothing", () => {
    expect([...loudness([new Float32Array(20)], 1000)]).toEqual([0, 0]);
    expect(loudness([], 8000)).toHaveLength(0);
    expect(peakBetween(new Float32Array(0), 0, 1)).toBe(0);
  });
});

describe("seconds", () => {
  it("are written as on a clock, rounded once", () => {
    expect([0, 9.96, 59.99, 60, 3725.5].map((each) => clockOf(each))).toEqual([
      "0:00.0",
      "0:10.0",
      "1:00.0",
      "1:00.0",
      "62:05.5",
    ]);
    expect(clockOf(61.234, 2)).toBe("1:01.23");
    expect(clockOf(59.6, 0)).toBe("1:00");
  });

  it("have ticks at round distances that do not touch", () => {
    expect(tickStep(0.01, 64)).toBe(1);
    expect(tickStep(0.001, 64)).toBe(0.1);
    expect(tickStep(1, 64)).toBe(120);
    expect(tickStep(1e6, 64)).toBe(3600);
  });
});
