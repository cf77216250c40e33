"""Export: everything a project holds, in a folder that explains itself."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from jupyter_annotate.columns import EVENTS
from jupyter_annotate.errors import ExchangeError
from jupyter_annotate.events import AnnotatorKind, Json
from jupyter_annotate.exchange.base import ExportSource, FileFormat
from jupyter_annotate.exchange.dtypes import made, to_json
from jupyter_annotate.exchange.formats import format_named
from jupyter_annotate.exchange.losses import LossReport
from jupyter_annotate.exchange.manifest import (
    MANIFEST,
    ExportedFile,
    labels_name,
    manifest_of,
    render_manifest,
)
from jupyter_annotate.exchange.moment import Moment, taken
from jupyter_annotate.exchange.placing import new_folder
from jupyter_annotate.paths import inside
from jupyter_annotate.questions.conditions import told
from jupyter_annotate.schema import Schema
from jupyter_annotate.translation import History
from jupyter_annotate.views import latest_annotations

__all__ = ["ExportReport", "export"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportReport:
    """What an export wrote.

    Parameters
    ----------
    folder
        Where.
    format
        In which format.
    files
        Which files, the manifest aside.
    losses
        What the format could not hold.
    digest
        Of the manifest, which names the digest of every file. Kept elsewhere, it tells with
        ``read_export(folder, digest=...)`` whether anything at all was changed.
    """

    folder: Path
    format: str
    files: tuple[ExportedFile, ...]
    losses: LossReport
    digest: str

    def __str__(self) -> str:
        """Return a line for the folder, one a file, and the losses."""
        rows = [f"  {file.name}: {file.rows:,} rows, {file.size:,} bytes" for file in self.files]
        return "\n".join([f"{self.folder} ({self.format})", *rows, f"  {MANIFEST}", str(self.losses)])


def export(
    source: ExportSource,
    folder: str | Path,
    *,
    format: str = "parquet",  # noqa: A002 -- the word for it
    overwrite: bool = False,
    allow_loss: Collection[str] = (),
) -> ExportReport:
    """Write a project into a new folder: items, annotations, labels, the whole log, and a manifest.

    The folder holds one file for each of ``items``, ``annotations``, ``labels_<question>``, ``events`` and
    ``prelabels``, all as of the same event, also while others go on labeling and adding items; and
    ``manifest.json``: schema, id and head of the log, software versions, conventions, losses, for every file
    its rows, SHA-256, column types and how they are written, and a digest of all this. It appears whole or
    not at all.

    Parameters
    ----------
    source
        A project.
    folder
        Where to; its parent exists, the folder itself does not.
    format
        ``"parquet"`` (typed), ``"jsonl"`` or ``"csv"``.
    overwrite
        Replace an earlier export of this name. A folder that holds anything else is never replaced.
    allow_loss
        Kinds of loss to accept, for example ``["non_finite"]``: JSON has no nan. Others refuse the export.

    Returns
    -------
    report
        Files and losses.

    Raises
    ------
    ExchangeError
        If the folder is taken, a column cannot be written, something would be lost, or items and pre-labels
        were added so often meanwhile that the files would not belong together.
    UnknownNameError
        If there is no such format.

    Examples
    --------
    >>> import tempfile
    >>> from jupyter_annotate import Choice, Project, Schema, Session, Text
    >>> schema = Schema(Text("text"), Choice("mood", ["glad", "sad"]))
    >>> project = Project.open(":memory:", schema=schema, items={"item_id": ["a"], "text": ["Hooray!"]})
    >>> positions = Session(project, annotator="ada").submit({"mood": "glad"})
    >>> with tempfile.TemporaryDirectory() as here:
    ...     report = export(project, Path(here) / "moods")
    ...     [file.name for file in report.files]
    ['items.parquet', 'annotations.parquet', 'labels_mood.parquet', 'events.parquet', 'prelabels.parquet']
    """
    form = format_named(format)
    if not isinstance(source, ExportSource):
        raise ExchangeError("export", f"expected a project, found {type(source).__name__}.")
    target = Path(folder).expanduser().resolve()
    try:
        moment = taken(source)
        frames = dict(_frames(moment, source.schema))
        losses = _losses(form, frames, allow_loss)
        with new_folder(target, overwrite=overwrite) as draft:
            files = [_written(form, draft, *each) for each in _named(frames)]
            log: dict[str, Json] = {"log_id": source.log.log_id, "head": moment.head}
            manifest = manifest_of(
                format_name=format,
                form=form,
                schema=source.schema,
                versions=_versions(moment),
                log=log,
                files=files,
                losses=losses,
            )
            (draft / MANIFEST).write_text(render_manifest(manifest), encoding="utf-8", newline="\n")
    except (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise ExchangeError(str(target), f"could not be written, nothing was kept: {error}.") from error
    return ExportReport(
        folder=target, format=format, files=tuple(files), losses=losses, digest=str(manifest["digest"])
    )


def _versions(moment: Moment) -> list[Json]:
    """Return what a manifest says of each version of the schema."""
    return [
        {
            "number": version.number,
            "fingerprint": version.fingerprint,
            "position": version.position,
            "migration": None if version.migration is None else version.migration.to_json(),
        }
        for version in History(moment.events).versions
    ]


def _frames(moment: Moment, schema: Schema) -> Iterator[tuple[str, pl.LazyFrame]]:
    """Yield what is exported, by name; all but items and pre-labels is a fold of the same events."""
    annotated = latest_annotations(moment.events)
    people = annotated.filter(pl.col("annotator_kind") == AnnotatorKind.HUMAN)
    yield "items", moment.items
    yield "annotations", _aligned(annotated)
    for name, question in schema.questions.items():
        yield (
            labels_name(name),
            _aligned(question.labels_frame(told(people.filter(pl.col("question") == name)))),
        )
    yield "events", _aligned(moment.events.select(*EVENTS))
    yield "prelabels", _aligned(moment.prelabels)


def _aligned(frame: pl.DataFrame) -> pl.LazyFrame:
    """Put columns into one piece each: older releases of polars do not write pieces of different lengths."""
    return frame.rechunk().lazy()


def _named(frames: Mapping[str, pl.LazyFrame]) -> Iterator[tuple[str, str, pl.LazyFrame]]:
    """Yield stem, name and frame; names that differ by case alone get different files on every system."""
    taken: Counter[str] = Counter()
    for name, frame in frames.items():
        taken[name.casefold()] += 1
        times = taken[name.casefold()]
        yield (name if times == 1 else f"{name}-{times}"), name, frame


def _losses(form: FileFormat, frames: Mapping[str, pl.LazyFrame], allowed: Collection[str]) -> LossReport:
    losses = LossReport(tuple(loss for name, frame in frames.items() for loss in form.losses(frame, name)))
    refused = [loss for loss in losses if loss.kind not in allowed]
    if refused:
        first = refused[0]
        problem = (
            f"this format cannot hold everything ({first}). "
            f"Export to parquet, or accept it with allow_loss=[{first.kind!r}]."
        )
        raise ExchangeError(f"{first.frame}{form.suffix}", problem, field=first.column)
    return losses


def _written(form: FileFormat, folder: Path, stem: str, name: str, frame: pl.LazyFrame) -> ExportedFile:
    path = inside(folder, f"{stem}{form.suffix}")
    columns = {column: made(dtype) for column, dtype in frame.collect_schema().items()}
    for column, dtype in columns.items():
        try:
            to_json(dtype)
        except ExchangeError as error:
            raise ExchangeError(path.name, str(error), field=column) from error
    form.write(frame, path)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return ExportedFile(
        frame=name,
        name=path.name,
        rows=frame.select(pl.len()).collect().item(),
        size=path.stat().st_size,
        sha256=digest,
        columns=columns,
        notes=form.column_notes(frame),
    )
