import { act } from "preact/test-utils";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { keypoints } from "../../src/questions/keypoints";
import type { KeypointsSpec, KeypointValue } from "../../src/questions/keypoints/editor";
import { FakePointerEvent, labelled, type Setting, show } from "./fake";

const QUESTION: KeypointsSpec = {
  kind: "keypoints",
  name: "face",
  title: "Face",
  required: true,
  field: "image",
  edges: [["nose", "chin"]],
  labels: labelled(["nose", "chin", "ear"]),
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

function open(setting: Partial<Setting<readonly KeypointValue[], KeypointsSpec>> = {}) {
  const page = show(keypoints, { question: { ...QUESTION }, fields: { image: IMAGE }, blobs: URLS, ...setting });
  const picture = page.root.querySelector("img") as HTMLImageElement;
  Object.defineProperties(picture, { naturalWidth: { value: IMAGE.width }, naturalHeight: { value: IMAGE.height } });
  picture.getBoundingClientRect = () => ({ ...SHOWN, x: SHOWN.left, y: SHOWN.top }) as DOMRect;
  act(() => void picture.dispatchEvent(new Event("load")));
  return page;
}

type Page = ReturnType<typeof open>;

const answer = ({ draft }: Page) => draft.value.value;
const send = ({ root }: Page, kind: string, [x, y]: readonly [number, number]) =>
  act(
    () =>
      void root
        .querySelector(".ja-stage")
        ?.dispatchEvent(new FakePointerEvent(kind, { clientX: SHOWN.left + x, clientY: SHOWN.top + y, button: 0 })),
  );
function click(page: Page, at: readonly [number, number]): void {
  send(page, "pointerdown", at);
  send(page, "pointerup", at);
}
const point = (label: string, x: number, y: number, visible = true): KeypointValue => ({ x, y, visible, label });

describe("keypoints", () => {
  it("are placed by clicks, in the order of the schema, joined by their edges", () => {
    const page = open();
    expect(page.status()).toBe("Next: nose. Click its place, or arrow keys and b.");
    click(page, [50, 50]);
    expect(page.root.querySelector("line")).toBeNull();
    click(page, [100, 60]);
    expect(answer(page)).toEqual([point("nose", 100, 100), point("chin", 200, 120)]);
    expect(page.root.querySelectorAll("line").length).toBe(1);
    click(page, [200, 60]);
    click(page, [10, 10]);
    expect([answer(page)?.length, page.status()]).toEqual([
      3,
      "All points have their place: choose one to move or remove it.",
    ]);
  });

  it("are chosen near them, and dragged", () => {
    const page = open({ value: [point("nose", 100, 100)] });
    send(page, "pointerdown", [52, 51]);
    send(page, "pointermove", [80, 70]);
    send(page, "pointerup", [80, 70]);
    expect(answer(page)).toEqual([point("nose", 160, 140)]);
    click(page, [80, 70]);
    expect([answer(page)?.length, page.status()]).toEqual([1, "nose at 160, 140"]);
  });

  it("are placed, moved, hidden and removed by keys", () => {
    const page = open();
    page.keys("b", "ArrowRight", "b");
    expect(answer(page)).toEqual([point("nose", 320, 240), point("chin", 330, 240)]);
    page.keys("1", "t", "ArrowUp", "v");
    expect(answer(page)?.[0]).toEqual(point("nose", 320, 239, false));
    expect([page.status(), page.root.querySelector(".ja-keypoint--hidden")?.textContent]).toEqual([
      "nose at 320, 239, hidden",
      "nose (hidden)",
    ]);
    page.keys("v");
    expect(answer(page)?.[0]?.visible).toBe(true);
    page.keys("n");
    expect(answer(page)?.map(({ label }) => label)).toEqual(["chin"]);
  });

  it("are asked for by label, whatever comes first", () => {
    const page = open();
    page.keys("3", "b");
    expect(answer(page)?.[0]?.label).toBe("ear");
    page.click(/hidden/);
    expect(answer(page)?.[0]?.visible).toBe(true);
    page.keys("Escape", "b");
    expect(answer(page)?.[1]?.label).toBe("nose");
  });

  it("leave keys alone while there is no image, and v without a chosen point", () => {
    const page = show(keypoints, { question: { ...QUESTION }, fields: { image: IMAGE }, blobs: URLS });
    expect([page.press("b"), open().press("v")]).toEqual([false, false]);
  });

  it("begin with suggestions, count in the history, and put names into text only", () => {
    const nasty = '<img src=x onerror="globalThis.hit=1">';
    const suggestion = { id: "b:0", value: [point(nasty, 10, 10)], score: 0.9, source: "m" };
    const page = open({ question: { ...QUESTION, edges: [], labels: labelled([nasty]) }, suggestion });
    expect([
      page.root.querySelectorAll("img").length,
      page.root.querySelector(".ja-keypoint.ja-dashed")?.textContent,
    ]).toEqual([1, nasty]);
    page.keys("s", "ArrowRight");
    expect(answer(page)?.[0]?.x).toBe(20);
    expect([keypoints.summary(QUESTION, [point("nose", 1, 1)]), keypoints.complete(QUESTION, [])]).toEqual([
      "1 nose",
      true,
    ]);
  });
});
