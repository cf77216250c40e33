/** What belongs to one view of a sitting: its open panel, its size, its key handlers. */

import { type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import { MODES } from "../modes";
import type { Several } from "../modes/module";
import type { QuestionSpec, Schema, Via } from "../protocol";
import type { BlobSource, KeyHandler } from "../questions/module";
import type { Sitting } from "../sitting";

export type PanelName = "legend" | "guidelines" | "comment";

/** What shows an item and takes answers to it: a view of a sitting, or a control without one. */
export interface PageView {
  readonly setup: ReadonlySignal<{ readonly schema: Schema } | null>;
  readonly questions: ReadonlySignal<readonly QuestionSpec[]>;
  readonly due: ReadonlySignal<readonly QuestionSpec[]>;
  readonly active: Signal<string>;
  readonly queue: { readonly serial: ReadonlySignal<number> };
  readonly who: { readonly guest: ReadonlySignal<string | null> };
  /** Whose answers these are. */
  annotator(): string;
  readonly blobs: BlobSource;
  /** By question, in the order they were mounted. */
  readonly handlers: Map<string, Set<KeyHandler>>;
  submit(via?: Via): void;
}

/** All that the sitting has, and what is the view's own. */
export interface View extends Sitting {
  readonly root: HTMLElement;
  readonly panel: Signal<PanelName | null>;
  readonly full: Signal<boolean>;
  /** Several items at once, where one answer can fit several. */
  readonly several: Several | null;
  /** By question, in the order they were mounted. */
  readonly handlers: Map<string, Set<KeyHandler>>;
}

export const newView = (sitting: Sitting, root: HTMLElement): View => ({
  ...sitting,
  root,
  panel: signal<PanelName | null>(null),
  full: signal(false),
  several: MODES.bulk?.open(sitting) ?? null,
  handlers: new Map(),
});

/** The name under which fields register: no question has it. */
export const FIELD_KEYS = "";

export function registerKeys({ handlers }: PageView, question: string, keys: KeyHandler): () => void {
  const all = handlers.get(question) ?? new Set();
  handlers.set(question, all.add(keys));
  return () => void all.delete(keys);
}

export function toggle(view: View, name: PanelName): void {
  const closing = view.panel.peek() === name;
  view.panel.value = closing ? null : name;
  if (closing) takeFocus(view);
}

/** The mode is another: what had the focus is gone. */
export function toggleSeveral(view: View): void {
  view.several?.toggle();
  takeFocus(view);
}

/** The root keeps the focus: where it goes elsewhere the next key is lost. */
export function takeFocus({ root }: View): void {
  root.focus({ preventScroll: true });
}

/** Give the keyboard to the notebook: to the cell the widget is in. */
export function release(root: HTMLElement): void {
  root.querySelector<HTMLElement>(":focus")?.blur();
  root.blur();
  root.closest<HTMLElement>(".jp-Cell")?.focus({ preventScroll: true });
}
