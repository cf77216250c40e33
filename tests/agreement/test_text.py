"""Agreement on free text: means over items and pairs, and what counts as the same."""

from __future__ import annotations

import random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_annotate.agreement.base import Reason
from jupyter_annotate.agreement.text_agreement import text_agreement
from jupyter_annotate.errors import ColumnError

MEASURES = ["exact", "token_f1", "edit"]

words = st.text(alphabet="abé😀 ", max_size=20)


def frame(items: list[list[str | None]]) -> pl.DataFrame:
    """Return LABELS of a list of texts an item."""
    rows = [(str(n), str(who), text) for n, texts in enumerate(items) for who, text in enumerate(texts)]
    schema = {"item_id": pl.String, "annotator_id": pl.String, "label": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def test_items_count_alike_however_many_texts_they_have() -> None:
    """The value is the mean over items of the mean over pairs."""
    found = text_agreement(frame([["a", "a", "b"], ["c", "c"], ["d"], ["e", None]]), measure="exact")

    assert found.value == pytest.approx((1 / 3 + 1) / 2)
    assert (found.n_items, found.n_single, found.n_missing, found.n_labels) == (2, 2, 1, 5)


@pytest.mark.parametrize("measure", MEASURES)
def test_the_same_text_in_another_form_is_the_same(measure: str) -> None:
    """Composed and decomposed accents and white space do not matter; case matters unless told otherwise."""
    one = frame([["caf\u00e9  au\nlait", "cafe\u0301 au lait"], ["x", "x "]])
    case = frame([["Yes", "yes"], ["x", "x"]])

    assert text_agreement(one, measure=measure).value == 1  # type: ignore[arg-type]  # by name
    assert text_agreement(case, measure=measure).value < 1  # type: ignore[arg-type]  # by name
    assert text_agreement(case, measure=measure, ignore_case=True).value == 1  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize("measure", MEASURES)
@settings(max_examples=40)
@given(
    items=st.lists(st.lists(words | st.none(), min_size=1, max_size=4), min_size=1, max_size=6),
    shuffle=st.randoms(use_true_random=False),
)
def test_order_and_names_do_not_matter(
    measure: str, items: list[list[str | None]], shuffle: random.Random
) -> None:
    """Other names and another order of rows give the same value and interval to the last bit."""
    labels = frame(items)
    renamed = labels.with_columns(
        pl.col("item_id").replace({"0": "z", "1": "y"}), pl.col("annotator_id").replace({"0": "q", "3": "a"})
    ).sample(fraction=1, shuffle=True, seed=shuffle.randrange(1000))
    one, other = (text_agreement(each, measure=measure, replicates=40) for each in (labels, renamed))  # type: ignore[arg-type]  # by name

    assert one.to_frame().equals(other.to_frame())


def test_the_interval_comes_from_the_items() -> None:
    """Half of 200 items alike: an interval of about two standard errors around one half."""
    found = text_agreement(frame([["a", "a"], ["b", "c"]] * 100), measure="exact")

    assert found.value == 0.5
    assert found.interval == pytest.approx((0.43, 0.57), abs=0.02)


def test_undefined_has_its_reason() -> None:
    """No text, and no second text, are told apart."""
    assert text_agreement(frame([])).reason is Reason.NO_LABELS
    assert text_agreement(frame([["a"], ["b"]])).reason is Reason.NO_PAIRS


def test_misuse_is_refused() -> None:
    """Numbers are no text, and unknown measures list the known ones."""
    numbers = {"item_id": ["1", "1"], "annotator_id": ["a", "b"], "label": [1, 2]}

    with pytest.raises(ColumnError, match="expected texts, found Int64"):
        text_agreement(numbers)
    with pytest.raises(ValueError, match=r"one of \('exact', 'token_f1', 'edit'\), found 'bleu'"):
        text_agreement(frame([]), measure="bleu")  # type: ignore[arg-type]  # on purpose
