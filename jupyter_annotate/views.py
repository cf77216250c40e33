"""Views: pure, vectorised folds of EVENTS."""

from __future__ import annotations

import polars as pl

from jupyter_annotate.columns import ANNOTATIONS, EVENTS, require
from jupyter_annotate.events import AnnotatorKind, EventKind

__all__ = ["Fold", "fold_tail", "latest_annotations", "progress", "standing"]

_ANSWER_TO = ["item_id", "annotator_id", "question"]
_UNDONE = pl.Struct({"events": pl.List(pl.String)})
#: What an answer that was taken back without another in its place holds.
_WITHDRAWN = "null"
#: So many tails added one by one are put together: each costs a little at every look.
_TAILS = 200


class Fold:
    """EVENTS and ANNOTATIONS as events arrive, folded only when somebody asks.

    An answer must not wait for a fold over the whole log.

    Parameters
    ----------
    events
        EVENTS so far, in order.
    """

    def __init__(self, events: pl.DataFrame) -> None:
        self._events = events
        self._annotations: pl.DataFrame | None = None
        self._tails: list[pl.DataFrame] = []
        self.last: int = events["position"][-1] if len(events) else 0

    def add(self, tail: pl.DataFrame) -> None:
        """Take in the events after the last one."""
        self._tails.append(tail)
        self.last = tail["position"][-1]
        if len(self._tails) >= _TAILS:
            self._put_together()

    def events(self, after: int = 0) -> pl.DataFrame:
        """Return EVENTS, those after a position only if one is given."""
        if after >= self.last:
            return self._events.clear()
        recent = [tail for tail in self._tails if tail["position"][-1] > after]
        if not recent or recent[0]["position"][0] != after + 1:
            self._put_together()
            recent = [self._events]
        found = recent[0] if len(recent) == 1 else pl.concat(recent)
        return found.slice(int(found["position"].search_sorted(after, side="right"))) if after else found

    def annotations(self) -> pl.DataFrame:
        """Return ANNOTATIONS."""
        self._put_together()
        if self._annotations is None:
            self._annotations = latest_annotations(self._events)
        return self._annotations

    def _put_together(self) -> None:
        if not self._tails:
            return
        tail = pl.concat(self._tails)
        self._events = pl.concat([self._events, tail], rechunk=True)
        if self._annotations is not None:
            self._annotations = fold_tail(self._annotations, self._events, tail)
        self._tails = []


def standing(events: object) -> pl.DataFrame:
    """Return the events nobody took back, in order.

    Parameters
    ----------
    events
        EVENTS.
    """
    return _standing(require(events, EVENTS, what="standing()"))


def _standing(events: pl.DataFrame) -> pl.DataFrame:
    frame = events.sort("position")
    undos = frame.filter(pl.col("kind") == EventKind.UNDO)["value"].drop_nulls()
    undone = undos.str.json_decode(_UNDONE).struct.field("events").explode()
    return frame.filter(~pl.col("event_id").is_in(undone.implode()))


def latest_annotations(events: object) -> pl.DataFrame:
    """Fold EVENTS into ANNOTATIONS: the current answer of each annotator to each question on each item.

    Parameters
    ----------
    events
        EVENTS. Answers taken back, withdrawn or erased leave no row.

    Returns
    -------
    annotations
        ANNOTATIONS, by position.
    """
    frame = require(events, EVENTS, what="latest_annotations()")
    answers = _standing(frame).filter(pl.col("kind") == EventKind.ANSWER)
    last = answers.unique(_ANSWER_TO, keep="last", maintain_order=True)
    return last.filter(pl.col("value") != _WITHDRAWN).select(*ANNOTATIONS)


def fold_tail(annotations: pl.DataFrame, events: pl.DataFrame, tail: pl.DataFrame) -> pl.DataFrame:
    """Bring ANNOTATIONS up to date after new events, refolding only what they touch.

    Parameters
    ----------
    annotations
        The fold of the events before ``tail``.
    events
        All EVENTS, ``tail`` included.
    tail
        The new ones.

    Returns
    -------
    annotations
        The same as ``latest_annotations(events)``, up to the order of rows.
    """
    touched = tail.select("item_id", "annotator_id").unique()
    by = ["item_id", "annotator_id"]
    refolded = latest_annotations(events.join(touched, on=by, how="semi"))
    return pl.concat([annotations.join(touched, on=by, how="anti"), refolded]).sort("position")


def progress(annotations: object, *, n_items: int) -> pl.DataFrame:
    """Count the items each human annotator has answered.

    Parameters
    ----------
    annotations
        ANNOTATIONS.
    n_items
        How many items there are.

    Returns
    -------
    progress
        annotator_id, done, total; by annotator.
    """
    frame = require(annotations, ANNOTATIONS, what="progress()")
    people = frame.filter(pl.col("annotator_kind") == AnnotatorKind.HUMAN)
    counted = people.group_by("annotator_id").agg(pl.col("item_id").n_unique().alias("done"))
    return counted.with_columns(total=pl.lit(n_items)).sort("annotator_id")
