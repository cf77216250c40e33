import { describe, expect, it } from "vitest";
import { type RatingSpec, rating } from "../../src/questions/rating";
import { show } from "./fake";

const QUESTION: RatingSpec = {
  kind: "rating",
  name: "quality",
  title: "Quality",
  required: true,
  labels: [],
  points: 5,
  start: 1,
  low: "poor",
  high: "excellent",
  style: "scale",
};
const open = (more: Partial<RatingSpec> = {}, setting: object = {}) =>
  show(rating, { question: { ...QUESTION, ...more }, fields: { text: "a" }, ...setting });
const points = (root: Element) => [...root.querySelectorAll("button")].map((each) => each.textContent);
const pressed = (root: Element) => root.querySelector('[aria-pressed="true"]')?.textContent ?? null;

describe("rating", () => {
  it("shows every point, reads out what the ends mean, and takes a digit or a click", () => {
    const { root, press, click, draft } = open();
    expect(points(root)).toEqual(["1", "2", "3", "4", "5"]);
    expect([...root.querySelectorAll("button")].map((each) => each.getAttribute("aria-label"))).toEqual([
      "1, poor",
      "2",
      "3",
      "4",
      "5, excellent",
    ]);
    expect(press("4")).toBe(true);
    expect([draft.value.value, pressed(root)]).toEqual([4, "4"]);
    click(/^2$/);
    expect(draft.value.value).toBe(2);
    expect(press("6")).toBe(false);
    expect(press("4", { repeat: true })).toBe(true);
    expect(draft.value.value).toBe(2);
  });

  it("has keys for zero to nine, and 0 is ten where there is no zero", () => {
    const ten = open({ points: 10 });
    ten.press("0");
    expect(ten.draft.value.value).toBe(10);
    const eleven = open({ points: 11, start: 0 });
    eleven.press("0");
    expect(eleven.draft.value.value).toBe(0);
    eleven.keys("9", "ArrowRight", "ArrowRight");
    expect(eleven.draft.value.value).toBe(10);
    eleven.keys("ArrowLeft");
    expect(eleven.draft.value.value).toBe(9);
  });

  it("leaves the arrows to the app where every point has a key, and begins in the middle where not", () => {
    expect(open().press("ArrowRight")).toBe(false);
    const below = open({ points: 7, start: -3 });
    below.keys("ArrowRight");
    expect(below.draft.value.value).toBe(0);
    below.keys(...Array.from({ length: 9 }, () => "ArrowLeft"));
    expect(below.draft.value.value).toBe(-3);
  });

  it("is the decision only alone and where one key answers", () => {
    expect([
      rating.submitsAtOnce(QUESTION, true),
      rating.submitsAtOnce(QUESTION, false),
      rating.submitsAtOnce({ ...QUESTION, points: 11, start: 0 }, true),
    ]).toEqual([true, false, false]);
    expect([rating.complete(QUESTION, 5), rating.complete(QUESTION, 6), rating.complete(QUESTION, null)]).toEqual([
      true,
      false,
      false,
    ]);
    expect([rating.initial(QUESTION), rating.summary(QUESTION, 4)]).toEqual([null, "4 of 5"]);
    expect(rating.legend(QUESTION)).toEqual([{ keys: ["1", "5"], text: "a point of the scale, from … to" }]);
    expect(rating.legend({ ...QUESTION, start: 11 })).toEqual([{ keys: ["←", "→"], text: "a point lower, higher" }]);
  });

  it("fills the stars up to the answer, and shows a suggestion as one until then", () => {
    const suggestion = { id: "b:0", value: 3, score: 0.9, source: "m" };
    const { root, press } = open({ style: "stars" }, { suggestion });
    expect(root.querySelector(".ja-rating-point--suggested")?.textContent).toContain("3");
    expect(root.textContent).toContain("3 suggested, 90 %");
    press("2");
    expect(root.querySelectorAll(".ja-rating-point--filled").length).toBe(2);
    expect(root.querySelector(".ja-rating-point--suggested")).toBeNull();
  });

  it("puts words into text only", () => {
    const nasty = '<img src=x onerror="globalThis.hit=1">';
    const { root } = open({ low: nasty, high: nasty, title: nasty });
    expect(root.querySelector("img")).toBeNull();
    expect(root.textContent).toContain(nasty);
  });
});
