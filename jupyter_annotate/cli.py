"""The command line: ``jupyter annotate ...``, or ``jupyter-annotate ...``.

It ends with 0 if all is well, with 1 if something is not, said in one sentence, and with 2 if it was not
understood.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO, TypeAlias
from urllib.parse import urlsplit

from jupyter_annotate.backups import backup, restore
from jupyter_annotate.errors import AnnotateError, MissingExtraError, StorageError
from jupyter_annotate.exchange import FORMATS, export
from jupyter_annotate.health import status
from jupyter_annotate.merging import merge
from jupyter_annotate.project import Project
from jupyter_annotate.verifying import verify

__all__ = ["main"]

_PROGRAM = "jupyter annotate"
_ADMINISTRATION = "jupyter_annotate.storage.postgres_admin"
_ROLES = ("annotator", "reviewer", "adjudicator", "lead")
_INTERRUPTED = 130

_Arguments = argparse.Namespace
_Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 -- has no other name


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Parameters
    ----------
    argv
        The words after the program's name; those of the process by default.
    """
    arguments = _parser().parse_args(argv)
    try:
        with _plain_warnings():
            code: int = arguments.run(arguments)
    except AnnotateError as error:
        return _failed(str(error))
    except OSError as error:
        return _failed(f"{error.filename or 'The system'}: {error.strerror or error}.")
    except KeyboardInterrupt:
        _failed("interrupted; what was stored stays.")
        return _INTERRUPTED
    return code


def _failed(sentence: str) -> int:
    print(f"{_PROGRAM}: {' '.join(sentence.split())}", file=sys.stderr)
    return 1


@contextmanager
def _plain_warnings() -> Iterator[None]:
    """Show warnings as sentences: nobody here asks for the line of the source."""

    def show(message: Warning | str, *_: object, **__: object) -> None:
        print(f"{_PROGRAM}: {message}", file=sys.stderr)

    with warnings.catch_warnings():
        warnings.showwarning = show
        yield


# ------------------------------------------------------------------------------------- commands


def _status(arguments: _Arguments) -> int:
    found = status(arguments.name, deep=arguments.deep)
    print(found)
    return 1 if found.warnings else 0


def _verify(arguments: _Arguments) -> int:
    anchor = _anchor(Path(arguments.anchor)) if arguments.anchor else None
    with Project.open(arguments.name, read_only=True) as project:
        found = verify(project, anchor)
    told = f"every event up to position {found.head.position} verifies, and so does every batch"
    hidden = f", {found.hidden} hidden from you" if found.hidden else ""
    print(f"{arguments.name}: {told} ({found.erased} erased{hidden}).")
    print(json.dumps({"position": found.head.position, "digest": found.head.digest}))
    return 0


def _anchor(file: Path) -> dict[str, Any]:
    """Read a head kept elsewhere: the last line of an earlier ``verify``, or the manifest of an export."""
    try:
        found = json.loads(file.read_text(encoding="utf-8").strip().splitlines()[-1])
    except (ValueError, IndexError):
        found = None
    if found is None or not isinstance(found, dict) or "position" not in found:
        found = _anchor_of_manifest(file)
    return {"position": int(found["position"]), "digest": str(found["digest"])}


def _anchor_of_manifest(file: Path) -> dict[str, Any]:
    try:
        head: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))["log"]["head"]
        return {"position": head["position"], "digest": head["digest"]}
    except (ValueError, KeyError, TypeError) as error:
        expected = "the manifest.json of an export, or the last line that an earlier verify printed"
        raise StorageError(f"{file} holds no head of a log: expected {expected}.") from error


def _backup(arguments: _Arguments) -> int:
    with Project.open(arguments.name, read_only=True) as project:
        print(backup(project, arguments.folder, arguments.keep))
    return 0


def _restore(arguments: _Arguments) -> int:
    print(restore(arguments.backup, arguments.to))
    return 0


def _merge(arguments: _Arguments) -> int:
    with Project.open(arguments.into) as project:
        for name in arguments.others:
            report = merge(project, name, annotator=arguments.annotator)
            print(f"{name}: {report.items} new items, {report.events} new events, {report.erased} erased")
            for row in report.conflicts.iter_rows(named=True):
                print(f"  {row['item_id']} {row['question']}: {row['annotator_id']} says {row['value']}")
    return 0


def _export(arguments: _Arguments) -> int:
    with Project.open(arguments.name, read_only=True) as project:
        report = export(project, arguments.to, format=arguments.format, overwrite=arguments.overwrite)
    print(report.folder)
    return 0


# ------------------------------------------------------------------------------- the database


def _administration() -> Any:  # noqa: ANN401 -- a module that needs an extra
    try:
        return importlib.import_module(_ADMINISTRATION)
    except ImportError as error:
        raise MissingExtraError("psycopg", extra="postgres", purpose=f"{_PROGRAM} db") from error


def _db_init(arguments: _Arguments) -> int:
    _administration().init(arguments.url)
    print(f"The project is begun. Admit people with: {_PROGRAM} db add-member URL NAME")
    return 0


def _db_migrate(arguments: _Arguments) -> int:
    _administration().migrate(arguments.url)
    print("The layout is up to date.")
    return 0


def _db_members(arguments: _Arguments) -> int:
    found = _administration().members(arguments.url)
    print("\t".join(found.columns))
    for row in found.iter_rows():
        print("\t".join(map(str, row)))
    return 0


def _db_set_role(arguments: _Arguments) -> int:
    _administration().set_role(arguments.url, arguments.annotator, arguments.role)
    print(f"{arguments.annotator} is {arguments.role} now.")
    return 0


