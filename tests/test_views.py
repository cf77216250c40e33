"""Views: folds of the log, whole and by tail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_annotate.columns import ANNOTATIONS
from jupyter_annotate.errors import ColumnError
from jupyter_annotate.events import Event, EventKind
from jupyter_annotate.storage.memory import MemoryLog
from jupyter_annotate.views import fold_tail, latest_annotations, progress, standing


def answer(item: str, value: str | None, annotator: str = "ada", question: str = "mood") -> Event:
    """Make an answer."""
    return Event(kind=EventKind.ANSWER, item_id=item, annotator_id=annotator, question=question, value=value)


def undo(*events: Event) -> Event:
    """Make the undo of events."""
    ids: list[object] = [event.event_id for event in events]
    first = events[0]
    value = {"events": ids}
    return Event(kind=EventKind.UNDO, item_id=first.item_id, annotator_id=first.annotator_id, value=value)  # type: ignore[arg-type]  # a list of JSON texts


def fold(*events: Event) -> list[tuple[str, str, str]]:
    """Return item, annotator and value of the annotations after these events."""
    with MemoryLog() as log:
        log.append(events)
        frame = latest_annotations(log.read())
    return frame.select("item_id", "annotator_id", "value").rows()


def test_the_last_answer_counts() -> None:
    """A correction supersedes; other annotators and questions are untouched."""
    rows = fold(answer("1", "glad"), answer("1", "sad"), answer("1", "glad", "bob"))

    assert rows == [("1", "ada", '"sad"'), ("1", "bob", '"glad"')]


def test_an_undo_brings_the_answer_before_back() -> None:
    """What was undone does not count, and what stood before stands again."""
    first, second = answer("1", "glad"), answer("1", "sad")

    assert fold(first, second, undo(second)) == [("1", "ada", '"glad"')]
    assert fold(first, second, undo(second), undo(first)) == []


def test_a_withdrawn_answer_leaves_no_row() -> None:
    """An answer of null takes the one before back without another in its place."""
    assert fold(answer("1", "glad"), answer("1", None)) == []


def test_an_erased_answer_leaves_no_row() -> None:
    """A payload erased for good is no annotation."""
    with MemoryLog() as log:
        log.append([answer("1", "glad"), answer("2", "sad")])
        log.erase([1], annotator_id="ada", reason="asked to")
        assert latest_annotations(log.read())["item_id"].to_list() == ["2"]


@pytest.mark.parametrize(("merged", "counts"), [(False, '"sad"'), (True, '"glad"')])
def test_what_came_last_is_told_by_time(*, merged: bool, counts: str) -> None:
    """Only in a whole log that took nothing in does the position tell, as clocks may once have gone back."""
    with MemoryLog() as other, MemoryLog() as log:
        other.append([answer("1", "glad"), answer("1", "sad"), answer("2", "sad", "bob")])
        ((glad, sad, bob),) = other._rows(0, None)
        log.adopt([bob, replace(glad, at=2_000), replace(sad, at=1_000)])
        log.append([Event(kind=EventKind.MERGE)] if merged else [])
        events = log.read()

    assert latest_annotations(events).filter(item_id="1")["value"].to_list() == [counts]
    assert latest_annotations(events.filter(annotator_id="ada"))["value"].to_list() == ['"glad"']


@settings(deadline=None, max_examples=150)
@given(
    st.lists(
        st.tuples(
            st.sampled_from("12"), st.sampled_from(["ada", "bob"]), st.sampled_from(["glad", "sad", None])
        ),
        max_size=25,
    ),
    st.lists(st.integers(0, 24), max_size=6),
    st.integers(1, 6),
)
def test_folding_by_tails_equals_folding_whole(
    answers: list[tuple[str, str, str | None]], undone: list[int], step: int
) -> None:
    """However the log is cut into tails, undos included, the annotations are the same."""
    events = [answer(item, value, annotator) for item, annotator, value in answers]
    events += [undo(events[n]) for n in undone if n < len(events)]
    with MemoryLog() as log:
        log.append(events)
        frame = log.read()

    annotations = latest_annotations(frame.head(0))
    for start in range(0, len(frame), step):
        annotations = fold_tail(annotations, frame.head(start + step), frame.slice(start, step))

    assert annotations.equals(latest_annotations(frame))


def test_the_fold_of_nothing_has_the_columns() -> None:
    """No events give no rows, in the right types."""
    with MemoryLog() as log:
        empty = latest_annotations(log.read())

    assert empty.schema == pl.Schema(ANNOTATIONS)  # type: ignore[arg-type]  # ANNOTATIONS has no open dtype


def test_progress_counts_items_not_answers() -> None:
    """An item answered twice over, or on two questions, counts once; models do not count."""
    with MemoryLog() as log:
        log.append([answer("1", "glad"), answer("1", "dry", question="tone"), answer("2", "sad", "bob")])
        counted = progress(latest_annotations(log.read()), n_items=5)

    assert counted.rows() == [("ada", 1, 5), ("bob", 1, 5)]


@pytest.mark.parametrize("view", [standing, latest_annotations])
def test_a_fold_of_something_else_names_itself(view: Callable[[object], pl.DataFrame]) -> None:
    """The error names the function that was called."""
    with pytest.raises(ColumnError, match=rf"^{view.__name__}\(\), column 'position'"):
        view({"item_id": ["a"]})
