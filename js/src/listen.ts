/** Listening to the page in a way that can be ended. */

export type Stop = () => void;

/** Listen until the returned function is called. */
export function listen<E extends Event>(
  target: EventTarget,
  name: string,
  act: (ev: E) => void,
  options?: AddEventListenerOptions | boolean,
): Stop {
  target.addEventListener(name, act as EventListener, options);
  return () => target.removeEventListener(name, act as EventListener, options);
}

/** One function that ends all of them, in order. */
export function together(stops: readonly Stop[]): Stop {
  return () => {
    for (const stop of stops) stop();
  };
}
