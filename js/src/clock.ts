/** Milliseconds since the page began, which never go back; for the time of day there is `Date.now`. */
export const monotonic = (): number => performance.now();
