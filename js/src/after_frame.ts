/** Work that must not hold up the frame that is about to be painted. */

import { listen, type Stop, together } from "./listen";

export interface AfterFrame {
  /** Run `act` once the next frame is painted, soon without one, and at once when the page is left. */
  later(act: () => void): void;
  readonly close: Stop;
}

/** A page that paints no frame, being hidden or busy, works all the same. */
const PATIENCE = 100;

export function openAfterFrame(): AfterFrame {
  let waiting: (() => void)[] = [];
  let frame = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const work = (): void => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    const acts = waiting;
    waiting = [];
    for (const act of acts) act();
  };
  return {
    later(act) {
      if (waiting.push(act) > 1) return;
      if (document.visibilityState === "hidden") {
        work();
        return;
      }
      timer = setTimeout(work, PATIENCE);
      frame = requestAnimationFrame(() => {
        clearTimeout(timer);
        timer = setTimeout(work, 0);
      });
    },
    close: together([work, listen(window, "pagehide", work), listen(document, "visibilitychange", work)]),
  };
}
