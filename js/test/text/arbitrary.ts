import * as fc from "fast-check";

const ODD = [
  0x0d, 0x0a, 0x09, 0x20, 0x2e, 0x200b, 0x200d, 0x202e, 0x2067, 0x0301, 0xfe0f, 0x20e3, 0x1f468, 0x1f3fd, 0x1f1e9,
  0x1f1ea, 0xd83d, 0xde00, 0x05d0, 0x0627, 0x0e01, 0x0e33, 0x0928, 0x094d, 0x1100, 0x1161, 0x11a8, 0x0600, 0x61, 0x62,
  0x39,
];

const point = fc.oneof(
  fc.integer({ min: 0x20, max: 0x7e }),
  fc.constantFrom(...ODD),
  fc.integer({ min: 0, max: 0x10ffff }),
);

/** Any text at all, lone surrogates included, rich in characters that join, reorder or vanish. */
export const anyText = fc.array(point, { maxLength: 40 }).map((points) => String.fromCodePoint(...points));

/** Half open reaches inside a text of `length`, not empty. */
export function reachesIn(length: number, maxLength = 8) {
  const reach = fc
    .tuple(fc.nat(length), fc.nat(length))
    .map(([a, b]) => ({ start: Math.min(a, b), end: Math.max(a, b) }))
    .filter(({ start, end }) => start < end);
  return length ? fc.array(reach, { maxLength }) : fc.constant([]);
}
