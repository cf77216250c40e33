import { act } from "preact/test-utils";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { BoxValue } from "../../src/protocol";
import { boxes } from "../../src/questions/boxes";
import type { BoxesSpec } from "../../src/questions/boxes/editor";
import { FakePointerEvent, labelled, type Setting, show } from "./fake";

const QUESTION: BoxesSpec = {
  kind: "boxes",
  name: "cells",
  title: "Cells",
  help: null,
  required: true,
  field: "image",
  minimum_size: 2,
  labels: labelled(["red", "white"]),
};
const IMAGE = { blob: "i-1/image", width: 640, height: 480, mime: "image/png" };
/** Where the image lies on the page: half its size, off the corner. */
const SHOWN = { left: 20, top: 10, width: 320, height: 240 };
const URLS = { ready: () => "blob:here", url: () => Promise.resolve("blob:here") };

function open(setting: Partial<Setting<readonly BoxValue[], BoxesSpec>> = {}, natural = { width: 640, height: 480 }) {
  const page = show(boxes, { question: { ...QUESTION }, fields: { image: IMAGE }, blobs: URLS, ...setting });
  const picture = page.root.querySelector("img") as HTMLImageElement;
  Object.defineProperties(picture, {
    naturalWidth: { value: natural.width },
    naturalHeight: { value: natural.height },
  });
  picture.getBoundingClientRect = () => ({ ...SHOWN, x: SHOWN.left, y: SHOWN.top }) as DOMRect;
  act(() => void picture.dispatchEvent(new Event("load")));
  return page;
}

type Page = ReturnType<typeof open>;

const box = (x: number, y: number, width: number, height: number, label = "red"): BoxValue => {
  return { x, y, width, height, label };
};
const answer = ({ draft }: Page) => draft.value.value;
const elements = ({ root }: Page) => [...root.querySelectorAll<HTMLElement>(".ja-stage-boxes .ja-box")];

type Kind = "pointerdown" | "pointermove" | "pointerup" | "pointercancel";

/** A pointer event at a place of the page. */
function pointer(page: Page, kind: Kind, at: readonly [number, number], init: PointerEventInit = {}, target?: Element) {
  const stage = target ?? (page.root.querySelector(".ja-stage") as Element);
  const [clientX, clientY] = at;
  act(() => {
    stage.dispatchEvent(new FakePointerEvent(kind, { clientX, clientY, ...init }));
  });
}

function drag(page: Page, from: readonly [number, number], to: readonly [number, number], target?: Element): void {
  pointer(page, "pointerdown", from, {}, target);
  pointer(page, "pointermove", [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2]);
  pointer(page, "pointermove", to);
  pointer(page, "pointerup", to);
}

function click(page: Page, at: readonly [number, number], target?: Element): void {
  pointer(page, "pointerdown", at, {}, target);
  pointer(page, "pointerup", at, {}, target);
}

beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(668);
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe = vi.fn();
      disconnect = vi.fn();
    },
  );
});

