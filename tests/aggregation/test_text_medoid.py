"""Text medoid: similarities by definition, weights, ties, and invariance."""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Sequence
from typing import Literal

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_annotate.aggregation.text_medoid import TextMedoid
from jupyter_annotate.errors import ColumnError
from tests.aggregation.changes import bijection, close, doubled, renamed, shuffled

SIMILARITIES: list[Literal["edit", "token_f1"]] = ["edit", "token_f1"]
texts = st.text(alphabet="ab é\U0001f600", max_size=8)


def frame(rows: Sequence[tuple[object, ...]]) -> pl.DataFrame:
    """Return LABELS."""
    schema = dict.fromkeys(["item_id", "annotator_id", "label"], pl.String)
    return pl.DataFrame(rows, schema=schema, orient="row")


@functools.cache
def edits(a: str, b: str) -> int:
    """Return the Levenshtein distance by its definition."""
    if not a or not b:
        return len(a) + len(b)
    return min(edits(a[:-1], b) + 1, edits(a, b[:-1]) + 1, edits(a[:-1], b[:-1]) + (a[-1] != b[-1]))


def f1(a: str, b: str) -> float:
    """Return the F1 of words and marks by its definition."""
    one, two = (Counter(re.findall(r"\w+|[^\w\s]", text)) for text in (a, b))
    total = sum(one.values()) + sum(two.values())
    return 2 * sum((one & two).values()) / total if total else 1.0


def similarity(a: str, b: str, how: str) -> float:
    """Return the similarity of two texts by its definition."""
    return 1 - edits(a, b) / max(len(a), len(b), 1) if how == "edit" else f1(a, b)


@pytest.mark.parametrize("how", SIMILARITIES)
@given(items=st.lists(st.lists(texts, min_size=1, max_size=4), min_size=1, max_size=3))
def test_the_text_most_like_the_others_is_found(
    how: Literal["edit", "token_f1"], items: list[list[str]]
) -> None:
    """The medoid and its confidence are those of the definition, computed pair by pair."""
    rows = [(f"i{i}", f"w{k}", text) for i, given_ in enumerate(items) for k, text in enumerate(given_)]

    found = TextMedoid(similarity=how, weighted=False).fit_predict(frame(rows))

    for item, (_, label, confidence, _, n_labels) in zip(items, found.iter_rows(), strict=True):
        means = [
            sum(similarity(a, b, how) for j, b in enumerate(item) if j != k) / max(len(item) - 1, 1)
            for k, a in enumerate(item)
        ]
        best = sorted(text for text, mean in zip(item, means, strict=True) if mean > max(means) - 1e-9)
        assert label == best[0]
        assert n_labels == len(item)
        assert confidence == (pytest.approx(max(means)) if len(item) > 1 else None)


def test_who_writes_like_nobody_weighs_less() -> None:
    """Of two texts that are not alike, the one of the annotator who is usually alike with others is taken."""
    rows = [("i0", "bob", "zebra"), ("i0", "ada", "the cat sat")]
    for item in range(1, 6):
        rows += [(f"i{item}", who, f"word {item} here") for who in ("ada", "eve")]
        rows += [(f"i{item}", "bob", "zzz qqq")]
    model = TextMedoid().fit(frame(rows))

    assert model.consensus_["label"][0] == "the cat sat"
    weights = dict(model.annotators_.select("annotator_id", "weight").iter_rows())
    assert weights["bob"] < 0.5 * weights["ada"]


def words(n: int, seed: int) -> pl.DataFrame:
    """Return texts of three annotators that differ in single words."""
    rng = np.random.default_rng(seed)
    rows = []
    for item in range(n):
        base = rng.integers(0, 9, 6)
        for who in range(3):
            change = np.where(rng.random(6) < 0.2 * (who + 1), rng.integers(0, 9, 6), base)
            rows.append((f"i{item:03d}", f"w{who}", " ".join(f"t{word}" for word in change)))
    return frame(rows)


@pytest.mark.parametrize("how", SIMILARITIES)
def test_names_and_order_of_rows_change_nothing(how: Literal["edit", "token_f1"]) -> None:
    """Shuffled rows give the same bits; renamed items and annotators the same under their names."""
    labels = words(40, seed=1)
    plain = TextMedoid(similarity=how).fit(labels)
    new = {name: bijection(labels, name) for name in ("item_id", "annotator_id")}
    other = TextMedoid(similarity=how).fit(renamed(labels, new))

    assert plain.consensus_.equals(TextMedoid(similarity=how).fit_predict(shuffled(labels)))
    assert close(renamed(plain.consensus_, {"item_id": new["item_id"]}), other.consensus_, by="item_id")
    assert close(
        renamed(plain.annotators_, {"annotator_id": new["annotator_id"]}),
        other.annotators_,
        by="annotator_id",
    )


def test_the_same_texts_of_new_items_change_nothing() -> None:
    """With every item a second time the same texts are chosen."""
    labels = words(40, seed=2)
    plain, twice = TextMedoid().fit_predict(labels), TextMedoid().fit_predict(doubled(labels))

    kept = twice.filter(~pl.col("item_id").str.ends_with("again"))
    assert plain["label"].to_list() == kept["label"].to_list()


def test_texts_that_say_little_have_a_result() -> None:
    """One text has no confidence, null is missing, an empty text is a text, no rows give no items."""
    rows = [
        ("a", "ada", "x"),
        ("b", "ada", None),
        ("c", "ada", ""),
        ("c", "bob", ""),
        ("d", "ada", "p"),
        ("d", "bob", "q"),
    ]

    found = TextMedoid().fit_predict(frame(rows))

    assert found.select("label", "confidence", "tie").rows() == [
        ("x", None, False),
        (None, None, None),
        ("", 1.0, False),
        ("p", 0.0, True),
    ]
    assert TextMedoid().fit_predict(frame([])).is_empty()


def test_what_is_no_text_is_refused() -> None:
    """Numbers are refused where they stand; an unknown similarity is a ValueError."""
    with pytest.raises(ColumnError) as caught:
        TextMedoid().fit({"item_id": ["a", "a"], "annotator_id": ["x", "y"], "label": [None, 3]})
    assert (caught.value.row, caught.value.column) == (1, "label")
    with pytest.raises(ValueError, match="similarity"):
        TextMedoid(similarity="bleu")  # type: ignore[arg-type]
