"""The table of items: any row of any batch, in the order asked, without reading the rest."""

from __future__ import annotations

import itertools
import threading
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from jupyter_annotate.errors import IntegrityError, StorageError, UnknownNameError
from jupyter_annotate.storage import item_table
from jupyter_annotate.storage.batches import Batches, FolderBatches, MemoryBatches
from jupyter_annotate.storage.item_table import ItemTable


def frame(start: int, stop: int, **more: object) -> pl.DataFrame:
    """Make items with these numbers."""
    numbers = range(start, stop)
    return pl.DataFrame({"item_id": [f"i{n}" for n in numbers], "n": list(numbers)}).with_columns(
        **{name: pl.lit(value) for name, value in more.items()}
    )


def table_of(*frames: pl.DataFrame, batches: Batches | None = None) -> ItemTable:
    """Make a table over these batches."""
    place = batches or MemoryBatches()
    return ItemTable(place, [(place.write(each), len(each)) for each in frames])


def test_rows_count_through_all_batches(tmp_path: Path) -> None:
    """Row numbers go on from batch to batch, and come back in the order asked, doubled where asked twice."""
    table = table_of(frame(0, 250), frame(250, 251), frame(251, 900), batches=FolderBatches(tmp_path))
    rows = [899, 0, 250, 249, 251, 0, 700]

    assert len(table) == 900
    assert table.fetch(rows)["n"].to_list() == rows
    assert table.ids(rows) == [f"i{n}" for n in rows]
    assert table.rows_of(["i899", "nobody", "i0", ""]).tolist() == [899, -1, 0, -1]
    assert [item["n"] for item in table.items(["i5", "i899"])] == [5, 899]
    assert table.scan().select("n").collect()["n"].to_list() == list(range(900))


def test_an_empty_table_answers() -> None:
    """Nothing asked of nothing is nothing, with the columns of items."""
    table = table_of()

    assert len(table) == 0
    assert table.rows_of(["a"]).tolist() == [-1]
    assert table.rows_of([]).tolist() == []
    assert table.ids([]) == []
    assert table.fetch([]).columns == table.columns == ["item_id"]
    assert table.scan().collect().is_empty()


def test_columns_of_all_batches_are_there() -> None:
    """A batch with more columns adds them to all rows; numbers and their finer kinds meet."""
    table = table_of(frame(0, 3), frame(3, 6, text="x"), frame(6, 9).with_columns(n=pl.lit(0.5)))

    assert table.columns == ["item_id", "n", "text"]
    assert table.fetch([0]).to_dicts() == [{"item_id": "i0", "n": 0.0, "text": None}]
    assert table.fetch([8, 4]).to_dicts() == [
        {"item_id": "i8", "n": 0.5, "text": None},
        {"item_id": "i4", "n": 4.0, "text": "x"},
    ]
    assert table.fetch([]).columns == table.columns


def test_a_batch_added_later_is_found() -> None:
    """Ids, rows and columns know the new batch at once."""
    batches = MemoryBatches()
    table = table_of(frame(0, 10), batches=batches)
    assert table.rows_of(["i12"]).tolist() == [-1]

    more = frame(10, 20, text="new")
    table.add(batches.write(more), len(more))

    assert table.rows_of(["i12", "i3"]).tolist() == [12, 3]
    assert table.fetch([12, 3])["text"].to_list() == ["new", None]


def test_a_row_that_is_not_there_is_refused() -> None:
    """Row numbers never wrap around."""
    table = table_of(frame(0, 3))

    for row in (-1, 3):
        with pytest.raises(IndexError, match="expected rows from 0 to 2"):
            table.fetch([row])


def test_an_unknown_item_is_named_with_known_ones() -> None:
    """The error lists a few ids that exist."""
    with pytest.raises(UnknownNameError, match="no item 'i7'; known: 'i0', 'i1', 'i2'"):
        table_of(frame(0, 3)).items(["i1", "i7"])


