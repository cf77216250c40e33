import { act } from "preact/test-utils";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { audio } from "../../src/fields/audio";
import { rendered } from "./rendered";

const MEDIA = { blob: "i-1/f", mime: "audio/webm", seconds: 5, bytes: 100 };

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

describe("audio", () => {
  it("has a player with its own name and length", () => {
    const root = rendered(audio, { ...MEDIA }, "Take");
    const slider = root.querySelector('[role="slider"]');
    expect(slider?.getAttribute("aria-label")).toBe("Position in Take");
    expect(slider?.getAttribute("aria-valuemax")).toBe("5");
    expect(root.querySelector(".ja-clock")?.textContent).toBe("0:00.0 / 0:05.0");
    expect(root.querySelector("video")?.hidden).toBe(true);
    expect(root.querySelector("video")?.hasAttribute("controls")).toBe(false);
  });

  it("says why it cannot be played, and that there is none", async () => {
    const root = rendered(audio, { ...MEDIA });
    await act(() => Promise.resolve());
    expect(root.querySelector(".ja-problem")?.textContent).toBe("This cannot be played: none");
    expect(rendered(audio, null).textContent).toContain("There is no");
  });

  it("tells its keys", () => {
    expect(audio.legend?.map(({ keys }) => keys[0])).toContain("p");
  });
});
