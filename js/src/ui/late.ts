/** What stands beside the item may come a frame later, so that it never holds the next item up. */

import { effect, type ReadonlySignal, signal } from "@preact/signals-core";
import type { AfterFrame } from "../after_frame";
import { useLayoutEffect, useOnce } from "./reactive";

/** The value of a signal (or of what is computed from signals), once the frame that was under way is drawn. */
export function useLate<T>({ later }: AfterFrame, source: ReadonlySignal<T>): T {
  const shown = useOnce(() => signal(source.peek()));
  useLayoutEffect(() => {
    let [due, gone] = [false, false];
    const show = (): void => {
      due = false;
      if (!gone) shown.value = source.peek();
    };
    const stop = effect(() => {
      const changed = source.value !== shown.peek();
      if (due || !changed) return;
      due = true;
      later(show);
    });
    return () => {
      gone = true;
      stop();
    };
  }, [source]);
  return shown.value;
}