describe("drawing with the mouse", () => {
  it("puts the box on the pixels under the pointer, from any corner", () => {
    const corners = [
      [
        [30, 20],
        [81, 57],
      ],
      [
        [81, 57],
        [30, 20],
      ],
      [
        [30, 57],
        [81, 20],
      ],
      [
        [81, 20],
        [30, 57],
      ],
    ] as const;
    for (const [from, to] of corners) {
      const page = open();
      drag(page, from, to);
      expect(answer(page)).toEqual([box(20, 20, 102, 74)]);
    }
  });

  it("rounds to two decimals where the image is shown at an odd size", () => {
    const page = open();
    const picture = page.root.querySelector("img") as HTMLImageElement;
    picture.getBoundingClientRect = () => ({ x: 0, y: 0, width: 333, height: 249.75 }) as DOMRect;
    drag(page, [10, 10], [110, 60]);
    expect(answer(page)).toEqual([box(19.22, 19.22, 192.19, 96.1)]);
  });

  it("cuts the box off at the border of the image", () => {
    const page = open();
    drag(page, [-500, 200], [60, 900]);
    expect(answer(page)).toEqual([box(0, 380, 80, 100)]);
  });

  it("does it by two clicks as well, showing the box in between", () => {
    const page = open();
    click(page, [30, 20]);
    pointer(page, "pointermove", [50, 40]);
    const band = page.root.querySelector<HTMLElement>(".ja-stage-sheet > .ja-box") as HTMLElement;
    expect(band.hidden).toBe(false);
    expect(band.style.left).toBe("3.125%");
    click(page, [81, 57]);
    expect(answer(page)).toEqual([box(20, 20, 102, 74)]);
    expect(band.hidden).toBe(true);
  });

  it("takes the armed label, else the first", () => {
    const page = open();
    page.click(/white/);
    drag(page, [30, 20], [60, 50]);
    expect(answer(page)?.[0]?.label).toBe("white");
  });

  it("ends a drag under the pointer with Escape, and takes no other key meanwhile", () => {
    const page = open();
    pointer(page, "pointerdown", [30, 20]);
    pointer(page, "pointermove", [60, 50]);
    expect(page.press("Enter")).toBe(true);
    expect(page.press("Escape")).toBe(true);
    pointer(page, "pointerup", [60, 50]);
    expect(answer(page)).toBeNull();
    expect(page.press("Escape")).toBe(false);
  });

  it("moves a small box from inside, also where its handles lie", () => {
    const page = open();
    drag(page, [30, 20], [36, 26]);
    const before = answer(page)?.[0] as BoxValue;
    const handle = page.root.querySelectorAll(".ja-box-handle")[7] as Element;
    drag(page, [33, 23], [53, 33], handle);
    expect(answer(page)).toEqual([box(before.x + 40, before.y + 20, before.width, before.height)]);
  });

  it("drops a box below the least size and says so", () => {
    const page = open({ question: { ...QUESTION, minimum_size: 30 } });
    drag(page, [30, 20], [40, 50]);
    expect(answer(page)).toBeNull();
    expect(page.status()).toContain("at least 30 px");
  });

  it("forgets a drag that the browser takes away", () => {
    const page = open();
    pointer(page, "pointerdown", [30, 20]);
    pointer(page, "pointermove", [60, 50]);
    pointer(page, "pointercancel", [60, 50]);
    pointer(page, "pointerup", [60, 50]);
    expect(answer(page)).toBeNull();
  });

  it("ignores buttons other than the first", () => {
    const page = open();
    pointer(page, "pointerdown", [30, 20], { button: 2 });
    pointer(page, "pointermove", [60, 50]);
    pointer(page, "pointerup", [60, 50], { button: 2 });
    expect(answer(page)).toBeNull();
    expect(page.props.activate).not.toHaveBeenCalled();
  });

  it("edits once a drag and draws no panel anew while it lasts", () => {
    const page = open();
    const panel = page.root.querySelector(".ja-marks") as HTMLElement;
    const seen = vi.fn();
    const observer = new MutationObserver(seen);
    observer.observe(panel, { subtree: true, childList: true, attributes: true, characterData: true });
    pointer(page, "pointerdown", [30, 20]);
    for (let at = 40; at < 80; at++) pointer(page, "pointermove", [at, at]);
    expect(observer.takeRecords()).toHaveLength(0);
    pointer(page, "pointerup", [80, 80]);
    expect(page.draft.past).toHaveLength(1);
    observer.disconnect();
  });

  it("scrolls with two fingers instead of drawing", () => {
    const page = open();
    const frame = page.root.querySelector(".ja-boxes-frame") as HTMLElement;
    frame.scrollLeft = 100;
    pointer(page, "pointerdown", [30, 20], { pointerType: "touch", pointerId: 1 });
    pointer(page, "pointerdown", [60, 20], { pointerType: "touch", pointerId: 2 });
    pointer(page, "pointermove", [10, 20], { pointerType: "touch", pointerId: 1 });
    pointer(page, "pointermove", [40, 20], { pointerType: "touch", pointerId: 2 });
    pointer(page, "pointerup", [10, 20], { pointerType: "touch", pointerId: 1 });
    pointer(page, "pointerup", [40, 20], { pointerType: "touch", pointerId: 2 });
    expect(answer(page)).toBeNull();
    expect(frame.scrollLeft).toBe(120);
  });
});

