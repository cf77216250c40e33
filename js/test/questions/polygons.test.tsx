import { act } from "preact/test-utils";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { polygons } from "../../src/questions/polygons";
import type { PolygonsSpec, PolygonValue } from "../../src/questions/polygons/editor";
import { FakePointerEvent, labelled, type Setting, show } from "./fake";

const QUESTION: PolygonsSpec = {
  kind: "polygons",
  name: "lakes",
  title: "Lakes",
  required: true,
  field: "image",
  closed: true,
  labels: labelled(["field", "lake"]),
};
const IMAGE = { blob: "i-1/image", width: 640, height: 480, mime: "image/png" };
/** Where the image lies on the page: half its size, off the corner. */
const SHOWN = { left: 20, top: 10, width: 320, height: 240 };
const URLS = { ready: () => "blob:here", url: () => Promise.resolve("blob:here") };

beforeEach(() => {
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe() {}
      disconnect() {}
    },
  );
});

function open(setting: Partial<Setting<readonly PolygonValue[], PolygonsSpec>> = {}) {
  const page = show(polygons, { question: { ...QUESTION }, fields: { image: IMAGE }, blobs: URLS, ...setting });
  const picture = page.root.querySelector("img") as HTMLImageElement;
  Object.defineProperties(picture, { naturalWidth: { value: IMAGE.width }, naturalHeight: { value: IMAGE.height } });
  picture.getBoundingClientRect = () => ({ ...SHOWN, x: SHOWN.left, y: SHOWN.top }) as DOMRect;
  act(() => void picture.dispatchEvent(new Event("load")));
  return page;
}

type Page = ReturnType<typeof open>;

const answer = ({ draft }: Page) => draft.value.value;
const stage = ({ root }: Page) => root.querySelector(".ja-stage") as HTMLElement;

/** In pixels of the page, which are two of the image. */
const send = (page: Page, kind: string, [x, y]: readonly [number, number], target: Element = stage(page)) =>
  act(
    () =>
      void target.dispatchEvent(
        new FakePointerEvent(kind, {
          clientX: SHOWN.left + x,
          clientY: SHOWN.top + y,
          button: 0,
        } as PointerEventInit),
      ),
  );
function click(page: Page, at: readonly [number, number], target?: Element): void {
  send(page, "pointerdown", at, target);
  send(page, "pointerup", at, target);
}
function drag(page: Page, from: readonly [number, number], to: readonly [number, number], target?: Element): void {
  send(page, "pointerdown", from, target);
  send(page, "pointermove", to);
  send(page, "pointerup", to);
}

const TRIANGLE: PolygonValue = {
  points: [
    [100, 100],
    [200, 100],
    [200, 200],
  ],
  label: "field",
};

describe("polygons by pointer", () => {
  it("take a corner a click, and close at the first one", () => {
    const page = open();
    click(page, [50, 50]);
    click(page, [100, 50]);
    click(page, [100, 100]);
    expect([answer(page), page.status()]).toEqual([null, expect.stringContaining("closes it")]);
    click(page, [52, 51]);
    expect(answer(page)).toEqual([TRIANGLE]);
    expect(page.status()).toBe("field: 3 corners");
  });

  it("are closed by a double click, whose second click is no corner", () => {
    const page = open();
    click(page, [50, 50]);
    click(page, [100, 50]);
    click(page, [100, 100]);
    click(page, [100, 100]);
    act(() => void stage(page).dispatchEvent(new MouseEvent("dblclick", { bubbles: true })));
    expect(answer(page)).toEqual([TRIANGLE]);
  });

  it("are drawn freehand, with no more corners than it takes", () => {
    const page = open();
    send(page, "pointerdown", [50, 50]);
    for (const at of [
      [60, 50],
      [75, 50],
      [100, 50],
      [100, 75],
      [100, 100],
      [75, 75],
    ] as const)
      send(page, "pointermove", at);
    send(page, "pointerup", [52, 52]);
    expect(answer(page)?.[0]?.points.length).toBeLessThan(6);
  });

  it("are chosen by a click, moved as a whole, and reshaped by a corner or a middle", () => {
    const page = open({ value: [TRIANGLE] });
    click(page, [90, 60]);
    expect(page.status()).toBe("field: 3 corners");
    drag(page, [90, 60], [100, 70]);
    expect(answer(page)?.[0]?.points).toEqual([
      [120, 120],
      [220, 120],
      [220, 220],
    ]);
    drag(page, [110, 110], [120, 120], page.root.querySelector('[data-ja-corner="2"]') as Element);
    expect(answer(page)?.[0]?.points[2]).toEqual([240, 240]);
    drag(page, [85, 60], [85, 40], page.root.querySelector('[data-ja-edge="0"]') as Element);
    expect(answer(page)?.[0]?.points).toEqual([
      [120, 120],
      [170, 80],
      [220, 120],
      [240, 240],
    ]);
  });

  it("stay as they are when a drag would make them cross, and say why", () => {
    const square: PolygonValue = {
      points: [
        [100, 100],
        [200, 100],
        [200, 200],
        [100, 200],
      ],
      label: "lake",
    };
    const page = open({ value: [square] });
    click(page, [75, 75]);
    drag(page, [50, 50], [150, 75], page.root.querySelector('[data-ja-corner="0"]') as Element);
    expect([answer(page), page.status()]).toEqual([[square], "An outline may not cross itself."]);
  });
});

