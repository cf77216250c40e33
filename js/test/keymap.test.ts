import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { isOwned, keyName, ownKeys } from "../src/keymap";

let root: HTMLElement;
let stop: () => void;
const handle = vi.fn((_ev: KeyboardEvent) => true);

beforeEach(() => {
  handle.mockReset().mockReturnValue(true);
  root = document.createElement("div");
  root.tabIndex = 0;
  document.body.append(root);
  stop = ownKeys(root, { owns: isOwned, handle });
});

afterEach(() => {
  stop();
  root.remove();
});

function press(target: Element, init: KeyboardEventInit): KeyboardEvent {
  const ev = new KeyboardEvent("keydown", { bubbles: true, cancelable: true, composed: true, ...init });
  target.dispatchEvent(ev);
  return ev;
}

const inside = <K extends keyof HTMLElementTagNameMap>(name: K): HTMLElementTagNameMap[K] => {
  const element = document.createElement(name);
  root.append(element);
  return element;
};

describe("keys", () => {
  it("are the widget's while it has the focus, and end there", () => {
    const outside = vi.fn();
    document.addEventListener("keydown", outside);
    for (const key of ["a", "x", "1", "d", "Enter", " ", "Escape", "ArrowDown", "Delete", "?"]) {
      const ev = press(root, { key });
      expect([key, ev.defaultPrevented, root.dataset.lmSuppressShortcuts]).toEqual([key, true, "true"]);
    }
    expect(handle).toHaveBeenCalledTimes(10);
    expect(outside).not.toHaveBeenCalled();
    document.removeEventListener("keydown", outside);
  });

  it("with Ctrl, Meta or Alt stay the notebook's", () => {
    press(root, { key: "a" });
    for (const modifier of ["ctrlKey", "metaKey", "altKey"]) {
      const ev = press(root, { key: "s", [modifier]: true });
      expect(ev.defaultPrevented).toBe(false);
      expect(root.hasAttribute("data-lm-suppress-shortcuts")).toBe(false);
    }
    expect(handle).toHaveBeenCalledTimes(1);
  });

  it("typed into a text field are the field's", () => {
    for (const field of [inside("textarea"), inside("input")]) {
      expect(press(field, { key: "x" }).defaultPrevented).toBe(false);
      expect(root.hasAttribute("data-lm-suppress-shortcuts")).toBe(false);
    }
    expect(handle).not.toHaveBeenCalled();
  });

  it("Enter and Space press the button that has the focus, hidden from the notebook", () => {
    const button = inside("button");
    expect(press(button, { key: "Enter" }).defaultPrevented).toBe(false);
    expect(root.dataset.lmSuppressShortcuts).toBe("true");
    expect(handle).not.toHaveBeenCalled();
    press(button, { key: "2" });
    expect(handle).toHaveBeenCalledTimes(1);
  });

  it("elsewhere on the page are nobody's business", () => {
    expect(press(document.body, { key: "a" }).defaultPrevented).toBe(false);
    expect(handle).not.toHaveBeenCalled();
  });

  it("that compose a character are left alone", () => {
    expect(press(root, { key: "a", isComposing: true }).defaultPrevented).toBe(false);
    expect(handle).not.toHaveBeenCalled();
  });

  it("scroll when nothing else is done with them", () => {
    handle.mockReturnValue(false);
    expect(press(root, { key: "ArrowDown" }).defaultPrevented).toBe(false);
    expect(press(root, { key: "q" }).defaultPrevented).toBe(true);
  });

  it("are heard no more after clean-up", () => {
    stop();
    press(root, { key: "a" });
    expect(handle).not.toHaveBeenCalled();
    expect(root.hasAttribute("data-lm-suppress-shortcuts")).toBe(false);
  });

  it("reach a root inside a shadow tree of the host", () => {
    const shadow = document.createElement("div");
    document.body.append(shadow);
    shadow.attachShadow({ mode: "open" }).append(root);
    expect(press(root, { key: "a" }).defaultPrevented).toBe(true);
    shadow.remove();
  });

  it("have the name the schema gives them", () => {
    const name = (init: KeyboardEventInit): string => keyName(new KeyboardEvent("keydown", init));
    expect(name({ key: "&", code: "Digit1" })).toBe("1");
    expect(name({ key: "1", code: "Numpad1" })).toBe("1");
    expect(name({ key: "?", code: "Digit8", shiftKey: true })).toBe("?");
    expect(name({ key: "Q", code: "KeyA" })).toBe("q");
    expect(name({ key: "Backspace", code: "Backspace" })).toBe("Backspace");
  });
});
