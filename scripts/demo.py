"""The whole way of a label on sample data without a browser, then JupyterLab with the quickstart open.

Three simulated annotators of different skill label the reviews through the same `Session` that the widget
drives; the project is closed half way and opened again, as after a night.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

import jupyter_annotate as ja

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "demo"
WHERE = FOLDER / "simulated"
ANNOTATORS = (
    ja.samples.SimulatedAnnotator("ada", skill=0.95),
    ja.samples.SimulatedAnnotator("bela", skill=0.85),
    ja.samples.SimulatedAnnotator("chi", skill=0.70),
)
QUESTIONS = {"sentiment": ("choice", ja.samples.SENTIMENTS), "topics": ("multi_choice", ja.samples.TOPICS)}


def begin(reviews: pl.DataFrame) -> ja.Project:
    """Begin the project, with a suggestion for every other review from a model that is often wrong."""
    schema = ja.Schema(
        ja.Text("text"),
        ja.Choice("sentiment", ja.samples.SENTIMENTS),
        ja.MultiChoice("topics", ja.samples.TOPICS),
    )
    project = ja.Project.open(WHERE / "reviews", schema=schema, items=reviews)
    some = reviews[::2]
    model = ja.samples.SimulatedAnnotator("model", skill=0.6)
    guesses = model.answers("choice", some["item_id"], some["gold_sentiment"], ja.samples.SENTIMENTS)
    project.add_prelabels(
        {"item_id": some["item_id"], "question": ["sentiment"] * len(some), "value": guesses},
        source="model-1",
    )
    return project


def answers(annotator: ja.samples.SimulatedAnnotator, reviews: pl.DataFrame) -> dict[str, dict[str, Any]]:
    """Return what an annotator will answer, by item."""
    ids = reviews["item_id"].to_list()
    given = {
        question: annotator.answers(kind, ids, reviews[f"gold_{question}"].to_list(), labels)
        for question, (kind, labels) in QUESTIONS.items()
    }
    return {each: {name: given[name][row] for name in given} for row, each in enumerate(ids)}


def sit(session: ja.Session, will_answer: dict[str, dict[str, Any]], most: int) -> None:
    """Label so many items at most: skip one, and take back, flag and repeat another on the way."""
    for turn, item in enumerate(session, start=1):
        if turn == 10:
            session.skip("cannot tell")
            continue
        session.submit(will_answer[item.item_id])
        if turn == 20:
            session.undo()
            session.note(flagged=True)
            session.submit(will_answer[item.item_id])
        if turn == most:
            return


def label(reviews: pl.DataFrame) -> ja.Project:
    """Let everyone label; close the project half way of each and open it again."""
    begin(reviews).log.close()
    for annotator in ANNOTATORS:
        will_answer = answers(annotator, reviews)
        for most in (len(reviews) // 2, len(reviews)):
            project = ja.Project.open(WHERE / "reviews")
            session = ja.Session(project, annotator.name)
            before, started = session.progress(), time.perf_counter()
            sit(session, will_answer, most)
            seconds = time.perf_counter() - started
            print(f"  {annotator.name:<5} {before} -> {session.progress()}  {seconds:.1f} s")
            project.log.close()
    return ja.Project.open(WHERE / "reviews")


def measured(project: ja.Project) -> pl.DataFrame:
    """Return the agreement on each question, with its interval."""
    tables = [
        ja.agreement_table(project.labels(name)).select(
            pl.lit(name).alias("question"), "coefficient", "value", "low", "high", "n_items", "n_annotators"
        )
        for name in QUESTIONS
    ]
    return pl.concat(tables)


def exported(project: ja.Project) -> Iterator[str]:
    """Hand the project over in every format, and yield each file with its size."""
    for form in ("parquet", "jsonl", "csv"):
        ja.export(project, WHERE / form, format=form)
        for path in sorted((WHERE / form).rglob("*")):
            if path.is_file():
                yield f"  {path.relative_to(ROOT)}  {path.stat().st_size:,} bytes"


def run_headless() -> None:
    """Label, measure, verify and export."""
    shutil.rmtree(WHERE, ignore_errors=True)
    WHERE.mkdir(parents=True)
    reviews = ja.samples.load_reviews()
    print(f"Labeling {len(reviews)} reviews with {len(ANNOTATORS)} simulated annotators:")
    with label(reviews) as project:
        with pl.Config(tbl_hide_dataframe_shape=True, tbl_hide_column_data_types=True, float_precision=3):
            print(f"\nAgreement:\n{measured(project)}")
        head = project.log.verify().head
        print(f"\nThe log holds together: {head.position:,} events, digest {head.digest[:16]}…")
        print("\nExported:", *exported(project), sep="\n")


def serve() -> int:
    """Open JupyterLab on copies of the example notebooks; yours stay as they are."""
    for notebook in sorted((ROOT / "example_notebooks").glob("*.ipynb")):
        if not (FOLDER / notebook.name).exists():
            shutil.copy(notebook, FOLDER)
    print("\nJupyterLab on this computer only; its address follows. Ctrl+C ends it.\n", flush=True)
    command = [
        *(sys.executable, "-m", "jupyterlab", "--allow-root", "--ip=127.0.0.1", "--log-level=WARN"),
        *("--LabApp.default_url=/lab/tree/01_quickstart.ipynb", "--LabApp.extension_manager=readonly"),
    ]
    try:
        return subprocess.run(command, cwd=FOLDER, check=False).returncode
    except KeyboardInterrupt:
        return 0


def main() -> int:
    """Run the headless part, then serve unless told not to."""
    run_headless()
    return 0 if "--no-serve" in sys.argv else serve()


if __name__ == "__main__":
    sys.exit(main())
