"""Video: what travels to the browser."""

from __future__ import annotations

from jupyter_annotate import Video
from tests.recordings import film


def test_the_payload_says_how_long_and_how_large() -> None:
    """A film is one message like an image, by its id."""
    field = Video("clip")

    assert field.payload(film(), item_id="i-1") == {
        "blob": "i-1/clip",
        "mime": "video/webm",
        "seconds": 5.0,
        "bytes": len(film()),
    }
    blob = field.blob(film())
    assert blob is not None
    assert (blob.data, blob.mime) == (film(), "video/webm")
