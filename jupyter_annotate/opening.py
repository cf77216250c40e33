"""Opening: the log of a project as it is, or begun with a schema."""

from __future__ import annotations

import polars as pl

from jupyter_annotate.errors import SchemaError
from jupyter_annotate.events import EventKind
from jupyter_annotate.gate import beginning
from jupyter_annotate.schema import Schema, difference
from jupyter_annotate.storage import EventLog
from jupyter_annotate.storage.snapshot import read_events
from jupyter_annotate.translation import History

__all__ = ["begun"]


def begun(log: EventLog, schema: Schema | None) -> tuple[Schema, pl.DataFrame]:
    """Return the schema in force and EVENTS of a log, once it is begun.

    Parameters
    ----------
    log
        The log that was opened.
    schema
        What to begin it with; the schema in force, or None, where it is begun already.

    Raises
    ------
    SchemaError
        If it has another schema, or none and none is given.
    """
    events = read_events(log)
    if not _is_begun(events):
        if schema is None:
            raise SchemaError(f"{log.location} was never begun: pass schema=Schema(...).")
        log.append_unless([beginning(schema, log)], kinds={EventKind.SCHEMA}, after=0)
        events = log.read()
    history = History(events)
    if schema is not None:
        _refuse_another(log, schema, history)
    return schema or history.current.schema, events


def _is_begun(events: pl.DataFrame) -> bool:
    return bool((events["kind"] == EventKind.SCHEMA).any())


def _refuse_another(log: EventLog, schema: Schema, history: History) -> None:
    stored = history.current.schema
    if schema == stored:
        return
    if schema in [version.schema for version in history.versions]:
        changes = "; ".join(str(version.migration) for version in history.versions[1:])
        raise SchemaError(
            f"{log.location} was migrated since it had this schema ({changes}): leave schema= out to go on "
            "with the schema in force, ja.schema_versions(project) tells of the others."
        )
    advice = "Leave schema= out to go on with the stored one, or begin a new project elsewhere."
    found = f"{log.location} was begun with another schema: {difference(stored, schema)}"
    raise SchemaError(f"{found}. {advice}")
