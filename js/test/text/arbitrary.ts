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

/** What tests/strings.py draws from: pieces that join, reorder, vanish, pair or combine. */
const PIECES =
  "a b Z 9 . \t \n \r \r\n \u2028 \u0085 \u200b \u200c \u200d \ufeff \u00ad \u2060 \u202e \u2067 \u2069 \u0301 \u0308 " +
  "\u20dd \ufe0f \u20e3 e\u0301 \u{1f469}\u200d\u{1f469}\u200d\u{1f467} \u{1f468}\u{1f3fd} \u{1f3f4}\u{e0067}\u{e007f} " +
  "\u{1f1e9}\u{1f1ea} \u{1f1e9} 1\ufe0f\u20e3 \u05d0\u05d1 \u0627\u0644 \u0600 \u0e01\u0e33 \u0928\u094d \u1100\u1161\u11a8 " +
  "\u4e2d \u{20000} \u{1d518} \ufffd \uffff \ue000 \ud7ff \u{10ffff} \ufb03 \u0130 \u00df <b> &amp; \u{e0001}";

/** Well-formed texts of such pieces. */
export const nastyText = fc
  .array(fc.oneof(fc.constantFrom(...PIECES.split(" ")), fc.string({ unit: "binary", maxLength: 2 })), {
    maxLength: 24,
  })
  .map((pieces) => pieces.join(""));

/** Half open reaches inside a text of `length`, not empty. */
export function reachesIn(length: number, maxLength = 8) {
  const reach = fc
    .tuple(fc.nat(length), fc.nat(length))
    .map(([a, b]) => ({ start: Math.min(a, b), end: Math.max(a, b) }))
    .filter(({ start, end }) => start < end);
  return length ? fc.array(reach, { maxLength }) : fc.constant([]);
}
