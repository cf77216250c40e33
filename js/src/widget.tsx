/** The anywidget module: one sitting for a model, one DOM for each of its views. */

import { mount } from "./app";
import type { Model } from "./host";
import { openSitting, type Sitting } from "./sitting";

interface Context {
  readonly model: Model;
  /** anywidget 0.11 and later. */
  readonly signal?: AbortSignal;
}

/** Run `stop` once, whichever comes first: the returned function or the signal. */
function once(stop: () => void, signal: AbortSignal | undefined): () => void {
  let done = false;
  const run = (): void => {
    if (done) return;
    done = true;
    signal?.removeEventListener("abort", run);
    stop();
  };
  signal?.addEventListener("abort", run);
  return run;
}

export default () => {
  let sitting: Sitting | null = null;
  return {
    initialize({ model, signal }: Context): () => void {
      const opened = openSitting(model);
      sitting = opened;
      return once(() => opened.close(), signal);
    },
    render({ model, el, signal }: Context & { readonly el: HTMLElement }): () => void {
      sitting ??= openSitting(model);
      return once(mount(sitting, el), signal);
    },
  };
};
