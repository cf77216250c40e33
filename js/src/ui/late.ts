/** What stands beside the item may come a frame later, so that it never holds the next item up. */

import { effect, type ReadonlySignal, signal } from "@preact/signals-core";
import { useLayoutEffect, useOnce } from "./reactive";

/** The value of a signal (or of what is computed from signals), once the frame that was under way is drawn. */
export function useLate<T>(source: ReadonlySignal<T>): T {
  const shown = useOnce(() => signal(source.peek()));
  useLayoutEffect(() => {
    const late = afterFrame();
    const stop = effect(() => {
      const next = source.value;
      late(() => {
        shown.value = next;
      });
    });
    return () => {
      stop();
      late(null);
    };
  }, [source]);
  return shown.value;
}

/** Calls the last function it was given after the next frame; null calls none. */
function afterFrame(): (act: (() => void) | null) => void {
  let frame = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (act) => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    if (act === null) return;
    frame = requestAnimationFrame(() => {
      timer = setTimeout(act, 0);
    });
  };
}