def test_many_rows_are_read_by_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """More pages than are kept come in the order asked just the same."""
    monkeypatch.setattr(item_table, "_MOST_PAGES", 3)
    table = table_of(frame(0, 1200), frame(1200, 2000))
    rows = np.random.default_rng(1).integers(0, 2000, 3000)

    assert table.fetch(rows)["n"].to_list() == rows.tolist()
    assert not table._pages


def test_kept_pages_stay_within_their_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """However large the items are, what is kept of them is bounded, and what is asked is answered."""
    monkeypatch.setattr(item_table, "_KEPT_BYTES", 300_000)
    table = table_of(frame(0, 2000).with_columns(text=pl.lit("x" * 1000) + pl.col("n").cast(pl.String)))

    for row in range(0, 2000, 37):
        assert table.fetch([row, (row * 7) % 2000])["n"].to_list() == [row, (row * 7) % 2000]
        assert sum(page.estimated_size() for page in table._pages.values()) <= 300_000


def test_ids_that_share_a_hash_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """The id itself decides: even with four hashes in all, each id finds its own row and no other."""

    def coarse(ids: pl.Series) -> NDArray[np.uint64]:
        return (ids.hash() % 4).to_numpy()

    monkeypatch.setattr(item_table, "_hash", coarse)
    table = table_of(frame(0, 60), frame(60, 100))

    assert table.rows_of([f"i{n}" for n in range(100)]).tolist() == list(range(100))
    assert table.rows_of([f"j{n}" for n in range(100)]).tolist() == [-1] * 100


@given(
    sizes=st.lists(st.integers(1, 230), min_size=1, max_size=4),
    seed=st.integers(0, 2**32 - 1),
    n_rows=st.integers(0, 60),
)
def test_any_rows_of_any_batches_come_back(sizes: list[int], seed: int, n_rows: int) -> None:
    """For every division into batches, rows, ids and content belong together."""
    ends = np.cumsum([0, *sizes]).tolist()
    table = table_of(*(frame(a, b) for a, b in itertools.pairwise(ends)))
    rows = np.random.default_rng(seed).integers(0, len(table), n_rows)

    found = table.fetch(rows)

    assert found["n"].to_list() == rows.tolist()
    assert found["item_id"].to_list() == table.ids(rows)
    assert table.rows_of(found["item_id"]).tolist() == rows.tolist()


def test_threads_share_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While some read at random and pages come and go, another adds batches; every answer is right."""
    monkeypatch.setattr(item_table, "_KEPT_BYTES", 20_000)
    batches = FolderBatches(tmp_path)
    table = table_of(frame(0, 3000), batches=batches)
    wrong: list[object] = []

    def read(seed: int) -> None:
        draw = np.random.default_rng(seed)
        for _ in range(40):
            rows = draw.integers(0, len(table), 7)
            if table.fetch(rows)["n"].to_list() != rows.tolist():
                wrong.append(rows)
            ids = [f"i{n}" for n in rows]
            if table.rows_of(ids).tolist() != rows.tolist():
                wrong.append(ids)

    threads = [threading.Thread(target=read, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for start in range(3000, 3500, 100):
        more = frame(start, start + 100)
        table.add(batches.write(more), 100)
    for thread in threads:
        thread.join()

    assert wrong == []
    assert len(table) == 3500


@pytest.mark.parametrize("damage", ["cut", "flip", "gone", "other"])
def test_a_damaged_batch_is_named(tmp_path: Path, damage: str) -> None:
    """A batch that cannot be read, or is another, is an error that names it, not a wrong item."""
    batches = FolderBatches(tmp_path)
    digest = batches.write(frame(0, 500))
    path = tmp_path / f"{digest}.parquet"
    data = path.read_bytes()
    if damage == "gone":
        path.unlink()
    elif damage == "other":
        frame(0, 499).write_parquet(path)
    else:
        path.write_bytes(data[:200] if damage == "cut" else data[:-20] + bytes(20))

    with pytest.raises((IntegrityError, StorageError), match=digest):
        ItemTable(batches, [(digest, 500)])
