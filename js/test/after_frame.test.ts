import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type AfterFrame, openAfterFrame } from "../src/after_frame";

let frames: AfterFrame;
let done: string[];
const note = (what: string) => (): void => {
  done.push(what);
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["requestAnimationFrame", "cancelAnimationFrame", "setTimeout", "clearTimeout"] });
  frames = openAfterFrame();
  done = [];
});

afterEach(() => {
  frames.close();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

it("works in a task after the next frame, in the order it was asked, and only once", () => {
  requestAnimationFrame(note("frame"));
  frames.later(note("first"));
  frames.later(note("second"));
  expect(done).toEqual([]);
  vi.runAllTimers();
  expect(done).toEqual(["frame", "first", "second"]);
});

it("works soon where no frame comes", () => {
  vi.spyOn(globalThis, "requestAnimationFrame").mockReturnValue(1);
  frames.later(note("act"));
  vi.advanceTimersByTime(99);
  expect(done).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(done).toEqual(["act"]);
});

it("works at once in a hidden page, and when the page is left", () => {
  frames.later(note("left"));
  window.dispatchEvent(new Event("pagehide"));
  expect(done).toEqual(["left"]);
  vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");
  frames.later(note("hidden"));
  expect(done).toEqual(["left", "hidden"]);
});

it("does what is due before it closes, and leaves no timer behind", () => {
  frames.later(note("act"));
  frames.close();
  expect([done, vi.getTimerCount()]).toEqual([["act"], 0]);
});

it("takes what is asked for meanwhile", () => {
  frames.later(() => frames.later(note("inner")));
  vi.runAllTimers();
  expect(done).toEqual(["inner"]);
});
