import { act } from "preact/test-utils";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { timeSegments } from "../../src/questions/time_segments";
import type { SegmentsSpec, SegmentValue } from "../../src/questions/time_segments/editor";
import { FakePointerEvent, labelled, type Setting, show } from "./fake";

const QUESTION: SegmentsSpec = {
  kind: "time_segments",
  name: "turns",
  title: "Turns",
  required: true,
  field: "call",
  overlap: true,
  labels: labelled(["agent", "caller"]),
};
const CALL = { blob: "i-1/call", mime: "audio/wav", seconds: 10, bytes: 1000 };
const URLS = { ready: () => "blob:here", url: () => Promise.resolve("blob:here") };
/** A second is 40 pixels wide. */
const SHOWN = { left: 20, top: 10, width: 400, height: 100 };

beforeEach(() => {
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe() {}
      disconnect() {}
    },
  );
  vi.spyOn(HTMLMediaElement.prototype, "pause").mockImplementation(() => undefined);
  vi.spyOn(HTMLMediaElement.prototype, "play").mockResolvedValue();
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(null);
});

function open(setting: Partial<Setting<readonly SegmentValue[], SegmentsSpec>> = {}) {
  const page = show(timeSegments, {
    question: QUESTION,
    fields: { call: { ...CALL } },
    blobs: URLS,
    ...setting,
  });
  const timeline = page.root.querySelector(".ja-timeline") as HTMLElement;
  timeline.getBoundingClientRect = () => ({ ...SHOWN, x: SHOWN.left, y: SHOWN.top }) as DOMRect;
  return page;
}

type Page = ReturnType<typeof open>;

const answer = ({ draft }: Page) => draft.value.value;
const send = ({ root }: Page, kind: string, seconds: number) =>
  act(
    () =>
      void root.querySelector(".ja-timeline")?.dispatchEvent(
        new FakePointerEvent(kind, {
          clientX: SHOWN.left + seconds * 40,
          clientY: 30,
          button: 0,
          buttons: 1,
        }),
      ),
  );
function drag(page: Page, from: number, to: number): void {
  send(page, "pointerdown", from);
  send(page, "pointermove", to);
  send(page, "pointerup", to);
}
function click(page: Page, at: number): void {
  send(page, "pointerdown", at);
  send(page, "pointerup", at);
}
const position = ({ root }: Page) => root.querySelector(".ja-playhead")?.getAttribute("aria-valuenow");
const segment = (label: string, start: number, end: number): SegmentValue => ({ start, end, label });

describe("segments", () => {
  it("are dragged over the wave in either direction, and named by a label", () => {
    const page = open();
    drag(page, 3, 1);
    expect(page.status()).toBe("0:01.00 to 0:03.00: a label names it.");
    expect(answer(page)).toBeNull();
    page.keys("1");
    expect(answer(page)).toEqual([segment("agent", 1, 3)]);
    expect(page.status()).toBe("agent, 0:01.00 to 0:03.00");
  });

  it("get the armed label at once", () => {
    const page = open();
    page.keys("2");
    drag(page, 1, 2);
    drag(page, 4, 6);
    expect(answer(page)).toEqual([segment("caller", 1, 2), segment("caller", 4, 6)]);
  });

  it("are begun and ended at the playhead, in steps of a second or of a twentieth", () => {
    const page = open();
    page.keys("ArrowRight", "b", "ArrowRight", "ArrowRight", "t", "ArrowRight", "b", "1");
    expect(answer(page)).toEqual([segment("agent", 1, 3.05)]);
    page.keys("Escape", "Home", "b", "b");
    expect(page.status()).toContain("A segment ends after it begins");
    page.keys("End", "2");
    expect(answer(page)).toEqual([segment("caller", 0, 10), segment("agent", 1, 3.05)]);
  });

  it("are chosen by click and key, which moves the playhead, and moved at either edge", () => {
    const page = open({ value: [segment("agent", 1, 3), segment("caller", 2, 6)] });
    click(page, 5);
    expect(page.status()).toBe("caller, 0:02.00 to 0:06.00");
    expect(position(page)).toBe("2");
    page.keys("]");
    expect(answer(page)?.[1]).toEqual(segment("caller", 2, 7));
    page.keys("Shift+}");
    expect(answer(page)?.[1]).toEqual(segment("caller", 1, 7));
    drag(page, 7, 8);
    expect(answer(page)?.[1]).toEqual(segment("caller", 1, 8));
    page.keys("n");
    expect(answer(page)).toEqual([segment("agent", 1, 3)]);
    page.draft.undo();
    expect(answer(page)).toHaveLength(2);
  });

  it("that may not overlap are refused with a sentence", () => {
    const page = open({ question: { ...QUESTION, overlap: false }, value: [segment("agent", 1, 3)] });
    drag(page, 2, 4);
    page.keys("2");
    expect(page.status()).toContain("may not overlap");
    expect(answer(page)).toEqual([segment("agent", 1, 3)]);
  });

  it("are suggested with a dashed edge until they are edited", () => {
    const suggestion = { id: "s", source: "model", value: [segment("agent", 1, 3)], score: 0.8 };
    const page = open({ suggestion });
    expect(page.root.querySelectorAll(".ja-segment.ja-dashed")).toHaveLength(1);
    page.keys("s", "2");
    expect(answer(page)).toEqual([segment("caller", 1, 3)]);
    expect(page.root.querySelectorAll(".ja-segment.ja-dashed")).toHaveLength(0);
  });

  it("say why a recording cannot be played", async () => {
    const page = open({ blobs: { ready: () => null, url: () => Promise.reject(new Error("there is no such file.")) } });
    await act(() => Promise.resolve());
    expect(page.root.querySelector(".ja-problem")?.textContent).toBe("This cannot be played: there is no such file.");
  });

  it("tell their keys and count by label", () => {
    expect(timeSegments.summary(QUESTION, [segment("caller", 1, 2), segment("caller", 3, 4)])).toBe("2 caller");
    expect(timeSegments.legend(QUESTION).map(({ keys }) => keys[0])).toContain("b");
  });
});
