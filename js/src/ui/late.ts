/** What stands beside the item may come a frame later, so that it never holds the next item up. */

import { effect, type ReadonlySignal } from "@preact/signals";
import { useEffect, useMemo, useState } from "preact/hooks";

/** The value of a signal (or of what is computed from signals), once the frame that was under way is drawn. */
export function useLate<T>(source: ReadonlySignal<T>): T {
  const [value, setValue] = useState(() => source.peek());
  const late = useMemo(afterFrame, []);
  useEffect(() => {
    const stop = effect(() => {
      const next = source.value;
      late(() => setValue(() => next));
    });
    return () => {
      stop();
      late(null);
    };
  }, [source, late]);
  return value;
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
