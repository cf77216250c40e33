"""Images too large for a browser: fewer pixels are sent, and places still count in those of the file."""

from __future__ import annotations

import importlib.util
import io
import math
import warnings

from jupyter_annotate.errors import ExchangeError
from jupyter_annotate.extras import need_pillow
from jupyter_annotate.fields.image_header import ImageHeader

__all__ = ["can_scale", "scaled", "size_to_send"]

_QUALITY = 90


def can_scale() -> bool:
    """Tell whether the package that scales is there; without it images are sent as they are."""
    return importlib.util.find_spec("PIL") is not None


def size_to_send(header: ImageHeader, most_pixels: int) -> tuple[int, int] | None:
    """Return the size of the image that is sent, in pixels; None where the file itself is.

    Parameters
    ----------
    header
        Of the file, its size as displayed.
    most_pixels
        How many an image that is sent may have.

    Examples
    --------
    >>> size_to_send(ImageHeader("image/png", 20_000, 10_000), 50_000_000)
    (10000, 5000)
    >>> size_to_send(ImageHeader("image/png", 640, 480), 50_000_000)
    """
    pixels = header.width * header.height
    if pixels <= most_pixels:
        return None
    factor = math.sqrt(most_pixels / pixels)
    return max(1, int(header.width * factor)), max(1, int(header.height * factor))


def scaled(data: bytes, size: tuple[int, int], *, name: str) -> tuple[bytes, str]:
    """Return the image in another size, upright, with the type of the bytes.

    Parameters
    ----------
    data
        The file.
    size
        Width and height as displayed, in pixels.
    name
        What an error calls the file.

    Raises
    ------
    ExchangeError
        If it cannot be decoded.
    MissingExtraError
        Without Pillow.
    """
    image, turned = (need_pillow(each, purpose="Scaling images") for each in ("Image", "ImageOps"))
    try:
        with warnings.catch_warnings():
            # That it is large is known; what is larger still is refused by an error.
            warnings.simplefilter("ignore", image.DecompressionBombWarning)
            opened = image.open(io.BytesIO(data))
        with opened:
            # A JPEG is decoded at a half, a quarter or an eighth at once, whichever still is large enough.
            opened.draft(None, (max(size), max(size)))
            upright = turned.exif_transpose(opened)
            opaque = not upright.has_transparency_data
            found = upright.convert("RGB" if opaque else "RGBA").resize(
                size, image.Resampling.HAMMING, reducing_gap=2
            )
            profile = opened.info.get("icc_profile")
    except (OSError, ValueError, SyntaxError, image.DecompressionBombError) as error:
        raise ExchangeError(name, f"it cannot be made smaller for the browser: {error}") from error
    written = io.BytesIO()
    if opaque:
        found.save(written, "JPEG", quality=_QUALITY, icc_profile=profile)
    else:
        found.save(written, "PNG", icc_profile=profile)
    return written.getvalue(), "image/jpeg" if opaque else "image/png"
