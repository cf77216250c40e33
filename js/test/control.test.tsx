import { act } from "preact/test-utils";
import { afterEach, describe, expect, it, vi } from "vitest";
import factory from "../src/control";
import type { ControlModel } from "../src/control_model";
import { labels, moodQuestion } from "./fake_kernel";
import { press } from "./opened";
import { settle } from "./settle";

type Heard = (message: unknown, buffers?: unknown) => void;

/** A model as anywidget gives it: setting tells those who listen. */
class FakeModel implements ControlModel {
  readonly traits: Record<string, unknown>;
  readonly sent: unknown[] = [];
  readonly saved: unknown[] = [];
  readonly heard: Record<string, Heard[]> = {};
  constructor(questions: readonly unknown[], fields: readonly unknown[] = [], cells: Record<string, unknown> = {}) {
    this.traits = { setup: { schema: { fields, questions }, fields: cells }, working: null, refusal: "" };
  }
  get = (name: string): unknown => this.traits[name];
  set(name: string, value: unknown): void {
    this.traits[name] = value;
    this.tell(`change:${name}`, value);
  }
  save_changes(): void {
    this.saved.push(this.traits.working);
  }
  send = (message: unknown): void => void this.sent.push(message);
  on(name: string, act: Heard): void {
    this.heard[name] = [...(this.heard[name] ?? []), act];
  }
  off(name: string, act: Heard): void {
    this.heard[name] = (this.heard[name] ?? []).filter((each) => each !== act);
  }
  tell(name: string, message: unknown, buffers?: unknown): void {
    for (const each of this.heard[name] ?? []) each(message, buffers);
  }
}

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

function open(model: FakeModel) {
  const module = factory();
  const el = document.createElement("div");
  document.body.append(el);
  const close = module.initialize({ model });
  const gone = module.render({ model, el });
  stops.push(() => {
    gone();
    close();
    el.remove();
  });
  const root = el.querySelector(".ja-root") as HTMLElement;
  root.focus();
  return { root, close, gone };
}

const pressed = (root: Element) =>
  [...root.querySelectorAll('[aria-pressed="true"] .ja-label-name')].map((each) => each.textContent);

describe("a control", () => {
  it("puts an answer into the trait, by key or click, and takes it back", async () => {
    const model = new FakeModel([moodQuestion]);
    const { root } = open(model);
    press(root, "2");
    await settle();
    expect([model.saved, pressed(root)]).toEqual([["sad"], ["sad"]]);
    act(() => (root.querySelector(".ja-label") as HTMLElement).click());
    await settle();
    press(root, "z");
    press(root, "Z", { shiftKey: true });
    press(root, "Backspace");
    await settle();
    expect(model.saved).toEqual(["sad", "glad", "sad", "glad", "sad"]);
    expect(root.querySelector(".ja-header, .ja-footer, .ja-actions")).toBeNull();
  });

  it("shows what Python set, and what is wrong with an answer", async () => {
    const model = new FakeModel([moodQuestion]);
    const { root } = open(model);
    model.set("working", "mixed");
    model.set("refusal", "expected something else");
    await settle();
    expect(pressed(root)).toEqual(["mixed"]);
    expect(root.textContent).toContain("expected something else");
    expect(model.saved).toEqual([]);
  });

  it("keeps what it has when its own edit comes back", async () => {
    const spans = { ...moodQuestion, kind: "spans", name: "q", field: "text", labels: labels("person") };
    const model = new FakeModel([spans], [{ kind: "text", name: "text" }], { text: "Ada met Grace" });
    const { root } = open(model);
    press(root, "ArrowRight");
    press(root, "1");
    await settle();
    expect(model.saved).toEqual([[{ start: 0, end: 3, label: "person" }]]);
    model.tell("change:working", model.traits.working);
    press(root, "]");
    await settle();
    // The span is still the chosen one: its end moves on.
    expect(model.saved.at(-1)).toEqual([{ start: 0, end: 7, label: "person" }]);
  });

  it("asks for its media by message", async () => {
    const boxes = { ...moodQuestion, kind: "boxes", name: "q", field: "image" };
    const image = { blob: "/image", width: 30, height: 20, mime: "image/png" };
    const model = new FakeModel([boxes], [{ kind: "image", name: "image" }], { image });
    const made = vi.fn(() => "blob:here");
    vi.stubGlobal(
      "ResizeObserver",
      class {
        observe() {}
        disconnect() {}
      },
    );
    vi.stubGlobal("URL", Object.assign(URL, { createObjectURL: made, revokeObjectURL: () => undefined }));
    const { root } = open(model);
    expect(model.sent).toEqual([{ kind: "blob", blob: "/image" }]);
    const part = new DataView(new Uint8Array([1, 2, 3]).buffer);
    model.tell("msg:custom", { kind: "blob", blob: "/image", mime: "image/png", part: 0, parts: 1 }, [part]);
    await settle();
    expect(made).toHaveBeenCalledTimes(1);
    expect(root.querySelector("img")?.getAttribute("src")).toBe("blob:here");
    vi.unstubAllGlobals();
  });

  it("owns its keys while it has the focus, gives them back with Escape, and leaves nothing behind", async () => {
    const model = new FakeModel([moodQuestion]);
    const { root, close, gone } = open(model);
    const outside = vi.fn();
    document.body.addEventListener("keydown", outside);
    press(root, "x");
    expect(outside).not.toHaveBeenCalled();
    press(root, "Escape");
    expect(document.activeElement).not.toBe(root);
    gone();
    close();
    expect(root.isConnected).toBe(false);
    expect(Object.values(model.heard).flat()).toEqual([]);
    document.body.removeEventListener("keydown", outside);
  });

  it("is called by its title, and shows a heading only where there is one", () => {
    const { root } = open(new FakeModel([moodQuestion]));
    expect([root.getAttribute("aria-label"), root.classList.contains("ja-root--untitled")]).toEqual(["Mood", false]);
    const other = open(new FakeModel([{ ...moodQuestion, title: null }])).root;
    expect([other.getAttribute("aria-label"), other.classList.contains("ja-root--untitled")]).toEqual(["mood", true]);
  });
});
