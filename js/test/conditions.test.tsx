import { afterEach, beforeEach, describe, expect, it } from "vitest";
import cases from "../../tests/protocol/conditions.json";
import { asked, CANNOT_TELL, cannotTell, holds } from "../src/conditions";
import type { QuestionSpec } from "../src/protocol";
import { FakeKernel, labels, moodQuestion, moodSchema } from "./fake_kernel";
import { byText, press, stops, stored, text, widget } from "./opened";
import { settle } from "./settle";

const why: QuestionSpec = {
  kind: "choice",
  name: "why",
  title: "Why",
  required: true,
  labels: labels("rain", "news"),
  show_when: { mood: ["sad"] },
};
const sure: QuestionSpec = { ...why, name: "sure", title: "Sure", labels: labels("yes", "no"), show_when: { why: [] } };
const schema = { ...moodSchema, questions: [{ ...moodQuestion, cannot_tell: true }, why, sure] };

beforeEach(() => {
  document.body.replaceChildren();
});
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

const titles = (root: Element) =>
  [...root.querySelectorAll(".ja-question-title")].map((each) => each.firstElementChild?.textContent);
const active = (root: Element) => root.querySelector(".ja-question--active .ja-question-title span")?.textContent;

describe("conditions", () => {
  it("hold exactly where the kernel says so", () => {
    for (const { when, answers, shown } of cases)
      expect([when, answers, holds({ ...why, show_when: when as never }, answers)]).toEqual([when, answers, shown]);
  });

  it("reach on: what hangs on a question that is not asked is not asked", () => {
    const answers: Record<string, unknown> = { mood: "glad", why: "rain", sure: "yes" };
    const names = (all: Record<string, unknown>) =>
      asked(schema.questions, (name) => all[name]).map(({ name }) => name);
    expect(names(answers)).toEqual(["mood"]);
    expect(names({ ...answers, mood: "sad" })).toEqual(["mood", "why", "sure"]);
  });

  it("know their own answer from everything else", () => {
    expect([CANNOT_TELL, { cannot_tell: 1 }, null, "cannot_tell", []].map(cannotTell)).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});

describe("a question that is asked only then", () => {
  it("appears with the answer it hangs on, and what was answered before is not sent where it went again", async () => {
    const { root, kernel } = await widget(new FakeKernel(schema));
    expect(titles(root)).toEqual(["Mood"]);
    press(root, "2");
    await settle();
    expect(titles(root)).toEqual(["Mood", "Why"]);
    press(root, "PageDown");
    press(root, "1");
    await settle();
    expect([titles(root), active(root)]).toEqual([["Mood", "Why", "Sure"], "Why"]);
    press(root, "PageUp");
    press(root, "1");
    await settle();
    expect([titles(root), active(root)]).toEqual([["Mood"], "Mood"]);
    press(root, "Enter");
    await stored(kernel, 1);
    expect(kernel.stored[0]).toMatchObject({ answers: { mood: "glad" } });
  });

  it("is required where it is asked", async () => {
    const { root, kernel } = await widget(new FakeKernel(schema));
    press(root, "2");
    press(root, "Enter");
    await settle();
    expect(root.textContent).toContain("Answer “Why” first.");
    expect(kernel.stored).toEqual([]);
  });

  it("gives the keys away when it goes: no key reaches what is not on the screen", async () => {
    const { root } = await widget(new FakeKernel(schema));
    press(root, "2");
    await settle();
    press(root, "PageDown");
    byText(root, "glad").click();
    await settle();
    expect(active(root)).toBe("Mood");
  });
});

describe("who cannot tell", () => {
  it("says so by key or button, and it is an answer like any other", async () => {
    const { root, kernel } = await widget(new FakeKernel({ ...schema, questions: schema.questions.slice(0, 1) }));
    press(root, "u");
    await stored(kernel, 1);
    byText(root, "Cannot tell").click();
    await stored(kernel, 2);
    expect(kernel.stored.map((each) => "answers" in each && each.answers)).toEqual([
      { mood: CANNOT_TELL },
      { mood: CANNOT_TELL },
    ]);
    expect(root.querySelector(".ja-history")?.textContent).toContain("cannot tell");
    expect(text(root)).toBe("text 2");
  });

  it("can take it back, and an answer takes its place", async () => {
    const { root, kernel } = await widget(new FakeKernel(schema));
    const pressed = () => byText(root, "Cannot tell").getAttribute("aria-pressed");
    press(root, "u");
    await settle();
    expect(pressed()).toBe("true");
    press(root, "u");
    await settle();
    expect(pressed()).toBe("false");
    press(root, "u");
    press(root, "1");
    press(root, "Enter");
    await stored(kernel, 1);
    expect(kernel.stored[0]).toMatchObject({ answers: { mood: "glad" } });
  });

  it("meets no condition: nothing more is asked", async () => {
    const { root, kernel } = await widget(new FakeKernel(schema));
    press(root, "u");
    press(root, "Enter");
    await stored(kernel, 1);
    expect(kernel.stored[0]).toMatchObject({ answers: { mood: CANNOT_TELL } });
  });

  it("has no button where it is no answer", async () => {
    const { root, kernel } = await widget();
    press(root, "u");
    await settle();
    expect(byText(root, "Cannot tell")).toBeUndefined();
    expect(kernel.stored).toEqual([]);
  });
});
