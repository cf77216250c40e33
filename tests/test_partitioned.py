"""Labels in parts: the same answers as in memory, and errors that name the frame, the row and the column."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl
import pytest

import jupyter_annotate as ja
from jupyter_annotate.aggregation import Aggregator, BayesianConfusion, DawidSkene, MajorityVote
from jupyter_annotate.aggregation.expectation import ExpectationMaximization
from jupyter_annotate.aggregation.partitioned import PartsFit, fit_parts
from jupyter_annotate.agreement import COEFFICIENTS
from jupyter_annotate.agreement.partitioned import agreement_of_parts
from jupyter_annotate.errors import ColumnError
from jupyter_annotate.partitions import LabelParts, split_labels
from jupyter_annotate.placement import Client


def crowd(n: int = 2400, seed: int = 0) -> pl.DataFrame:
    """Make labels of 30 annotators on 600 items, 1 in 10 of them missing."""
    rng = np.random.default_rng(seed)
    item, annotator = rng.integers(0, 600, n), rng.integers(0, 30, n)
    right = rng.random(n) < 0.5 + annotator / 70
    label = np.where(right, item % 4, rng.integers(0, 4, n))
    names = [
        None if missing else "wxyz"[code] for code, missing in zip(label, rng.random(n) < 0.1, strict=True)
    ]
    frame = pl.DataFrame(
        {"item_id": [f"i{x}" for x in item], "annotator_id": [f"a{x}" for x in annotator], "label": names}
    )
    return frame.unique(["item_id", "annotator_id"], maintain_order=True)


def three(frame: pl.DataFrame) -> list[pl.DataFrame]:
    """Cut labels so that items straddle, the first lacks annotators and the second a category."""
    first = frame.filter(pl.col("annotator_id") < "a2")
    rest = frame.filter(pl.col("annotator_id") >= "a2")
    second = rest.filter(pl.col("label") != "w")[:400]
    return [first, second, rest.join(second, on=["item_id", "annotator_id"], how="anti")]


def same(fit: PartsFit, model: Aggregator) -> None:
    """Check that a fit of parts found what a fit in memory did."""
    found, known = fit.consensus.collect().sort("item_id"), model.consensus_
    assert found.drop("confidence").equals(known.drop("confidence"))
    assert np.allclose(found["confidence"], known["confidence"], rtol=0, atol=1e-9, equal_nan=True)
    assert np.allclose(fit.annotators["skill"], model.annotators_["skill"], rtol=0, atol=1e-9)
    assert fit.annotators.drop("skill").equals(model.annotators_.select("annotator_id", "n_labels"))
    assert fit.log_likelihood == pytest.approx(model.log_likelihood_, rel=1e-12)
    assert fit.n_iterations == model.n_iterations_
    assert fit.converged == model.converged_


@pytest.mark.parametrize(
    "model", [DawidSkene(), DawidSkene(smoothing=0), BayesianConfusion(max_iterations=20)]
)
def test_parts_give_what_memory_gives(model: ExpectationMaximization, tmp_path: Path) -> None:
    """Items that straddle frames, annotators and categories absent from some change nothing."""
    frame = crowd()
    parts = split_labels(three(frame), tmp_path / "parts", n_parts=3)
    assert parts.n_rows == len(frame)
    fit = fit_parts(model, parts, tmp_path / "found")
    fitted = type(model)(**vars(model)).fit(frame)
    same(fit, fitted)
    assert np.allclose(fit.confusions["probability"], fitted.confusions_["probability"], rtol=0, atol=1e-9)
    assert np.allclose(fit.class_prior["probability"], fitted.class_prior_["probability"], rtol=0, atol=1e-9)


@pytest.mark.parametrize("form", ["lazy", "files", "pattern", "pandas", "more parts than items"])
def test_labels_come_in_any_form(form: str, tmp_path: Path) -> None:
    """A lazy frame, Parquet files, a pattern of names and other frames are cut alike."""
    frame = crowd(300)
    files = [tmp_path / f"labels-{number}.parquet" for number in range(3)]
    for part, file in zip(three(frame), files, strict=True):
        part.write_parquet(file)
    source: dict[str, object] = {
        "lazy": frame.lazy(),
        "files": files,
        "pattern": str(tmp_path / "labels-*.parquet"),
        "pandas": [frame[:100].to_pandas(), frame[100:].to_pandas()],
        "more parts than items": frame[:20],
    }
    parts = split_labels(source[form], tmp_path / "parts", n_parts=25)
    fit = fit_parts(DawidSkene(), parts, tmp_path / "found")
    same(fit, DawidSkene().fit(frame[:20] if "more" in form else frame))


@pytest.mark.parametrize(
    "coefficient",
    ["brennan_prediger", "fleiss_kappa", "gwet_ac1", "krippendorff_alpha", "observed_agreement"],
)
def test_agreement_of_parts_is_that_of_memory(coefficient: str, tmp_path: Path) -> None:
    """Value, interval, counts and cautions are the same to the last bit, however the labels were cut."""
    frame = crowd()
    for number, n_parts in enumerate((1, 3, 50)):
        parts = split_labels(three(frame), tmp_path / str(number), n_parts=n_parts)
        assert agreement_of_parts(parts, coefficient, seed=3) == COEFFICIENTS[coefficient](frame, seed=3)


@pytest.mark.parametrize("metric", ["ordinal", "interval", "ratio"])
def test_numbers_agree_in_parts_as_in_memory(
    metric: Literal["ordinal", "interval", "ratio"], tmp_path: Path
) -> None:
    """Metrics of alpha that use the values of labels see all of them."""
    numbers = pl.col("label").replace_strict({"w": 1, "x": 2, "y": 4, "z": 8})
    frame = crowd().with_columns(label=numbers)
    parts = split_labels([frame[::2], frame[1::2]], tmp_path, n_parts=3)
    found = agreement_of_parts(parts, "krippendorff_alpha", scheme={"metric": metric}, replicates=200)
    assert found == ja.krippendorff_alpha(frame, metric=metric, replicates=200)


def test_degenerate_parts_have_a_reason(tmp_path: Path) -> None:
    """No pair, no variation and no label at all are what they are in memory."""
    frame = crowd(200)
    cases = {
        "alike": frame.with_columns(label=pl.lit("x")),
        "single": frame.unique("item_id", maintain_order=True),
        "missing": frame.with_columns(label=pl.lit(None, pl.String)),
    }
    for name, labels in cases.items():
        found = agreement_of_parts(split_labels(labels, tmp_path / name, n_parts=3))
        known = ja.krippendorff_alpha(labels)
        assert np.isnan(found.value)
        assert (found.reason, found.n_items, found.n_single) == (known.reason, known.n_items, known.n_single)


def test_a_second_label_is_found_across_frames(tmp_path: Path) -> None:
    """An annotator who labeled an item in two frames is named; aggregation takes both labels."""
    frame = crowd(200)
    given = frame.filter(pl.col("label").is_not_null())
    parts = split_labels([frame, given[:1]], tmp_path / "parts", n_parts=3)
    with pytest.raises(ColumnError, match=r"a second label of '.*' on '.*'"):
        agreement_of_parts(parts)
    same(fit_parts(DawidSkene(), parts, tmp_path / "found"), DawidSkene().fit(pl.concat([frame, given[:1]])))


def test_coefficients_of_certain_annotators_are_refused(tmp_path: Path) -> None:
    """Profiles of parts do not tell annotators apart."""
    parts = split_labels(crowd(50), tmp_path)
    with pytest.raises(ValueError, match="found conger_kappa"):
        agreement_of_parts(parts, "conger_kappa")


def test_all_labels_of_an_item_lie_in_one_part(tmp_path: Path) -> None:
    """Whatever part an item is in, no other part has it, and no label is lost."""
    frame = crowd()
    parts = split_labels(three(frame), tmp_path, n_parts=4)
    ratings = [parts.ratings(part, what="test", repeats="refuse") for part in range(4)]
    names = [set(each.items.to_list()) for each in ratings]
    assert sum(map(len, names)) == len(set.union(*names)) == frame["item_id"].n_unique()
    assert min(map(len, names)) > 100
    assert sum(len(each) for each in ratings) == frame["label"].count()
    assert sum(each.n_missing for each in ratings) == frame["label"].null_count()


def test_gold_counts_in_parts_too(tmp_path: Path) -> None:
    """Known labels are certain, in whichever part their items are."""
    frame = crowd()
    gold = frame.unique("item_id", maintain_order=True).head(50).select("item_id", label=pl.lit("x"))
    fit = fit_parts(DawidSkene(), split_labels(frame, tmp_path / "p", n_parts=3), tmp_path / "f", gold=gold)
    same(fit, DawidSkene().fit(frame, gold=gold))


def test_a_fit_of_somewhat_more_labels_starts_from_the_one_before(tmp_path: Path) -> None:
    """The start of a model is used in parts as it is in memory."""
    frame = crowd()
    before = DawidSkene().fit(frame[:1500])
    fit = fit_parts(DawidSkene(start=before), split_labels(frame, tmp_path / "p", n_parts=3), tmp_path / "f")
    same(fit, DawidSkene(start=before).fit(frame))


def test_declared_categories_keep_their_order(tmp_path: Path) -> None:
    """Categories nobody gave have their place, and one that was not declared is named."""
    frame = crowd(300)
    parts = split_labels(frame, tmp_path / "parts", categories=["z", "y", "x", "w", "never"])
    assert parts.categories.to_list() == ["z", "y", "x", "w", "never"]
    same(
        fit_parts(DawidSkene(), parts, tmp_path / "found"),
        DawidSkene().fit(frame, categories=["z", "y", "x", "w", "never"]),
    )
    with pytest.raises(ColumnError, match=r"one of the categories \['x', 'y'\], found 'w'") as caught:
        split_labels(frame, tmp_path / "again", categories=["x", "y"])
    assert caught.value.row is None


@pytest.mark.parametrize(
    ("column", "values", "row"),
    [
        ("item_id", ["a", None], 1),
        ("annotator_id", [None, "ada"], 0),
        ("label", [1.0, float("nan")], 1),
    ],
)
def test_impossible_cells_name_frame_row_and_column(
    column: str, values: list[object], row: int, tmp_path: Path
) -> None:
    """Of several frames, the one is named that holds the cell, and the row in it."""
    good = pl.DataFrame({"item_id": ["a", "b"], "annotator_id": ["ada", "ada"], "label": [1.0, 2.0]})
    bad = good.with_columns(pl.Series(column, values))
    with pytest.raises(ColumnError) as caught:
        split_labels([good, bad.lazy()], tmp_path)
    assert (caught.value.row, caught.value.column) == (row, column)
    assert "frame 1" in str(caught.value)


def test_frames_that_do_not_fit_together_are_refused(tmp_path: Path) -> None:
    """A column of another type, a missing one, a list as label, no frame: each is said."""
    good = pl.DataFrame({"item_id": ["a"], "annotator_id": ["ada"], "label": ["x"]})
    with pytest.raises(ColumnError, match=r"frame 1, column 'label': expected String as in frame 0"):
        split_labels([good, good.with_columns(label=1)], tmp_path / "1")
    with pytest.raises(ColumnError, match=r"frame 0, column 'annotator_id'"):
        split_labels(good.drop("annotator_id"), tmp_path / "2")
    with pytest.raises(ColumnError, match=r"frame 0, column 'label': .* List"):
        split_labels(good.with_columns(label=pl.concat_list("label")), tmp_path / "3")
    with pytest.raises(ValueError, match="at least one frame"):
        split_labels([], tmp_path / "4")


def test_nothing_is_written_over(tmp_path: Path) -> None:
    """A folder that holds files is refused, for the parts and for the consensus."""
    frame = crowd(50)
    parts = split_labels(frame, tmp_path / "parts")
    with pytest.raises(FileExistsError):
        split_labels(frame, tmp_path / "parts")
    with pytest.raises(FileExistsError):
        fit_parts(DawidSkene(), parts, tmp_path / "parts")


def test_what_cannot_be_fitted_is_said(tmp_path: Path) -> None:
    """Labels that are all missing, and models whose sums are others, are refused."""
    frame = crowd(50)
    empty = split_labels(frame.with_columns(label=pl.lit(None, pl.String)), tmp_path / "empty", n_parts=2)
    with pytest.raises(ColumnError, match="at least one label"):
        fit_parts(DawidSkene(), empty, tmp_path / "1")
    parts = split_labels(frame, tmp_path / "parts")
    with pytest.raises(TypeError, match="found MajorityVote"):
        fit_parts(MajorityVote(), parts, tmp_path / "2")


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """Two worker processes on this computer, reached over loopback."""
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            processes=True,
            n_workers=2,
            threads_per_worker=1,
            dashboard_address="127.0.0.1:0",
            host="127.0.0.1",
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@pytest.mark.long
@pytest.mark.parametrize("form", ["frames", "dask"])
def test_a_cluster_finds_what_one_process_finds(form: str, client: Client, tmp_path: Path) -> None:
    """Worker processes, which share nothing but files, give the same as memory; a Dask data frame as well."""
    frame = crowd()
    source: object = three(frame)
    if form == "dask":
        source = pytest.importorskip("dask.dataframe").from_pandas(frame.to_pandas(), npartitions=3)
    parts: LabelParts = split_labels(source, tmp_path / "parts", client=client, n_parts=3)
    same(fit_parts(DawidSkene(), parts, tmp_path / "found", client=client), DawidSkene().fit(frame))
    assert agreement_of_parts(parts, client=client) == ja.krippendorff_alpha(frame)


def test_a_dask_frame_needs_no_cluster(tmp_path: Path) -> None:
    """Its partitions are then taken in turn."""
    frame = crowd(300)
    source = pytest.importorskip("dask.dataframe").from_pandas(frame.to_pandas(), npartitions=3)
    parts = split_labels(source, tmp_path / "parts")
    assert parts.n_parts == 3
    same(fit_parts(DawidSkene(), parts, tmp_path / "found"), DawidSkene().fit(frame))
