/** Names made in the browser: UUID version 7, in the order they were made. */

let last = 0;
let counter = 0;

/** Milliseconds that never go back within this page, with a counter for calls in the same one. */
function tick(): [number, number] {
  const now = Date.now();
  if (now > last) {
    last = now;
    counter = 0;
  } else if (++counter > 0xfff) {
    last += 1;
    counter = 0;
  }
  return [last, counter];
}

/** A UUIDv7 (RFC 9562, 5.7). `crypto.randomUUID` is not there on a page served without TLS. */
export function uuid7(): string {
  const [ms, count] = tick();
  const random = crypto.getRandomValues(new Uint8Array(8));
  random[0] = ((random[0] ?? 0) & 0x3f) | 0x80;
  const time = ms.toString(16).padStart(12, "0");
  const tail = Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const version = (0x7000 | count).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-${version}-${tail.slice(0, 4)}-${tail.slice(4)}`;
}

/** When a UUIDv7 was made, Unix milliseconds. */
export const madeAt = (id: string): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) || 0;
