/** What goes with an object for as long as the object lives. */

const made = new WeakMap<object, unknown>();

/** What was made for this object the first time. */
export function remember<T>(of: object, make: () => T): T {
  if (!made.has(of)) made.set(of, make());
  return made.get(of) as T;
}