describe("changing a box with the mouse", () => {
  const value = [box(100, 100, 200, 100), box(150, 120, 50, 40, "white")];

  it("chooses the smallest box under a click and then the one around it", () => {
    const page = open({ value });
    click(page, [100, 75]);
    expect(page.status()).toBe("white: 50 × 40 px at 150, 120");
    click(page, [100, 75]);
    expect(page.status()).toBe("red: 200 × 100 px at 100, 100");
    expect(page.draft.past).toHaveLength(0);
  });

  it("chooses a box by its label, which stands beside it", () => {
    const page = open({ value });
    const label = elements(page)[0]?.querySelector(".ja-mark-label") as Element;
    click(page, [300, 200], label);
    expect(page.status()).toBe("red: 200 × 100 px at 100, 100");
  });

  it("moves the chosen box, not beyond the border", () => {
    const page = open({ value });
    click(page, [160, 100]);
    drag(page, [160, 100], [170, 95]);
    expect(answer(page)?.[0]).toEqual(box(120, 90, 200, 100));
    drag(page, [160, 100], [900, 900]);
    expect(answer(page)?.[0]).toEqual(box(440, 380, 200, 100));
  });

  it("resizes by each of eight handles, keeping the distance at which it was gripped", () => {
    const expected = [
      [110, 110, 190, 90],
      [100, 110, 200, 90],
      [100, 110, 210, 90],
      [100, 100, 210, 100],
      [100, 100, 210, 110],
      [100, 100, 200, 110],
      [110, 100, 190, 110],
      [110, 100, 190, 100],
    ] as const;
    expected.forEach(([x, y, width, height], index) => {
      const page = open({ value });
      click(page, [160, 100]);
      const handle = page.root.querySelectorAll(".ja-box-handle")[index] as Element;
      drag(page, [47, 33], [52, 38], handle);
      expect(answer(page)?.[0]).toEqual(box(x, y, width, height));
    });
  });

  it("draws inside a box that is not chosen", () => {
    const page = open({ value: [box(0, 0, 640, 480)] });
    drag(page, [30, 20], [81, 57]);
    expect(answer(page)).toEqual([box(0, 0, 640, 480), box(20, 20, 102, 74)]);
  });

  it("leaves the answer alone when a box is put back where it was", () => {
    const page = open({ value });
    click(page, [160, 100]);
    pointer(page, "pointerdown", [160, 100]);
    pointer(page, "pointermove", [190, 100]);
    pointer(page, "pointermove", [160, 100]);
    pointer(page, "pointerup", [160, 100]);
    expect(page.draft.past).toHaveLength(0);
  });
});

describe("boxes that can be turned", () => {
  const question = { ...QUESTION, rotated: true };
  const tilted = (rotation: number): BoxValue => ({ ...box(100, 100, 200, 100), rotation });
  const turner = ({ root }: Page) => root.querySelector(".ja-box-turner") as HTMLElement;
  const rotation = (page: Page) => answer(page)?.[0]?.rotation;

  it("are upright when drawn", () => {
    const page = open({ question });
    drag(page, [30, 20], [81, 57]);
    expect(answer(page)).toEqual([{ ...box(20, 20, 102, 74), rotation: 0 }]);
  });

  it("turn by a degree, or by fifteen with Shift, and back over 0", () => {
    const page = open({ question, value: [tilted(0)] });
    page.keys("s", "]", "]", "Shift+]");
    expect(answer(page)).toEqual([tilted(17)]);
    page.keys("Shift+[", "[", "[", "[");
    expect(answer(page)).toEqual([tilted(359)]);
    expect(page.status()).toBe("red: 200 × 100 px at 100, 100, turned by 359°");
    act(() => page.draft.undo());
    expect(answer(page)).toEqual([tilted(0)]);
  });

  it("turn with a handle, which stays under the pointer; with Shift to the next fifteen degrees", () => {
    const page = open({ question, value: [tilted(0)] });
    page.keys("s");
    // The centre is at 120, 85 of the page.
    drag(page, [120, 45], [160, 85], turner(page));
    expect(rotation(page)).toBe(90);
    act(() => page.draft.undo());
    page.keys("s");
    pointer(page, "pointerdown", [120, 45], {}, turner(page));
    pointer(page, "pointermove", [140, 45], { shiftKey: true });
    pointer(page, "pointerup", [140, 45], { shiftKey: true });
    expect(rotation(page)).toBe(30);
    expect(page.draft.past).toHaveLength(1);
  });

  it("turn with a finger, and by buttons without a drag", () => {
    const page = open({ question, value: [tilted(10)] });
    page.keys("s");
    const touch = { pointerType: "touch", pointerId: 4 };
    pointer(page, "pointerdown", [120, 45], touch, turner(page));
    pointer(page, "pointermove", [80, 85], touch);
    pointer(page, "pointerup", [80, 85], touch);
    expect(rotation(page)).toBe(280);
    page.click(/15 degrees to the left/);
    expect(rotation(page)).toBe(265);
    page.click(/15 degrees to the right/);
    expect(rotation(page)).toBe(280);
  });

  it("begin no other box where the handle is only clicked", () => {
    const page = open({ question, value: [tilted(0)] });
    page.keys("s");
    click(page, [500, 300], turner(page));
    expect(page.status()).toContain("200 × 100");
    expect(page.draft.past).toHaveLength(0);
  });

  it("are chosen, moved and resized as they lie", () => {
    const page = open({ question, value: [tilted(90)] });
    // Upright the box would be from 70 to 170 on the page; turned it is from 95 to 145, and from 35 to 135 down.
    click(page, [80, 85]);
    expect(page.status()).not.toContain("200 × 100");
    page.keys("Escape");
    click(page, [120, 40]);
    expect(page.status()).toContain("200 × 100");
    drag(page, [120, 85], [130, 90]);
    expect(answer(page)).toEqual([{ ...tilted(90), x: 120, y: 110 }]);
    const right = page.root.querySelectorAll(".ja-box-handle")[3] as Element;
    drag(page, [130, 140], [130, 150], right);
    expect(answer(page)).toEqual([{ ...tilted(90), x: 110, y: 120, width: 220 }]);
  });

  it("grow with Shift and the arrow keys in their own frame", () => {
    const page = open({ question, value: [tilted(180)] });
    page.keys("s", "Shift+ArrowRight");
    expect(answer(page)).toEqual([{ ...tilted(180), x: 90, width: 210 }]);
  });

  it("have names that stand upright, and cursors that fit", () => {
    const page = open({ question, value: [tilted(45), tilted(0)] });
    const [turned, upright] = elements(page);
    expect(turned?.style.getPropertyValue("rotate")).toBe("45deg");
    const rotate = (element?: Element | null) => (element as HTMLElement).style.getPropertyValue("rotate");
    expect(rotate(turned?.firstElementChild)).toBe("-45deg");
    expect(rotate(upright?.firstElementChild)).toBe("");
    page.keys("s");
    const handles = [...page.root.querySelectorAll<HTMLElement>(".ja-box-handle")];
    expect(handles.slice(0, 4).map(({ style }) => style.cursor)).toEqual([
      "ns-resize",
      "nesw-resize",
      "ew-resize",
      "nwse-resize",
    ]);
  });

  it("are turned nowhere else", () => {
    const page = open({ value: [box(100, 100, 200, 100)] });
    page.keys("s");
    expect(turner(page)).toBeNull();
    expect(page.press("]")).toBe(false);
    expect(page.root.querySelector("[aria-label*=degrees]")).toBeNull();
    expect(elements(page)[0]?.style.getPropertyValue("rotate")).toBe("");
    const keys = (spec: BoxesSpec) => boxes.legend(spec).flatMap((row) => row.keys);
    expect([keys(QUESTION).includes("["), keys(question).includes("[")]).toEqual([false, true]);
    expect(new Set(keys(question)).size).toBe(keys(question).length);
  });
});

