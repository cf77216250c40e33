/** A widget in the page, and what a person does to it. */

import { expect, vi } from "vitest";
import factory from "../src/widget";
import { FakeKernel } from "./fake_kernel";
import { settle } from "./settle";

export interface Opened {
  readonly kernel: FakeKernel;
  readonly el: HTMLElement;
  readonly root: HTMLElement;
  readonly stop: () => void;
  readonly render: (el: HTMLElement) => () => void;
}

/** Ends of everything that was opened: for `afterEach`. */
export const stops: (() => void)[] = [];

/** Show the widget of this kernel, and wait for its first item. */
export async function widget(kernel = new FakeKernel()): Promise<Opened> {
  const module = factory();
  const el = document.createElement("div");
  document.body.append(el);
  const stopModel = module.initialize({ model: kernel });
  const stopView = module.render({ model: kernel, el });
  const stop = (): void => {
    stopView();
    stopModel();
    el.remove();
  };
  stops.push(stop);
  const root = el.querySelector(".ja-root") as HTMLElement;
  root.focus();
  for (let tries = 0; tries < 20 && root.dataset.jaSerial === "0"; tries++) await settle(5);
  await settle();
  return { kernel, el, root, stop, render: (other) => module.render({ model: kernel, el: other }) };
}

export function press(root: Element, key: string, init: KeyboardEventInit = {}): void {
  const code = /^\d$/.test(key) ? `Digit${key}` : "";
  const at = document.activeElement && root.contains(document.activeElement) ? document.activeElement : root;
  at.dispatchEvent(
    new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true, composed: true, ...init }),
  );
}

/** Until the kernel has stored so many submissions, and the page shows that. */
export async function stored(kernel: FakeKernel, n: number): Promise<void> {
  await vi.waitFor(() => expect(kernel.stored.length).toBe(n), { timeout: 4000 });
  await settle();
}

export const painted = (): Promise<void> => Promise.resolve().then(() => undefined);
export const text = (root: Element): string => root.querySelector(".ja-text")?.textContent ?? "";
export const byText = (root: Element, words: string): HTMLElement =>
  [...root.querySelectorAll("button")].find((each) => each.textContent?.includes(words)) as HTMLElement;
