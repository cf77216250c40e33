"""Events, their canonical form, and the chain of digests."""

from __future__ import annotations

import hashlib
import hmac
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_annotate.errors import LabelError, SchemaError
from jupyter_annotate.events import (
    Event,
    EventKind,
    Json,
    canonical_json,
    chain,
    check_text,
    commitment,
    fingerprint,
    genesis,
    uuid7,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=15,
)


@given(JSON)
def test_canonical_json_is_json(value: object) -> None:
    """It reads back as the same value, in one line, whose digest anybody can recompute."""
    text = canonical_json(value)  # type: ignore[arg-type]  # JSON

    assert json.loads(text) == value
    assert not any(ord(character) < 0x20 for character in text)
    assert fingerprint(value) == hashlib.sha256(text.encode()).hexdigest()  # type: ignore[arg-type]  # JSON


@given(st.dictionaries(TEXT, st.integers(), min_size=2))
def test_canonical_json_knows_no_order_of_keys(value: dict[str, int]) -> None:
    """The same members in another order are the same text."""
    assert canonical_json({**value}) == canonical_json(dict(reversed(value.items())))


@pytest.mark.parametrize(
    "value", [float("nan"), float("-inf"), "\ud800", {"\udfff": 1}, [{"a": ["\ud83d"]}], {1, 2}, b"x", 1j]
)
def test_what_no_other_reader_would_accept_is_refused(value: object) -> None:
    """NaN, infinities, lone surrogates and Python's own kinds of objects are no JSON."""
    with pytest.raises(LabelError, match="cannot be stored"):
        canonical_json(value)  # type: ignore[arg-type]  # that is the point


def test_what_is_too_deep_is_refused() -> None:
    """A value nested beyond what can be written is an error, not a crash."""
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]

    with pytest.raises(LabelError):
        canonical_json(deep)  # type: ignore[arg-type]  # too deep


@pytest.mark.parametrize("text", ["a\x00", "\x1f", "a\nb", "\x7f", "\ud800", "x\udc00y"])
def test_ids_hold_no_control_characters(text: str) -> None:
    """The chain joins fields by U+001F; nothing that could pass for a border gets into one."""
    with pytest.raises(SchemaError, match="control character or a lone surrogate"):
        check_text(text, what="item_id")
    for name in ("event_id", "annotator_id", "item_id", "question", "schema"):
        with pytest.raises(SchemaError, match=name):
            Event(kind=EventKind.ANSWER, **{name: text})  # type: ignore[arg-type]  # one of the text fields


@given(TEXT, TEXT, TEXT, TEXT)
def test_moving_text_between_fields_changes_the_digest(a: str, b: str, c: str, d: str) -> None:
    """Two events have one digest only if every field is the same."""
    one, two = tuple(t.replace("\x1f", "") for t in (a, b)), tuple(t.replace("\x1f", "") for t in (c, d))

    assert (chain("0" * 64, one) == chain("0" * 64, two)) == (one == two)


def test_the_chain_is_what_is_documented() -> None:
    """Whoever has only hashlib can recompute it: sha256(previous, sha256("ja1" U+001F fields))."""
    previous = genesis("the-log")
    content = hashlib.sha256("ja1\x1f1\x1fé\x1fc".encode()).digest()

    assert previous == hashlib.sha256(b"ja1\x1fgenesis\x1fthe-log").hexdigest()
    assert chain(previous, ("1", "é", "c")) == hashlib.sha256(bytes.fromhex(previous) + content).hexdigest()
    expected = hmac.new(b"salt", '"é"\x1fnull'.encode(), hashlib.sha256).hexdigest()
    assert commitment(b"salt", '"é"', "null") == expected


def test_event_ids_sort_by_time() -> None:
    """A later id is larger from one millisecond to the next, and none comes twice."""
    first = uuid7()
    time.sleep(0.003)
    many = [uuid7() for _ in range(2000)]

    assert len({first, *many}) == 2001
    assert min(many) > first
    assert {(each[14], each[19] in "89ab") for each in many} == {("7", True)}


def test_the_claim_of_an_event_leaves_out_how_it_came_about() -> None:
    """A resend from another session is the same answer; another value is not."""
    event = Event(kind=EventKind.ANSWER, item_id="1", question="q", value={"b": 1, "a": 2}, context=1)
    resent = Event(kind=EventKind.ANSWER, item_id="1", question="q", value={"a": 2, "b": 1}, context=2)
    other = Event(kind=EventKind.ANSWER, item_id="1", question="q", value={"a": 2, "b": 2})

    assert event.claim() == resent.claim()
    assert event.claim() != other.claim()


@pytest.mark.parametrize("value", ["a\ud800", {"comment": "a\ud800"}, ["\udfff"]])
def test_a_lone_surrogate_cannot_be_stored(value: Json) -> None:
    """A comment or reason is no answer to a question, and the error does not say so."""
    with pytest.raises(LabelError, match=r"cannot be stored: expected text without lone surrogates"):
        canonical_json(value)
