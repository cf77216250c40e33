"""Views: pure, vectorised folds of EVENTS."""

from __future__ import annotations

import polars as pl

from jupyter_annotate.columns import ANNOTATIONS, EVENTS, require
from jupyter_annotate.events import AnnotatorKind, EventKind
from jupyter_annotate.translation import History

__all__ = [
    "Fold",
    "fold_tail",
    "in_order",
    "latest_annotations",
    "progress",
    "standing",
    "stored_annotations",
]

_OF = ["item_id", "annotator_id"]
_ANSWER_TO = [*_OF, "question"]
_UNDONE = pl.Struct({"events": pl.List(pl.String)})
#: What an answer that was taken back without another in its place holds.
_WITHDRAWN = "null"
#: So many tails added one by one are put together: each costs a little at every look.
_TAILS = 200
#: The newer events join the older ones when they have become this part of them; copying all takes time.
_PART = 4


class Fold:
    """EVENTS and ANNOTATIONS as events arrive, folded only when somebody asks.

    An answer must not wait for a fold over the whole log, nor for a copy of it.

    Parameters
    ----------
    events
        EVENTS so far, in order.
    history
        Versions of the schema, which whoever holds it keeps up to date.
    """

    def __init__(self, events: pl.DataFrame, history: History) -> None:
        self._history = history
        #: What was translated last, into which version, and what came of it.
        self._told: tuple[pl.DataFrame, int, pl.DataFrame] | None = None
        self._older = events
        self._newer = events.clear()
        self._tails: list[pl.DataFrame] = []
        self._annotations: pl.DataFrame | None = None
        self._folded = 0
        self.last: int = events["position"][-1] if len(events) else 0

    def add(self, tail: pl.DataFrame) -> None:
        """Take in the events after the last one."""
        self._tails.append(tail)
        self.last = tail["position"][-1]
        if len(self._tails) >= _TAILS:
            self._put_together()

    def events(self, after: int = 0) -> pl.DataFrame:
        """Return EVENTS, those after a position only if one is given."""
        wanted = [part for part in self._parts() if len(part) and part["position"][-1] > after]
        if not wanted:
            return self._older.clear()
        found = wanted[0] if len(wanted) == 1 else pl.concat(wanted, rechunk=False)
        return found.slice(int(found["position"].search_sorted(after, side="right"))) if after else found

    def annotations(self) -> pl.DataFrame:
        """Return ANNOTATIONS, in the words of the schema in force."""
        if self._annotations is None:
            self._annotations = stored_annotations(self.events())
        elif self._folded < self.last:
            self._annotations = fold_tail(self._annotations, self.events(), self.events(self._folded))
        self._folded = self.last
        return self._in_words(self._annotations)

    def annotations_before(self, position: int) -> pl.DataFrame:
        """Return ANNOTATIONS as they were before the event at this position."""
        events = self.events()
        return latest_annotations(events.head(int(events["position"].search_sorted(position))))

    def _in_words(self, stored: pl.DataFrame) -> pl.DataFrame:
        number = self._history.current.number
        if number == 0:
            return stored
        if self._told is None or self._told[0] is not stored or self._told[1] != number:
            self._told = (stored, number, _told(stored, self.events(), self._history))
        return self._told[2]

    def _parts(self) -> list[pl.DataFrame]:
        return [self._older, self._newer, *self._tails]

    def _put_together(self) -> None:
        self._newer, self._tails = pl.concat([self._newer, *self._tails], rechunk=True), []
        if len(self._newer) * _PART > len(self._older):
            self._older = pl.concat([self._older, self._newer], rechunk=True)
            self._newer = self._older.clear()


def standing(events: object) -> pl.DataFrame:
    """Return the events that were not taken back, in order. Nobody takes back what another did, or elsewhere.

    Parameters
    ----------
    events
        EVENTS.
    """
    return _standing(in_order(require(events, EVENTS, what="standing()")))


def _standing(frame: pl.DataFrame) -> pl.DataFrame:
    undos = frame.filter(pl.col("kind") == EventKind.UNDO, pl.col("value").is_not_null())
    named = pl.col("value").str.json_decode(_UNDONE).struct.field("events")
    undone = undos.select(*_OF, event_id=named).explode("event_id")
    return frame.join(undone, on=[*_OF, "event_id"], how="anti", maintain_order="left")


def in_order(events: pl.DataFrame) -> pl.DataFrame:
    """Return EVENTS in the order in which they count: that of time, which in one log only grows.

    Events merged from another log take their place by time as well. In a whole log that took nothing in the
    position tells what came first: it may be from before time only grew, and its clock may have gone back.
    """
    return events if _counts_by_position(events) else _sorted(events)


def _sorted(events: pl.DataFrame) -> pl.DataFrame:
    return events if events["at"].is_sorted() else events.sort("at", "event_id")


def _counts_by_position(events: pl.DataFrame) -> bool:
    """Tell whether these are all events of a log that took nothing in."""
    whole = len(events) > 0 and events["position"][0] == 1 and events["position"][-1] == len(events)
    return whole and not _took_in(events)


def _took_in(events: pl.DataFrame) -> bool:
    return bool((events["kind"] == EventKind.MERGE).any())


def latest_annotations(events: object) -> pl.DataFrame:
    """Fold EVENTS into ANNOTATIONS: the current answer of each annotator to each question on each item.

    Answers are in the words of the last schema among the events; those whose label was split since leave no
    row, nor do those in words that came later.

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
    found = stored_annotations(frame)
    several = frame.select((pl.col("kind") == EventKind.SCHEMA).sum()).item() > 1
    return _told(found, frame, History(frame)) if several else found


def stored_annotations(events: pl.DataFrame) -> pl.DataFrame:
    """Fold EVENTS into ANNOTATIONS as they are stored, each in the words of the schema it was given under.

    Parameters
    ----------
    events
        EVENTS.
    """
    return _by_position(_latest(in_order(events)))


def _by_position(annotations: pl.DataFrame) -> pl.DataFrame:
    return annotations if annotations["position"].is_sorted() else annotations.sort("position")


def _told(annotations: pl.DataFrame, events: pl.DataFrame, history: History) -> pl.DataFrame:
    """Return ANNOTATIONS in the words of the last schema, those that can be said in them."""
    named = events.select("position", "schema")
    rows = annotations.join(named, on="position", how="left", maintain_order="left")
    return history.said(rows).select(*ANNOTATIONS)


def _latest(events: pl.DataFrame) -> pl.DataFrame:
    answers = _standing(events).filter(pl.col("kind") == EventKind.ANSWER)
    last = answers.unique(_ANSWER_TO, keep="last", maintain_order=True)
    return last.filter(pl.col("value") != _WITHDRAWN).select(*ANNOTATIONS)


def fold_tail(annotations: pl.DataFrame, events: pl.DataFrame, tail: pl.DataFrame) -> pl.DataFrame:
    """Bring ANNOTATIONS as stored up to date after new events, refolding only what they touch.

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
        The same as ``latest_annotations(events)`` where the schema never changed, up to the order of rows.
    """
    if _took_in(tail):  # what came before may stand in another order now
        return stored_annotations(events)
    touched = tail.select(*_OF).unique()
    of_touched = events.join(touched, on=_OF, how="semi")
    refolded = _latest(of_touched if _counts_by_position(events) else _sorted(of_touched))
    return pl.concat([annotations.join(touched, on=_OF, how="anti"), refolded]).sort("position")


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
