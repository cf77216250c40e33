import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Stop } from "../src/listen";
import { watchSwipes } from "../src/swipe";
import { FakePointerEvent } from "./questions/fake";

let root: HTMLElement;
let gone: number[];
let stop: Stop;

beforeEach(() => {
  root = document.createElement("div");
  root.innerHTML = '<p>text</p><div class="ja-stage"></div>';
  document.body.append(root);
  gone = [];
  stop = watchSwipes(root, (step) => gone.push(step));
});

afterEach(() => {
  stop();
  root.remove();
});

function swipe([right, down]: readonly [number, number], at = "p", pointerType = "touch"): void {
  const target = root.querySelector(at) as Element;
  target.dispatchEvent(new FakePointerEvent("pointerdown", { clientX: 200, clientY: 200, pointerType }));
  target.dispatchEvent(new FakePointerEvent("pointerup", { clientX: 200 + right, clientY: 200 + down, pointerType }));
}

describe("a swipe", () => {
  it("to the left goes on, to the right goes back", () => {
    swipe([-90, 10]);
    swipe([90, -10]);
    expect(gone).toEqual([1, -1]);
  });

  it("has to be long and straight, by a finger, and not over what is drawn on", () => {
    swipe([-40, 0]);
    swipe([-90, 80]);
    swipe([-90, 0], "p", "mouse");
    swipe([-90, 0], ".ja-stage");
    expect(gone).toEqual([]);
  });
});