def _db_blind(arguments: _Arguments) -> int:
    _administration().set_blinding(arguments.url, arguments.on)
    shown = "no longer" if arguments.on else "now"
    print(f"Annotators {shown} see each other's answers, in projects they open from now on.")
    return 0


def _db_add_member(arguments: _Arguments) -> int:
    admin = _administration()
    if arguments.show_password:
        made = _added(admin, arguments)
        print(
            f"{arguments.annotator} logs in as {made.login}"
            + (f" with {made.password}" if made.password else "")
        )
        return 0
    path = Path(arguments.password_file or f"{arguments.login or arguments.annotator}.pgpass")
    # The file first: a password that was set and could not be written down would be lost.
    with _private_file(path) as file:
        made = _added(admin, arguments)
        if made.password:
            file.write(_line_of_pgpass(arguments.url, made.login, made.password))
    if made.password:
        print(f"{arguments.annotator} logs in as {made.login}. The password is in {path}, for PGPASSFILE;")
        print("hand it over on a way that only this person reads, then remove the file.")
    else:
        path.unlink()
        print(f"{arguments.annotator} logs in as {made.login}, with the password that login has.")
    return 0


def _added(admin: Any, arguments: _Arguments) -> Any:  # noqa: ANN401 -- of a module that needs an extra
    return admin.add_member(
        arguments.url, arguments.annotator, role=arguments.role, login=arguments.login, password=None
    )


@contextmanager
def _private_file(path: Path) -> Iterator[TextIO]:
    """Make a file that nobody else may read; nothing is left of it if something goes wrong."""
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError as error:
        message = f"{path} is there already. Nothing was done; move it, or name another with --password-file."
        raise StorageError(message) from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            yield file
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _line_of_pgpass(url: str, login: str, password: str) -> str:
    """Return a line as libpq reads it: host, port, database, login and password, colons escaped."""
    parts = urlsplit(url)
    fields = (parts.hostname or "*", str(parts.port or "*"), parts.path.strip("/") or "*", login, password)
    return ":".join(each.replace("\\", "\\\\").replace(":", "\\:") for each in fields) + "\n"


# ------------------------------------------------------------------------------------- parsing


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=_PROGRAM, description="Look after labeling projects: status, backups, merging, export, database."
    )
    version = f"jupyter-annotate-kit {sys.modules['jupyter_annotate'].__version__}"
    parser.add_argument("--version", action="version", version=version)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_looking(commands)
    _add_copying(commands)
    _add_database(commands)
    return parser


def _add(commands: _Commands, name: str, run: Callable[[_Arguments], int], help_: str, *places: str) -> Any:  # noqa: ANN401 -- argparse's own
    command = commands.add_parser(name, help=help_, description=help_)
    command.set_defaults(run=run)
    for place in places:
        command.add_argument(place, metavar=place.upper())
    return command


def _add_looking(commands: _Commands) -> None:
    look = _add(commands, "status", _status, "Say what is stored, by whom and how healthy it is.", "name")
    look.add_argument("--deep", action="store_true", help="also read every batch and check every answer")
    check = _add(commands, "verify", _verify, "Recompute every digest, and print the head to keep.", "name")
    check.add_argument(
        "--anchor", metavar="FILE", help="a head kept elsewhere, or manifest.json of an export"
    )


def _add_copying(commands: _Commands) -> None:
    keep = _add(commands, "backup", _backup, "Make a verified copy that opens as a project.", "name")
    keep.add_argument("--folder", help="where backups are; NAME.backups by default")
    keep.add_argument("--keep", type=int, default=3, help="how many stay (%(default)s)")
    _add(commands, "restore", _restore, "Copy a backup to where a project should be.", "backup", "to")
    join = _add(commands, "merge", _merge, "Take in what was labeled in copies of a project.", "into")
    join.add_argument("others", metavar="FROM", nargs="+", help="a copy; it is only read")
    join.add_argument("--annotator", help="who merges; the environment is asked by default")
    write = _add(commands, "export", _export, "Write a project into a new folder.", "name", "to")
    write.add_argument("--format", choices=sorted(FORMATS), default="parquet", help="%(default)s by default")
    write.add_argument("--overwrite", action="store_true", help="replace an earlier export")


def _add_database(commands: _Commands) -> None:
    database = commands.add_parser("db", help="Look after a project in PostgreSQL.")
    parts = database.add_subparsers(required=True, metavar="COMMAND")
    _add(parts, "init", _db_init, "Make roles, tables and policies of a project.", "url")
    _add(parts, "migrate", _db_migrate, "Bring the layout of an earlier version up to date.", "url")
    _add(parts, "members", _db_members, "List who may do what.", "url")
    for name, on, help_ in (
        ("blind", True, "Keep annotators from seeing each other's answers."),
        ("unblind", False, "Let annotators see each other's answers."),
    ):
        _add(parts, name, _db_blind, help_, "url").set_defaults(on=on)
    role = _add(parts, "set-role", _db_set_role, "Give a member another role.", "url", "annotator")
    role.add_argument("role", choices=_ROLES)
    member = _add(
        parts, "add-member", _db_add_member, "Admit somebody under an own login.", "url", "annotator"
    )
    member.add_argument("--role", choices=_ROLES, default="annotator", help="%(default)s by default")
    member.add_argument("--login", help="an own name for the login")
    member.add_argument("--password-file", metavar="FILE", help="where the new password goes; LOGIN.pgpass")
    member.add_argument("--show-password", action="store_true", help="show the password here instead")


if __name__ == "__main__":
    sys.exit(main())
