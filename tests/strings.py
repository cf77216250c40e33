"""Texts in which characters, code points and UTF-16 units are counted differently, by seed."""

from __future__ import annotations

import random
from collections.abc import Iterator

__all__ = ["nasty_texts"]

#: Pieces that join, reorder, vanish, pair or combine.
PIECES = (
    *("a", "b", "Z", "9", ".", " ", "  ", "\t", "\n", "\r", "\r\n", "\u2028", "\u0085", "\x0b", "\x00"),
    *("\u200b", "\u200c", "\u200d", "\ufeff", "\u00ad", "\u2060", "\u202e", "\u202c", "\u2067", "\u2069"),
    *("\u0301", "\u0308", "\u20dd", "\ufe0f", "\ufe0e", "\u20e3", "e\u0301", "\u00e9", "\u0337"),
    *("\U0001f469\u200d\U0001f469\u200d\U0001f467", "\U0001f468\U0001f3fd", "\U0001f3f4\U000e0067\U000e007f"),
    *(
        "\U0001f1e9\U0001f1ea",
        "\U0001f1e9",
        "\U0001f600",
        "1\ufe0f\u20e3",
        "\U0001f3fb",
        "\U0001f9d1\u200d\U0001f680",
    ),
    *(
        "\u05d0\u05d1",
        "\u0627\u0644",
        "\u0600",
        "\u0e01\u0e33",
        "\u0928\u094d",
        "\u0915\u094d\u0937",
        "\u1100\u1161\u11a8",
    ),
    *(
        "\u4e2d",
        "\U00020000",
        "\U0001d518",
        "\U00010348",
        "\ufffd",
        "\uffff",
        "\ue000",
        "\ud7ff",
        "\U0010ffff",
        "\u01c5",
    ),
    *("\ufb03", "\u0130", "\u00df", "\u1e9e", "<b>", "&amp;", "\U000e0001", "\U0001d165\U0001d16e"),
)
_SURROGATES = range(0xD800, 0xE000)
_LONGEST = 24


def nasty_texts(seed: int, count: int) -> Iterator[str]:
    """Yield texts of up to two dozen such pieces and of any other code points, without lone surrogates."""
    draw = random.Random(seed)
    for _ in range(count):
        share = draw.random()
        yield "".join(
            draw.choice(PIECES) if draw.random() < share else _anything(draw)
            for _ in range(draw.randrange(_LONGEST))
        )


def _anything(draw: random.Random) -> str:
    point = draw.randrange(draw.choice((0x80, 0x800, 0x10000, 0x110000)))
    return "\u00bf" if point in _SURROGATES else chr(point)
