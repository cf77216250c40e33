"""Sounds of the tram of Ostermoor, made when they are asked for: bells, horns and brakes."""

from __future__ import annotations

import io
import wave
from random import Random
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

__all__ = ["SOUNDS", "load_recordings"]

#: Labels of ``gold_sounds`` in `load_recordings`.
SOUNDS = ("bell", "horn", "brake")

_RATE = 8_000
_N_RECORDINGS = 6
_SECONDS = 10
_SOUND = pl.Struct({"start": pl.Float64, "end": pl.Float64, "label": pl.String})


def load_recordings() -> pl.DataFrame:
    """Make recordings of a street, for segments.

    Returns
    -------
    items
        item_id, audio (WAV bytes, mono, 8 kHz, 10 s), gold_sounds: a list of start, end (seconds) and label
        (one of `SOUNDS`).

    Examples
    --------
    >>> load_recordings()["gold_sounds"][0].to_list()[0]["label"]
    'brake'
    """
    rows = [_recording(number) for number in range(_N_RECORDINGS)]
    return pl.DataFrame(
        rows, schema={"item_id": pl.String, "audio": pl.Binary, "gold_sounds": pl.List(_SOUND)}
    )


def _recording(number: int) -> dict[str, Any]:
    draw = Random(number)
    street = 0.02 * np.asarray([draw.gauss(0, 1) for _ in range(_RATE * _SECONDS)])
    sounds: list[dict[str, Any]] = []
    at = draw.uniform(0.5, 1.5)
    while at < _SECONDS - 2:
        label = draw.choice(SOUNDS)
        length = round(draw.uniform(0.6, 1.8), 2)
        _lay(street, _sound(label, length, draw), at)
        sounds.append({"start": round(at, 2), "end": round(at + length, 2), "label": label})
        at += length + draw.uniform(0.4, 1.6)
    return {"item_id": f"street-{number + 1:02}", "audio": _wav(street), "gold_sounds": sounds}


def _sound(label: str, seconds: float, draw: Random) -> NDArray[np.float64]:
    time = np.arange(round(seconds * _RATE)) / _RATE
    match label:
        case "bell":
            strokes = np.exp(-6 * (time % 0.3))
            return 0.4 * strokes * (np.sin(2 * np.pi * 1320 * time) + 0.5 * np.sin(2 * np.pi * 2210 * time))
        case "horn":
            return 0.35 * np.sign(np.sin(2 * np.pi * 220 * time)) * np.minimum(1, 8 * time)
    noise = np.asarray([draw.uniform(-1, 1) for _ in time])
    return 0.3 * noise * np.sin(2 * np.pi * (900 + 500 * time) * time) * np.minimum(1, 3 * time)


def _lay(street: NDArray[np.float64], sound: NDArray[np.float64], at: float) -> None:
    start = round(at * _RATE)
    street[start : start + len(sound)] += sound


def _wav(samples: NDArray[np.float64]) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        file.writeframes((np.clip(samples, -1, 1) * 32_767).astype("<i2").tobytes())
    return out.getvalue()