describe("keys alone", () => {
  it("draw a box from crosshair to crosshair", () => {
    const page = open();
    page.keys("ArrowLeft", "ArrowUp", "b", "ArrowRight", "ArrowRight", "ArrowDown", "b");
    expect(answer(page)).toEqual([box(310, 230, 20, 10)]);
  });

  it("finish it with the label, too, and with Enter, which does not submit then", () => {
    const page = open();
    page.keys("b", "ArrowRight", "ArrowDown", "2");
    expect(answer(page)).toEqual([box(320, 240, 10, 10, "white")]);
    page.keys("Escape", "b", "ArrowLeft", "ArrowUp");
    expect(page.press("Enter")).toBe(true);
    expect(answer(page)?.[1]).toEqual(box(320, 240, 10, 10));
    expect(page.press("Enter")).toBe(false);
  });

  it("move by ten pixels, or by one after t", () => {
    const page = open({ value: [box(100, 100, 50, 50)] });
    page.keys("s", "ArrowRight", "t", "ArrowDown");
    expect(answer(page)).toEqual([box(110, 101, 50, 50)]);
  });

  it("resize with Shift, down to the least size and not beyond the border", () => {
    const page = open({ value: [box(100, 100, 15, 50)] });
    page.keys("s", "Shift+ArrowDown", "Shift+ArrowLeft", "Shift+ArrowLeft");
    expect(answer(page)).toEqual([box(100, 100, 2, 60)]);
  });

  it("take larger steps across a large image", () => {
    const image = { ...IMAGE, width: 6400, height: 4800 };
    const page = open({ fields: { image } }, image);
    page.keys("b", "ArrowRight", "ArrowDown", "b");
    expect(answer(page)).toEqual([box(3200, 2400, 100, 100)]);
  });

  it("relabel and remove the chosen box", () => {
    const page = open({ value: [box(1, 1, 9, 9), box(20, 20, 9, 9)] });
    page.keys("s", "s", "2", "s", "s", "n");
    expect(answer(page)).toEqual([box(20, 20, 9, 9, "white")]);
  });

  it("zoom, and go back to the whole image", () => {
    const page = open();
    const width = () => Number.parseFloat(page.root.querySelector<HTMLElement>(".ja-stage-sheet")?.style.width ?? "");
    const whole = width();
    page.keys("+", "+");
    expect(width()).toBeCloseTo(whole * 2.25);
    page.keys("-", "0");
    expect(width()).toBeCloseTo(whole);
  });

  it("drop the box being drawn with Escape, then the choice, then the armed label", () => {
    const page = open({ value: [box(1, 1, 9, 9)] });
    page.keys("1", "s", "b", "ArrowRight", "Escape");
    expect(page.draft.past).toHaveLength(0);
    page.keys("s", "Escape", "Escape");
    expect(page.press("Escape")).toBe(false);
  });

  it("start no second box while b is held down", () => {
    const page = open();
    page.keys("b", "ArrowRight", "ArrowDown");
    page.press("b", { repeat: true });
    expect(answer(page)).toBeNull();
  });

  it("leave keys of the app to the app", () => {
    const page = open();
    for (const key of ["Enter", " ", "z", "Backspace", "f", "c", "g", "w", "a", "x", "?", ",", "."]) {
      expect(page.press(key)).toBe(false);
    }
  });
});

