import { act } from "preact/test-utils";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { video } from "../../src/fields/video";
import { rendered } from "./rendered";

const MEDIA = { blob: "i-1/f", mime: "video/webm", seconds: 5, bytes: 100 };

beforeEach(() => {
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe() {}
      disconnect() {}
    },
  );
  vi.spyOn(HTMLMediaElement.prototype, "pause").mockImplementation(() => undefined);
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(null);
});

describe("video", () => {
  it("has a player with its own name and length", () => {
    const root = rendered(video, { ...MEDIA }, "Take");
    const slider = root.querySelector('[role="slider"]');
    expect(slider?.getAttribute("aria-label")).toBe("Position in Take");
    expect(slider?.getAttribute("aria-valuemax")).toBe("5");
    expect(root.querySelector(".ja-clock")?.textContent).toBe("0:00.0 / 0:05.0");
    expect(root.querySelector("video")?.hidden).toBe(false);
    expect(root.querySelector("video")?.hasAttribute("controls")).toBe(false);
  });

  it("says why it cannot be played, and that there is none", async () => {
    const root = rendered(video, { ...MEDIA });
    await act(() => Promise.resolve());
    expect(root.querySelector(".ja-problem")?.textContent).toBe("This cannot be played: none");
    expect(rendered(video, null).textContent).toContain("There is no");
  });

  it("tells its keys", () => {
    expect(video.legend?.map(({ keys }) => keys[0])).toContain("p");
  });
});
