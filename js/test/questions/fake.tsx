/** A question on the page without the app around it: what the app would give it, reduced to the contract. */

import { signal } from "@preact/signals-core";
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, vi } from "vitest";
import type { Item, QuestionSpec, Suggestion } from "../../src/protocol";
import type { BlobSource, KeyHandler, QuestionModule, QuestionProps } from "../../src/questions/module";

/** jsdom has no pointer events: a mouse event that knows its pointer will do. */
export class FakePointerEvent extends MouseEvent {
  readonly pointerType: string;
  readonly pointerId: number;
  constructor(kind: string, { pointerType = "mouse", pointerId = 1, ...init }: PointerEventInit = {}) {
    super(kind, { bubbles: true, composed: true, ...init });
    this.pointerType = pointerType;
    this.pointerId = pointerId;
  }
}

const mounted = new Set<HTMLElement>();

afterEach(() => {
  for (const root of mounted) {
    act(() => render(null, root));
    root.remove();
  }
  mounted.clear();
});

export function labelled(names: readonly string[]) {
  return names.map((name, index) => ({ name, key: String(index + 1), color: null, help: null }));
}

export function itemOf(fields: Readonly<Record<string, unknown>>): Item {
  return {
    item: "i-1",
    hash: "0",
    number: 1,
    status: "open",
    fields,
    prelabels: {},
    flagged: false,
    comment: null,
  };
}

/** An answer in the making that keeps its past, as the app's does. */
export function fakeDraft<A>(first: A | null) {
  const value = signal<A | null>(first);
  const past: (A | null)[] = [];
  return {
    value,
    dismissed: signal(false),
    past,
    set(next: A | null) {
      past.push(value.peek());
      value.value = next;
    },
    undo() {
      value.value = past.pop() ?? null;
    },
  };
}

export interface Setting<A, Q extends QuestionSpec = QuestionSpec> {
  question: Q;
  fields: Readonly<Record<string, unknown>>;
  value?: A | null;
  suggestion?: Suggestion<A> | null;
  blobs?: BlobSource;
  /** Answers to other questions. */
  standing?: Readonly<Record<string, unknown>>;
}

const NO_BLOBS: BlobSource = {
  url: () => Promise.reject(new Error("no media here")),
  ready: () => null,
  embed: () => Promise.reject(new Error("no widgets here")),
};

export function show<A, Q extends QuestionSpec>(module: QuestionModule<A, Q>, setting: Setting<A, Q>) {
  const root = document.createElement("div");
  root.className = "ja-root";
  document.body.append(root);
  mounted.add(root);
  const draft = fakeDraft<A>(setting.value ?? null);
  const handlers = new Set<KeyHandler>();
  const props: QuestionProps<A, Q> = {
    question: setting.question,
    item: itemOf(setting.fields),
    draft,
    suggestion: setting.suggestion ?? null,
    active: signal(true),
    activate: vi.fn(),
    submit: vi.fn(),
    asked: () => null,
    standing: (question) => setting.standing?.[question] ?? null,
    annotator: "ada",
    field: (name) => String(setting.fields[name] ?? ""),
    blobs: setting.blobs ?? NO_BLOBS,
    register: (handler) => {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
  };
  const { Surface, Panel } = module;
  const draw = (given: QuestionProps<A, Q>) =>
    act(() =>
      render(
        <>
          {Surface && <Surface {...given} />}
          <Panel {...given} />
        </>,
        root,
      ),
    );
  draw(props);

  /** Press a key the way the app passes it on; false when nobody owned it. */
  const press = (key: string, init: KeyboardEventInit = {}): boolean => {
    const ev = new KeyboardEvent("keydown", { key, code: codeOf(key), bubbles: true, ...init });
    const owner = [...handlers].find((handler) => handler.owns(ev));
    let handled = false;
    act(() => {
      handled = owner?.handle(ev) ?? false;
    });
    return handled;
  };
  const keys = (...all: readonly string[]) => {
    for (const key of all) press(key.replace("Shift+", ""), { shiftKey: key.startsWith("Shift+") });
  };
  const click = (name: RegExp) => {
    const button = [...root.querySelectorAll("button")].find((one) =>
      name.test(one.ariaLabel ?? one.textContent ?? ""),
    );
    if (!button) throw new Error(`no button ${name} on the page`);
    act(() => button.click());
  };
  const status = () => root.querySelector("[role=status]")?.textContent ?? "";
  const leave = () => act(() => render(null, root));
  return { root, draft, props, handlers, press, keys, click, status, redraw: draw, leave };
}

function codeOf(key: string): string {
  if (/^\d$/.test(key)) return `Digit${key}`;
  return /^[a-z]$/i.test(key) ? `Key${key.toUpperCase()}` : key;
}
