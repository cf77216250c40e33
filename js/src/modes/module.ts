/** What a way of working is to the app. It is in the page only where the schema allows it. Nothing here runs. */

import type { ReadonlySignal, Signal } from "@preact/signals-core";
import type { ComponentType } from "preact";
import type { QuestionSpec } from "../protocol";
import type { LegendRow } from "../questions/module";
import type { Sitting } from "../sitting";
import type { View } from "../ui/view";

/** Several items at once, as far as the app has to know of it. */
export interface Several {
  /** The page shows several items. */
  readonly on: ReadonlySignal<boolean>;
  /** The questions of the one form, and the one the keys go to. */
  readonly due: ReadonlySignal<readonly QuestionSpec[]>;
  readonly active: Signal<string>;
  /** Whether keys have anything to act on. */
  isFilled(): boolean;
  toggle(): void;
  /** Whether there was a choice to give up. */
  pickNone(): boolean;
  close(): void;
}

export interface Mode {
  open(sitting: Sitting): Several;
  readonly Stage: ComponentType<{ readonly view: View }>;
  /** What a key does; `key` is the one of ours that is meant. */
  act(view: View, key: string, ev: KeyboardEvent): (() => void) | undefined;
  readonly legend: readonly LegendRow[];
}
