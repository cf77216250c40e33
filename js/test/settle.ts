/**
 * Let the page, its database and its paint finish what they have begun.
 *
 * Counted in turns of the event loop, not in milliseconds: on a busy machine a page gets fewer turns in the same time.
 */
export async function settle(turns = 30): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await pause(1);
}

/** Wait by the clock, where the clock is what is tested. */
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
