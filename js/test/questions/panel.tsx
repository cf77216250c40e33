/** A question's panel alone, with a draft of its own. */

import { signal } from "@preact/signals-core";
import { render } from "preact";
import { afterEach, vi } from "vitest";
import type { QuestionSpec } from "../../src/protocol";
import type { KeyHandler, QuestionModule, QuestionProps } from "../../src/questions/module";
import { itemAt } from "../fake_kernel";

const roots = new Set<HTMLElement>();

afterEach(() => {
  for (const root of roots) {
    render(null, root);
    root.remove();
  }
  roots.clear();
});

export const key = (name: string, init: KeyboardEventInit = {}): KeyboardEvent =>
  new KeyboardEvent("keydown", {
    key: name,
    code: /\d/.test(name) ? `Digit${name}` : "",
    bubbles: true,
    cancelable: true,
    ...init,
  });

export function button(root: Element, name: string): HTMLButtonElement {
  const found = [...root.querySelectorAll("button")].find(
    (each) => each.querySelector(".ja-label-name")?.textContent === name,
  );
  if (!found) throw new Error(`no button ${name}`);
  return found;
}

export function mountPanel<A, Q extends QuestionSpec>(
  module: QuestionModule<A, Q>,
  question: Q,
  more: Partial<QuestionProps<A, Q>> = {},
) {
  const root = document.createElement("div");
  document.body.append(root);
  roots.add(root);
  const value = signal<A | null>(null);
  const draft = {
    value,
    dismissed: signal(false),
    set: (next: A | null): void => {
      value.value = next;
    },
  };
  const handlers = new Set<KeyHandler>();
  const activate = vi.fn();
  const props: QuestionProps<A, Q> = {
    question,
    item: itemAt(0),
    draft,
    suggestion: null,
    active: signal(true),
    activate,
    submit: vi.fn(),
    asked: () => null,
    standing: () => null,
    annotator: "ada",
    field: () => null,
    blobs: { url: () => Promise.reject(new Error("none")), ready: () => null },
    register: (keys) => {
      handlers.add(keys);
      return () => void handlers.delete(keys);
    },
    ...more,
  };
  const { Panel } = module;
  render(<Panel {...props} />, root);
  return {
    root,
    draft,
    activate,
    handler: (): KeyHandler => [...handlers][0] as KeyHandler,
    painted: (): Promise<void> => new Promise((resolve) => setTimeout(resolve)),
    unmount: () => render(null, root),
  };
}
