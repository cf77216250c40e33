"""What holds of every aggregator: whatever the names and the order, and where there is little to go by."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from jupyter_annotate.aggregation import AGGREGATORS, GLAD, MACE, Aggregator, ConfusionModel
from jupyter_annotate.errors import ColumnError, NotFittedError
from tests.aggregation.crowds import LABELS, crowd, frame

EACH = pytest.mark.parametrize("kind", AGGREGATORS.values(), ids=AGGREGATORS)
CONFUSIONS = {name: kind for name, kind in AGGREGATORS.items() if issubclass(kind, ConfusionModel)}

#: What rounding may change. GLAD's steps are chosen by a line search, which magnifies it.
ROUNDING = 1e-7
ROUNDING_OF_A_SEARCH = 0.02


def rounding(kind: type[Aggregator]) -> float:
    """Return by how much probabilities may differ."""
    return ROUNDING_OF_A_SEARCH if kind is GLAD else ROUNDING


def probabilities(aggregator: Aggregator) -> dict[tuple[str, str], float]:
    """Return the probability of each label of each item."""
    return {(item, label): p for item, label, p in aggregator.probabilities_.iter_rows()}


def renamed(names: list[str], seed: int) -> dict[str, str]:
    """Return a new name for each, whose order is another."""
    places = np.random.default_rng(seed).permutation(len(names))
    return {name: f"{chr(97 + place % 26)}{place}" for name, place in zip(names, places, strict=True)}


@EACH
def test_the_crowd_is_understood(kind: type[Aggregator]) -> None:
    """More than nine of ten items get their true label, with a probability for each."""
    labels, truth = crowd(n_items=150, redundancy=6)
    fitted = kind().fit(labels)
    found = fitted.consensus_

    assert found["item_id"].is_sorted()
    assert np.mean(found["label"].to_numpy() == np.array(truth)) > 0.9
    assert found["confidence"].is_between(1 / 3 - 1e-9, 1).all()
    sums = fitted.probabilities_.group_by("item_id").agg(pl.col("probability").sum())["probability"]
    assert sums.to_numpy() == pytest.approx(1)


@EACH
def test_good_annotators_are_found(kind: type[Aggregator]) -> None:
    """Skill rises with that which the labels were drawn with."""
    labels, _ = crowd(n_items=150, redundancy=6)
    found = kind().fit(labels).annotators_

    assert found["annotator_id"].to_list() == [f"annotator {n}" for n in range(8)]
    assert np.corrcoef(found["skill"].to_numpy(), np.arange(8))[0, 1] > 0.9


@EACH
def test_the_order_of_rows_changes_no_bit(kind: type[Aggregator]) -> None:
    """Shuffled rows give the same result to the last bit."""
    labels, _ = crowd()
    one, other = kind().fit(labels), kind().fit(labels.sample(fraction=1, shuffle=True, seed=1))

    assert one.probabilities_.equals(other.probabilities_)
    assert one.annotators_.equals(other.annotators_)


@EACH
@pytest.mark.parametrize("column", ["item_id", "annotator_id", "label"])
def test_names_do_not_matter(kind: type[Aggregator], column: str) -> None:
    """Items, annotators or labels of other names get the same probabilities under them."""
    labels, _ = crowd()
    names = renamed(labels[column].unique().sort().to_list(), seed=3)
    place = {"item_id": 0, "label": 1}.get(column)
    one = probabilities(kind().fit(labels))
    other = probabilities(kind().fit(labels.with_columns(pl.col(column).replace_strict(names))))

    expected = {
        tuple(names[part] if n == place else part for n, part in enumerate(key)): p for key, p in one.items()
    }
    assert other == pytest.approx(expected, abs=rounding(kind))


@EACH
def test_an_annotator_without_labels_changes_nothing(kind: type[Aggregator]) -> None:
    """Null labels of a new annotator and on a new item leave everything as it was; the item has no label."""
    labels, _ = crowd()
    empty = frame([("item 000", "somebody", None), ("nothing", "somebody", None)])
    one, other = kind().fit(labels), kind().fit(pl.concat([labels, empty]))

    assert probabilities(other) == pytest.approx(probabilities(one), abs=rounding(kind))
    last = other.consensus_.row(-1, named=True)
    assert last == {"item_id": "nothing", "label": None, "confidence": None, "tie": None, "n_labels": 0}


@EACH
def test_twice_the_data_says_the_same_of_each_item(kind: type[Aggregator]) -> None:
    """A copy of all items under other names has the labels of the originals."""
    labels, _ = crowd()
    copies = labels.with_columns(item_id="copy of " + pl.col("item_id"))
    found = kind().fit_predict(pl.concat([labels, copies]))

    assert found["label"][:60].to_list() == found["label"][60:].to_list()
    assert found["confidence"][:60].to_numpy() == pytest.approx(found["confidence"][60:].to_numpy(), abs=0.02)


@EACH
def test_known_labels_are_certain(kind: type[Aggregator]) -> None:
    """A known label is given with certainty, against all votes, and teaches who is right."""
    labels, truth = crowd()
    items = [f"item {n:03}" for n in range(60)]
    against = frame([("item 000", f"annotator {n}", "owl") for n in range(8)])
    labels = pl.concat([labels.filter(pl.col("item_id") != "item 000"), against])
    gold = {"item_id": items, "label": ["cat", *truth[1:]]}
    found = kind().fit_predict(labels, gold=gold)

    assert found["label"].to_list() == ["cat", *truth[1:]]
    assert found["confidence"].to_list() == [1.0] * 60


SMALL: dict[str, list[tuple[str, str, str | None]]] = {
    "one label": [("a", "ada", "cat")],
    "one annotator": [("a", "ada", "cat"), ("b", "ada", "dog"), ("c", "ada", "dog")],
    "one item": [("a", "ada", "cat"), ("a", "bob", "dog"), ("a", "eve", "dog")],
    "all equal": [(item, who, "cat") for item in "abc" for who in ("ada", "bob")],
    "one label each": [("a", "ada", "cat"), ("b", "bob", "dog"), ("c", "eve", "cat")],
    "a repeated label": [("a", "ada", "dog"), ("a", "ada", "dog"), ("a", "bob", "cat"), ("b", "bob", "cat")],
    "nothing of one item": [("a", "ada", "cat"), ("b", "ada", None)],
}


@EACH
@pytest.mark.parametrize("categories", [None, LABELS], ids=["as given", "declared"])
@pytest.mark.parametrize("rows", SMALL.values(), ids=SMALL)
def test_little_data_has_a_result(
    kind: type[Aggregator], rows: list[tuple[str, str, str | None]], categories: list[str] | None
) -> None:
    """However little there is, each item with labels gets one that was given, with a probability."""
    fitted = kind().fit(frame(rows), categories=categories)
    labeled = {item for item, _, label in rows if label}
    given = {label for _, _, label in rows if label}

    for item, label, confidence, *_ in fitted.consensus_.iter_rows():
        assert (label in given) == (item in labeled)
        assert confidence is None if label is None else 0 < confidence <= 1 + 1e-12
    assert fitted.annotators_["skill"].drop_nulls().is_between(0, 1 + 1e-12).all()
    assert not np.isinf(fitted.log_likelihood_)


@EACH
@pytest.mark.parametrize("rows", [SMALL["one annotator"], SMALL["one label each"]], ids=["one", "each"])
def test_labels_nobody_else_gave_stand(
    kind: type[Aggregator], rows: list[tuple[str, str, str | None]]
) -> None:
    """Where no two annotators share an item, nobody can be judged, and every item keeps its label."""
    assert kind().fit_predict(frame(rows))["label"].to_list() == [label for _, _, label in rows]


@EACH
def test_all_agree(kind: type[Aggregator]) -> None:
    """Where all annotators agree everywhere, so does the consensus, and confidently."""
    labels = frame([(f"{n:02}", who, LABELS[n % 3]) for n in range(30) for who in ("ada", "bob", "eve")])
    found = kind().fit_predict(labels)

    assert found["label"].to_list() == LABELS * 10
    assert found["confidence"].min() > 0.9  # type: ignore[operator]  # there are confidences
    assert not found["tie"].any()


@pytest.mark.parametrize("kind", [kind for kind in AGGREGATORS.values() if kind is not MACE])
def test_a_tie_is_said(kind: type[Aggregator]) -> None:
    """Two annotators who differ in everything and are alike otherwise leave a tie, and one label by rule."""
    labels = frame([("a", "ada", "cat"), ("a", "bob", "dog"), ("b", "ada", "dog"), ("b", "bob", "cat")])
    found = kind().fit_predict(labels)

    assert found["tie"].to_list() == [True, True]
    assert found["label"].to_list() == ["cat", "cat"]


@EACH
def test_other_items_are_judged_by_what_was_learnt(kind: type[Aggregator]) -> None:
    """New items get labels without learning from them; the skilled count for more, as far as skill counts."""
    labels, truth = crowd(n_items=150, redundancy=6)
    fitted = kind().fit(labels)
    before = fitted.consensus_
    new, truth = crowd(n_items=100, redundancy=6, seed=9)
    found = fitted.predict(new)

    assert np.mean(found["label"].to_numpy() == np.array(truth)) > 0.85
    assert fitted.consensus_.equals(before)
    assert fitted.predict(new.head(6))["confidence"].to_list() == pytest.approx(
        found["confidence"].head(1).to_list()
    )


@EACH
def test_somebody_unknown_is_average(kind: type[Aggregator]) -> None:
    """Labels of annotators nobody has seen are believed as those of an average one."""
    labels, _ = crowd()
    found = kind().fit(labels).predict(frame([("new", "x", "owl"), ("new", "y", "owl"), ("new", "z", "cat")]))

    assert found["label"].to_list() == ["owl"]


@EACH
def test_only_known_labels_can_be_judged(kind: type[Aggregator]) -> None:
    """A label it was not fitted with is refused with its row."""
    fitted = kind().fit(crowd()[0])

    with pytest.raises(ColumnError, match="row 1, column 'label'"):
        fitted.predict(frame([("new", "annotator 1", "cat"), ("new", "annotator 2", "cow")]))


@EACH
def test_before_fit_there_is_nothing(kind: type[Aggregator]) -> None:
    """Findings and predictions before `fit` are refused."""
    labels, _ = crowd()
    with pytest.raises(NotFittedError, match=f"{kind.__name__} has no 'consensus_' yet"):
        _ = kind().consensus_
    with pytest.raises(NotFittedError, match="predict"):
        kind().predict(labels)


@EACH
def test_no_labels_are_refused(kind: type[Aggregator]) -> None:
    """Without a single label there is nothing to aggregate."""
    with pytest.raises(ColumnError, match="at least one label"):
        kind().fit(frame([("a", "ada", None)]))


@pytest.mark.parametrize("kind", CONFUSIONS.values(), ids=CONFUSIONS)
def test_confusions_sum_to_one_over_labels(kind: type[ConfusionModel]) -> None:
    """For each annotator and true label the labels have probabilities that sum to 1; so has the prior."""
    fitted = kind().fit(crowd()[0])
    found = fitted.confusions_

    assert found.columns == ["annotator_id", "true_label", "label", "probability"]
    sums = found.group_by("annotator_id", "true_label").agg(pl.col("probability").sum())["probability"]
    assert len(sums) == 24
    assert sums.to_numpy() == pytest.approx(1)
    assert fitted.class_prior_["label"].to_list() == LABELS
    assert fitted.class_prior_["probability"].sum() == pytest.approx(1)


@pytest.mark.parametrize("kind", CONFUSIONS.values(), ids=CONFUSIONS)
def test_the_likelihood_is_that_of_the_confusions(kind: type[ConfusionModel]) -> None:
    """The log-likelihood is that of the labels under the confusions and the prior shown, item by item."""
    labels, _ = crowd()
    fitted = kind().fit(labels)
    chance = {(who, true, label): p for who, true, label, p in fitted.confusions_.iter_rows()}
    prior = dict(fitted.class_prior_.iter_rows())
    answers: dict[str, list[tuple[str, str]]] = {}
    for item, who, label in labels.iter_rows():
        answers.setdefault(item, []).append((who, label))
    expected = sum(
        np.log(
            sum(prior[true] * np.prod([chance[who, true, label] for who, label in given]) for true in LABELS)
        )
        for given in answers.values()
    )

    assert fitted.log_likelihood_ == pytest.approx(expected)


CLIMBERS: dict[str, Callable[[int], Aggregator]] = {
    "dawid_skene": lambda most: AGGREGATORS["dawid_skene"](max_iterations=most, tolerance=0),  # type: ignore[call-arg]  # it has them
    "bayesian": lambda most: AGGREGATORS["bayesian"](max_iterations=most, tolerance=0),  # type: ignore[call-arg]  # it has them
    "one_coin": lambda most: AGGREGATORS["one_coin"](max_iterations=most, tolerance=0),  # type: ignore[call-arg]  # it has them
    "mace": lambda most: MACE(n_iterations=most, n_restarts=1, tolerance=0),
    "mace, points": lambda most: MACE(n_iterations=most, n_restarts=1, tolerance=0, variational=False),
}


@pytest.mark.parametrize("make", CLIMBERS.values(), ids=CLIMBERS)
def test_no_step_goes_down(make: Callable[[int], Aggregator]) -> None:
    """The objective does not fall from one step to the next."""
    labels, _ = crowd()
    heights = [make(most).fit(labels).objective_ for most in range(1, 25)]

    assert heights[-1] > heights[0]
    assert np.diff(heights).min() > -1e-8


@pytest.mark.parametrize("kind", [kind for kind in CONFUSIONS.values() if kind is not MACE])
def test_a_warm_start_takes_fewer_steps(kind: type[ConfusionModel]) -> None:
    """Started from an earlier fit, one of a few more labels takes fewer steps to the same probabilities."""
    labels, _ = crowd(n_items=150, redundancy=6)
    cold = kind().fit(labels)
    warm = kind(start=kind().fit(labels.head(890))).fit(labels)  # type: ignore[call-arg]  # it has one

    assert warm.n_iterations_ <= cold.n_iterations_ / 1.5
    assert probabilities(warm) == pytest.approx(probabilities(cold), abs=0.02)


def test_a_warm_start_of_mace_needs_no_restarts() -> None:
    """Started from an earlier fit there is one climb, to the height of the best of the random ones."""
    labels, _ = crowd(n_items=150, redundancy=6)
    cold = MACE(n_iterations=500, tolerance=1e-9).fit(labels)
    warm = MACE(start=MACE().fit(labels.head(890)), n_iterations=500, tolerance=1e-9).fit(labels)

    assert warm.objective_ == pytest.approx(cold.objective_, abs=1e-3)


@pytest.mark.parametrize("kind", [k for k in AGGREGATORS.values() if k.name != "majority"])
def test_an_impossible_number_of_steps_is_refused(kind: type[Aggregator]) -> None:
    """No steps, or a negative tolerance, are refused with what was expected."""
    steps = "n_iterations" if kind is MACE else "max_iterations"

    with pytest.raises(ValueError, match="expected a whole number of at least 1, found 0"):
        kind(**{steps: 0})
    with pytest.raises(ValueError, match="tolerance: expected a number of at least 0"):
        kind(tolerance=-1.0)  # type: ignore[call-arg]  # it has one
