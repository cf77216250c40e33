"""The command line: what it prints, how it ends, and that it shows no password unasked."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from jupyter_annotate import Choice, Project, Schema, Session, Text, cli, export, verify
from jupyter_annotate.cli import main
from jupyter_annotate.errors import StorageError

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = Schema(Text("text"), Choice("mood", ["glad", "sad"]))
ITEMS = {"item_id": ["a", "b"], "text": ["one", "two"]}
URL = "postgresql://owner:geheim@db.example:5433/labels?project=reviews"
SECRET = "k:9\\x"  # noqa: S105 -- of nobody


@pytest.fixture(autouse=True)
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder of the test, with nobody's schedules."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JUPYTER_ANNOTATE_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("JUPYTER_ANNOTATE_USER", "grace")


@pytest.fixture
def reviews(tmp_path: Path) -> Path:
    """Begin a project with an answer."""
    with Project.open(tmp_path / "reviews", schema=SCHEMA, items=ITEMS) as project:
        Session(project, annotator="ada").submit({"mood": "glad"})
    return tmp_path / "reviews.annotate"


# ------------------------------------------------------------------------------------ as a program


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command as a person does."""
    command = [sys.executable, "-m", "jupyter_annotate.cli", *map(str, words)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_a_whole_round_of_commands(reviews: Path, tmp_path: Path) -> None:
    """A project is looked at, verified, backed up, restored, merged and exported without a line of Python."""
    shutil.copytree(reviews, tmp_path / "offline.annotate")
    with Project.open("offline") as copy:
        Session(copy, annotator="bea").submit({"mood": "sad"}, item_id="a")

    looked = run("status", "reviews", "--deep")
    merged = run("merge", "reviews", "offline")
    kept = run("backup", "reviews", "--folder", "kept", "--keep", "2")
    back = run("restore", kept.stdout.strip(), "again")
    checked = run("verify", "again")
    written = run("export", "again", "out", "--format", "jsonl")
    anchored = run("verify", "reviews", "--anchor", "out/manifest.json")

    done = (looked, merged, kept, back, checked, written, anchored)
    assert [each.stderr for each in done] == [""] * 7
    assert [each.returncode for each in done] == [0] * 7
    assert "2 items, 3 events" in looked.stdout
    assert merged.stdout.splitlines() == [
        "offline: 0 new items, 1 new events, 0 erased",
        '  a mood: ada says "glad"',
        '  a mood: bea says "sad"',
    ]
    assert "every event up to position 5 verifies" in checked.stdout
    assert (tmp_path / "out" / "manifest.json").exists()


def test_an_error_is_one_sentence(tmp_path: Path) -> None:
    """It goes to stderr, without a traceback, and the exit code says that something is wrong."""
    found = run("verify", "nowhere")

    assert found.returncode == 1
    assert found.stdout == ""
    assert found.stderr.startswith(
        f"jupyter annotate: There is no project in {tmp_path / 'nowhere.annotate'}"
    )
    assert len(found.stderr.splitlines()) == 1


def test_jupyter_finds_the_program() -> None:
    """The package declares the program under the name that `jupyter annotate` looks for."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]

    assert declared == {"jupyter-annotate": "jupyter_annotate.cli:main"}


@pytest.mark.parametrize("words", [[], ["frobnicate"], ["db"], ["backup", "x", "--keep", "many"]])
def test_what_is_not_understood_ends_with_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """The usage is shown, and the code differs from that of a project in trouble."""
    with pytest.raises(SystemExit) as ended:
        main(words)

    assert ended.value.code == 2
    assert "usage: jupyter annotate" in capsys.readouterr().err


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """As other programs do."""
    with pytest.raises(SystemExit) as ended:
        main(["--version"])

    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("jupyter-annotate-kit 0.")


# ------------------------------------------------------------------------------------- projects


def test_status_ends_with_1_where_somebody_should_look(
    reviews: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A cron job need not read the screen."""
    assert main(["status", "reviews"]) == 0
    (reviews / "log.sqlite").write_bytes(b"\xff" * 4_000)

    assert main(["status", "reviews"]) == 1
    assert "! " in capsys.readouterr().out


def test_verify_prints_the_head_to_keep(
    reviews: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What one verify printed is the anchor of a later one; a history that was cut off shows."""
    assert main(["verify", "reviews"]) == 0
    printed = capsys.readouterr().out
    (tmp_path / "head").write_text(printed)
    assert main(["verify", "reviews", "--anchor", "head"]) == 0
    shutil.rmtree(reviews)
    with Project.open("reviews", schema=SCHEMA, items=ITEMS) as project:
        Session(project, annotator="ada").submit({"mood": "sad"})
        assert json.loads(printed.splitlines()[-1])["position"] == verify(project).head.position

    assert main(["verify", "reviews", "--anchor", "head"]) == 1
    assert "the history is not the one of the anchor" in capsys.readouterr().err


@pytest.mark.parametrize("content", ["", "[]", "{}", "no JSON", '{"log": 3}', "3"])
def test_a_file_without_a_head_is_no_anchor(
    reviews: Path, tmp_path: Path, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The sentence says what would be one."""
    assert reviews.exists()
    (tmp_path / "anchor").write_text(content)

    assert main(["verify", "reviews", "--anchor", "anchor"]) == 1
    assert "anchor holds no head of a log: expected the manifest.json" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_named(reviews: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What the system says is a sentence as well."""
    assert reviews.exists()
    assert main(["verify", "reviews", "--anchor", "nowhere"]) == 1
    assert capsys.readouterr().err == "jupyter annotate: nowhere: No such file or directory.\n"


def test_looking_and_copying_need_no_permission_to_write(
    reviews: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of the commands only merge writes to the project it is given."""
    before = {path: path.read_bytes() for path in reviews.rglob("*.*")}
    for words in (["status"], ["verify"], ["backup"]):
        assert main([*words, "reviews"]) == 0
    assert main(["export", "reviews", "out"]) == 0

    assert {path: path.read_bytes() for path in reviews.rglob("*.*")} == before
    assert str(tmp_path / "reviews.backups") in capsys.readouterr().out


def test_the_merge_is_signed(reviews: Path, tmp_path: Path) -> None:
    """By who is named, else by who the environment says it is."""
    for name in ("one", "two"):
        shutil.copytree(reviews, tmp_path / f"{name}.annotate")
        with Project.open(name) as copy:
            Session(copy, annotator=name).submit({"mood": "sad"})
    assert main(["merge", "reviews", "one"]) == 0
    assert main(["merge", "reviews", "two", "one", "--annotator", "bea"]) == 0

    with Project.open("reviews", read_only=True) as project:
        merges = project.events().filter(pl.col("kind") == "merge")["annotator_id"].to_list()
    assert merges == ["grace", "bea"]


def test_an_export_that_is_there_is_replaced_only_on_demand(
    reviews: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As `export` does, with a word more."""
    with Project.open(reviews) as project:
        export(project, tmp_path / "out")

    assert main(["export", "reviews", "out"]) == 1
    assert main(["export", "reviews", "out", "--overwrite"]) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "out")


def test_a_warning_is_a_sentence(reviews: Path, tmp_path: Path) -> None:
    """Nobody at a command line asks for the line of the source."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "backups.json").write_text("{")
    shutil.copytree(reviews, tmp_path / "copy.annotate")

    found = run("merge", reviews, "copy")

    (line,) = found.stderr.splitlines()
    assert line.startswith(f"jupyter annotate: {reviews} was not backed up:")
    assert found.returncode == 0


def test_an_interruption_is_no_traceback(
    reviews: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ctrl-C ends with the code that shells expect."""

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    assert reviews.exists()
    monkeypatch.setattr(cli, "verify", interrupt)

    assert main(["verify", "reviews"]) == 130
    assert capsys.readouterr().err == "jupyter annotate: interrupted; what was stored stays.\n"


# ------------------------------------------------------------------------------- the database


class Administration(SimpleNamespace):
    """Stands for the administration of PostgreSQL and writes down how it was called."""

    def __init__(self, password: str | None = SECRET) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.password = password

    def add_member(self, url: str, annotator: str, **options: object) -> SimpleNamespace:
        """Admit a member."""
        self.calls.append(("add_member", url, annotator, options))
        return SimpleNamespace(login="ja_ada", password=self.password)

    def members(self, url: str) -> pl.DataFrame:
        """List members."""
        self.calls.append(("members", url))
        return pl.DataFrame({"login": ["ja_ada"], "annotator": ["ada"], "role": ["lead"]})

    def __getattr__(self, name: str) -> Callable[..., None]:
        """Write down any other call."""
        return lambda *words: self.calls.append((name, *words))


@pytest.fixture
def administration(monkeypatch: pytest.MonkeyPatch) -> Administration:
    """Put the stand-in where the commands find it."""
    stand_in = Administration()
    monkeypatch.setitem(sys.modules, cli._ADMINISTRATION, stand_in)
    return stand_in


@pytest.mark.parametrize(
    ("words", "call"),
    [
        (["init", URL], ("init", URL)),
        (["migrate", URL], ("migrate", URL)),
        (["set-role", URL, "ada", "reviewer"], ("set_role", URL, "ada", "reviewer")),
        (["blind", URL], ("set_blinding", URL, True)),
        (["unblind", URL], ("set_blinding", URL, False)),
        (["members", URL], ("members", URL)),
    ],
)
def test_commands_reach_the_database(
    administration: Administration,
    words: list[str],
    call: tuple[object, ...],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each one calls the function of its name, and repeats no secret of the address."""
    assert main(["db", *words]) == 0

    printed = capsys.readouterr()
    assert administration.calls == [call]
    assert "geheim" not in printed.out + printed.err


def test_members_are_a_table(administration: Administration, capsys: pytest.CaptureFixture[str]) -> None:
    """One line each, for people and for other programs."""
    assert main(["db", "members", URL]) == 0
    assert administration.calls
    assert capsys.readouterr().out == "login\tannotator\trole\nja_ada\tada\tlead\n"


def test_a_new_password_goes_into_a_private_file(
    administration: Administration, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody else may read it, psql can use it, and the screen does not show it."""
    assert main(["db", "add-member", URL, "ada", "--role", "lead"]) == 0

    file = tmp_path / "ada.pgpass"
    printed = capsys.readouterr()
    assert file.read_text() == "db.example:5433:labels:ja_ada:k\\:9\\\\x\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert SECRET not in printed.out + printed.err
    assert "geheim" not in printed.out + printed.err + file.read_text()
    options = {"role": "lead", "login": None, "password": None}
    assert administration.calls == [("add_member", URL, "ada", options)]


def test_the_password_is_shown_on_demand(
    administration: Administration, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who asks for it sees it, and no file is made."""
    assert main(["db", "add-member", URL, "ada", "--show-password"]) == 0

    assert administration.calls
    assert SECRET in capsys.readouterr().out
    assert not list(tmp_path.glob("*.pgpass"))


def test_a_login_with_a_password_keeps_it(
    administration: Administration, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where no new password was made, no file says so."""
    administration.password = None
    assert main(["db", "add-member", URL, "ada", "--login", "ja_ada"]) == 0

    assert not list(tmp_path.glob("*.pgpass"))
    assert "with the password that login has" in capsys.readouterr().out


def test_a_file_in_the_way_stops_before_anything_is_done(
    administration: Administration, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A password that was made and could not be written down would be lost."""
    (tmp_path / "mine").write_text("keep")

    assert main(["db", "add-member", URL, "ada", "--password-file", "mine"]) == 1
    assert administration.calls == []
    assert (tmp_path / "mine").read_text() == "keep"
    assert "mine is there already. Nothing was done" in capsys.readouterr().err


def test_a_member_who_is_refused_leaves_no_file(
    administration: Administration, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of the database is told, and the empty file goes."""

    def refuse(*_: object, **__: object) -> None:
        raise StorageError("Only a lead may do that.")

    monkeypatch.setattr(administration, "add_member", refuse, raising=False)

    assert main(["db", "add-member", URL, "ada"]) == 1
    assert not list(tmp_path.glob("*.pgpass"))


def test_without_the_extra_the_sentence_names_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever has no driver for PostgreSQL learns what to install."""
    monkeypatch.setitem(sys.modules, cli._ADMINISTRATION, None)

    assert main(["db", "init", URL]) == 1
    assert "pip install 'jupyter-annotate-kit[postgres]'" in capsys.readouterr().err
