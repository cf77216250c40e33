// @vitest-environment jsdom
import { signal } from "@preact/signals-core";
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type AfterFrame, openAfterFrame } from "../../src/after_frame";
import { useLate } from "../../src/ui/late";

const count = signal(0);
let frames: AfterFrame;

function Shown() {
  return <p>{useLate(frames, count)}</p>;
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["requestAnimationFrame", "cancelAnimationFrame", "setTimeout", "clearTimeout"] });
  document.body.replaceChildren();
  count.value = 0;
  frames = openAfterFrame();
});

afterEach(() => {
  render(null, document.body);
  frames.close();
  vi.useRealTimers();
});

describe("what may come a frame later", () => {
  it("shows the value of the start at once and the last of several changes after the frame", () => {
    act(() => render(<Shown />, document.body));
    expect(document.body.textContent).toBe("0");
    vi.runAllTimers();
    count.value = 1;
    count.value = 2;
    expect(document.body.textContent).toBe("0");
    act(() => {
      vi.runAllTimers();
    });
    expect(document.body.textContent).toBe("2");
  });

  it("leaves nothing behind when it goes", () => {
    act(() => render(<Shown />, document.body));
    vi.runAllTimers();
    count.value = 3;
    act(() => render(null, document.body));
    frames.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});