describe("polygons by keyboard", () => {
  it("are drawn with the crosshair, and Enter ends them instead of submitting", () => {
    const page = open();
    page.keys("b", "ArrowRight", "b", "ArrowDown", "b");
    expect(page.press("Enter")).toBe(true);
    expect(answer(page)).toEqual([
      {
        points: [
          [320, 240],
          [330, 240],
          [330, 250],
        ],
        label: "field",
      },
    ]);
    page.press("2");
    expect(answer(page)?.[0]?.label).toBe("lake");
    expect(page.press("Enter")).toBe(false);
  });

  it("take back a corner while drawing, and drop the path with Escape", () => {
    const page = open();
    page.keys("b", "ArrowRight", "b", "z", "z");
    expect(page.press("z")).toBe(false);
    page.keys("b", "Escape");
    expect([answer(page), page.press("z")]).toEqual([null, false]);
  });

  it("say what is missing, and keep the path", () => {
    const page = open();
    page.keys("b", "ArrowRight", "b", "Enter");
    expect([answer(page), page.status()]).toEqual([null, "At least 3 corners."]);
    page.keys("ArrowDown", "b", "Enter");
    expect(answer(page)?.length).toBe(1);
  });

  it("move, and their corners are walked, moved, put in and removed", () => {
    const page = open({ value: [TRIANGLE] });
    page.keys("s", "ArrowRight");
    expect(answer(page)?.[0]?.points).toEqual([
      [110, 100],
      [210, 100],
      [210, 200],
    ]);
    page.keys("]", "t", "ArrowUp");
    expect([answer(page)?.[0]?.points[0], page.status()]).toEqual([[110, 99], "field: corner 1 of 3"]);
    page.keys("i", "[");
    expect(answer(page)?.[0]?.points.length).toBe(4);
    page.keys("]", "n");
    expect(answer(page)?.[0]?.points).toEqual([
      [110, 99],
      [210, 100],
      [210, 200],
    ]);
    page.keys("n");
    expect(answer(page)).toEqual([]);
  });

  it("leaves keys alone while there is no image", () => {
    const page = show(polygons, { question: { ...QUESTION }, fields: { image: IMAGE }, blobs: URLS });
    expect([page.press("b"), page.press("ArrowLeft")]).toEqual([false, false]);
  });
});

describe("polygons", () => {
  it("are lines where they are open", () => {
    const page = open({ question: { ...QUESTION, closed: false } });
    page.keys("b", "ArrowRight", "b", "Enter");
    expect(answer(page)).toEqual([
      {
        points: [
          [320, 240],
          [330, 240],
        ],
        label: "field",
      },
    ]);
    expect(page.root.querySelector("polyline")).not.toBeNull();
  });

  it("begin with suggestions, shown as such until the first edit", () => {
    const suggestion = { id: "b:0", value: [TRIANGLE], score: 0.9, source: "m" };
    const page = open({ suggestion });
    expect(page.root.querySelector(".ja-polygon.ja-dashed")).not.toBeNull();
    page.keys("s", "2");
    expect(answer(page)).toEqual([{ ...TRIANGLE, label: "lake" }]);
    expect(page.root.querySelector(".ja-polygon.ja-dashed")).toBeNull();
  });

  it("count in the history, and none is an answer", () => {
    expect([
      polygons.summary(QUESTION, [TRIANGLE]),
      polygons.initial(QUESTION),
      polygons.complete(QUESTION, []),
    ]).toEqual(["1 field", [], true]);
    expect(polygons.legend(QUESTION).length).toBeGreaterThan(8);
  });

  it("put names into text only", () => {
    const nasty = '<img src=x onerror="globalThis.hit=1">';
    const page = open({ question: { ...QUESTION, labels: labelled([nasty]) }, value: [{ ...TRIANGLE, label: nasty }] });
    expect(page.root.querySelectorAll("img").length).toBe(1);
    expect(page.root.querySelector(".ja-polygon-label")?.textContent).toBe(nasty);
  });
});