describe("what is on the screen", () => {
  it("shows each box where it lies, with its label as text", () => {
    const page = open({ value: [box(64, 48, 320, 240, "white")] });
    const [element] = elements(page);
    expect(element?.style.cssText).toContain("left: 10%; top: 10%; width: 50%; height: 50%");
    expect(element?.textContent).toBe("white");
  });

  it("keeps the label off the box wherever there is room", () => {
    const page = open({ value: [box(10, 100, 50, 50), box(10, 0, 50, 50), box(0, 0, 640, 480)] });
    expect(elements(page).map((element) => element.dataset.jaChip)).toEqual(["above", "below", "inside"]);
  });

  it("shows a suggestion as one, and copies it into the answer at the first edit", () => {
    const value = [box(10, 10, 50, 50), box(100, 100, 50, 50)];
    const page = open({ suggestion: { id: "p:1", value, score: 0.5, source: "model" } });
    expect(elements(page).every((element) => element.classList.contains("ja-dashed"))).toBe(true);
    expect(page.status()).toContain("2 suggested, 50 %");
    page.keys("s", "n");
    expect(answer(page)).toEqual([value[1]]);
    expect(page.root.querySelector(".ja-stage-boxes .ja-dashed")).toBeNull();
  });

  it("lists every box as a button", () => {
    const page = open({ value: [box(10.4, 10, 50, 50)] });
    page.click(/red: 50 × 50 px at 10, 10/);
    expect(elements(page)[0]?.classList.contains("ja-chosen")).toBe(true);
  });

  it("follows an undo of the app", () => {
    const page = open();
    drag(page, [30, 20], [81, 57]);
    act(() => page.draft.undo());
    expect(elements(page)).toHaveLength(0);
    expect(page.root.querySelector<HTMLElement>(".ja-box-handles")?.hidden).toBe(true);
  });
});

describe("an image that is no use", () => {
  it("says that the browser cannot decode it, and draws nothing", () => {
    const page = show(boxes, { question: QUESTION, fields: { image: IMAGE }, blobs: URLS });
    act(() => void page.root.querySelector("img")?.dispatchEvent(new Event("error")));
    expect(page.root.querySelector("[role=alert]")?.textContent).toContain("cannot decode this image (image/png)");
    drag(page, [30, 20], [81, 57]);
    expect(page.press("b")).toBe(false);
    expect(page.draft.value.value).toBeNull();
  });

  it("says why it did not arrive", async () => {
    const blobs = { ready: () => null, url: () => Promise.reject(new Error("the file is gone")) };
    const page = show(boxes, { question: QUESTION, fields: { image: IMAGE }, blobs });
    await vi.waitFor(() => expect(page.root.querySelector("[role=alert]")?.textContent).toContain("the file is gone"));
  });

  it("refuses to draw when the browser sees another size than the project", () => {
    const page = open({}, { width: 480, height: 640 });
    expect(page.root.querySelector("[role=alert]")?.textContent).toContain("640 × 480");
    expect(page.press("b")).toBe(false);
  });
});

describe("what the app asks of the question", () => {
  it("counts by label for the history", () => {
    expect(boxes.summary(QUESTION, [box(0, 0, 5, 5, "white"), box(0, 0, 5, 5)])).toBe("1 red, 1 white");
  });

  it("names each key once in its legend", () => {
    const keys = boxes.legend(QUESTION).flatMap((row) => row.keys);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys).toEqual(expect.arrayContaining(["1", "2", "b", "s", "n", "t", "+", "-", "0"]));
  });
});
