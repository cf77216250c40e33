"""Schemas as text: exact both ways, and a person's mistakes are said where they stand."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from jupyter_annotate import (
    Choice,
    Image,
    Label,
    MultiChoice,
    NumberAnswer,
    Rating,
    Schema,
    Spans,
    Taxonomy,
    Text,
    TextAnswer,
)
from jupyter_annotate.errors import ExchangeError, SchemaError
from jupyter_annotate.events import canonical_json
from jupyter_annotate.fields import FIELDS
from jupyter_annotate.questions import QUESTIONS
from tests.fields import cases as fields
from tests.questions import cases as questions

TRAPS = ["yes", "no", "on", "Off", "y", "null", "~", "2024-01-01", "1", "1e3", "010", "0o7", "1:30", ".inf"]
SIGNS = ["<<", "- a", "a: b", "# c", "[x]", "{x}", "&a", "*a", "!t", "%p", "@a", "`b", "?", "it's", '"q"']
SCRIPTS = ["naïve", "日本語", "שלום", "👩‍👩‍👧", "e\u0301", "\u200b", "\ufeff.", "\U0010ffff"]
LABELS = [*TRAPS, *SIGNS, *SCRIPTS, "=", " padded ", "a/b\\c", "a" * 200]
LINES = ["a\nb", "a\n\n  b\n", "\na", " a\nb", "a\n ", "a\r\nb\tc", "a\x85b\u2028c", "---\n...\n#"]
PROSE = ["", " ", "\x07", *LINES]
BEGINNING = "fields: [{kind: text, name: text}]\nquestions:\n"


def again(schema: Schema) -> Schema:
    """Return what comes back from the text of a schema, which is the same down to the types of numbers."""
    back = Schema.from_yaml(schema.to_yaml())
    assert canonical_json(back.to_json()) == canonical_json(schema.to_json())
    return back


def problem_of(text: str) -> str:
    """Return why a text is refused."""
    with pytest.raises(SchemaError) as caught:
        Schema.from_yaml(text)
    return str(caught.value)


# -------------------------------------------------------------------------------- both ways


@pytest.mark.parametrize("kind", sorted(QUESTIONS))
def test_every_question_survives_its_text(kind: str) -> None:
    """A schema with it comes back, down to the fingerprint."""
    schema = questions.case_of(kind).schema

    assert again(schema) == schema


@pytest.mark.parametrize("kind", sorted(FIELDS))
def test_every_field_survives_its_text(kind: str) -> None:
    """A schema with it comes back, down to the fingerprint."""
    schema = Schema(fields.case_of(kind).field, Choice("q", ["yes", "no"]))

    assert again(schema) == schema


@pytest.mark.parametrize("kind", sorted(QUESTIONS))
def test_all_that_a_question_can_say_survives(kind: str) -> None:
    """What every question knows, with values that are not the default."""
    case = questions.case_of(kind)
    more = {"title": "no", "help": "Line: one\n\n  # two\n", "required": False, "cannot_tell": True}
    asked = {"show_when": {"mood": ["yes", "1"]}}
    question = QUESTIONS[kind].from_json({**case.question.to_json(), **more, **asked})
    schema = Schema(*case.fields, *case.others, Choice("mood", ["yes", "1", "2"]), question)

    assert again(schema) == schema
    assert again(schema).question("q").show_when == {"mood": ["yes", "1"]}


def test_what_is_the_default_is_left_out() -> None:
    """A person reads what was decided, in the order in which it was written."""
    schema = Schema(
        Text("text"), Choice("mood", ["glad", "sad"]), Rating("quality", 7, show_when={"mood": "glad"})
    )

    assert schema.to_yaml() == (
        "fields:\n- kind: text\n  name: text\n"
        "questions:\n- kind: choice\n  name: mood\n  labels: [glad, sad]\n"
        "- kind: rating\n  name: quality\n  show_when:\n    mood: [glad]\n  points: 7\n"
    )


@pytest.mark.parametrize(
    ("labels", "written"),
    [
        (["a", "b"], ["a", "b"]),
        ([Label("a", key="1"), Label("b", key="2")], ["a", "b"]),
        ([Label("a", key="y"), Label("b", key="n")], [{"name": "a", "key": "y"}, {"name": "b", "key": "n"}]),
        (["a", Label("b", key="s"), "c"], ["a", {"name": "b", "key": "s"}, "c"]),
        ([Label("a", key="2"), "b"], [{"name": "a", "key": "2"}, "b"]),
        ([Label("a", help="A.", color="#112233")], [{"name": "a", "color": "#112233", "help": "A."}]),
    ],
)
def test_a_label_says_what_is_its_own(labels: list[str | Label], written: list[object]) -> None:
    """A label is its name; its key is written where another would be handed out."""
    schema = Schema(Text("text"), Choice("q", labels))

    assert yaml.safe_load(schema.to_yaml())["questions"][0]["labels"] == written
    assert again(schema) == schema


def test_labels_that_ran_out_of_keys_survive() -> None:
    """Of many labels the last have no key, also where an earlier one has taken a key of its own."""
    names: list[str | Label] = [f"label {n}" for n in range(60)]
    names[50] = Label("late", key="q")
    schema = Schema(Text("text"), MultiChoice("q", names))

    assert again(schema) == schema


def test_a_tree_is_read_as_a_person_writes_it() -> None:
    """The labels of a taxonomy may be mappings within mappings."""
    text = BEGINNING + "- kind: taxonomy\n  name: what\n  labels:\n    animal: {dog: , cat: }\n    plant:\n"
    expected = Schema(Text("text"), Taxonomy("what", {"animal": {"dog": {}, "cat": {}}, "plant": {}}))

    assert Schema.from_yaml(text) == expected == again(expected)


def test_labels_are_read_in_either_form() -> None:
    """A label is its name, or names with values; comments are comments."""
    text = BEGINNING + "- kind: choice # one\n  name: q\n  labels: [glad, {name: sad, key: s}, 'no']\n"

    assert Schema.from_yaml(text) == Schema(Text("text"), Choice("q", ["glad", Label("sad", key="s"), "no"]))


@pytest.mark.parametrize("label", LABELS)
def test_a_label_stays_text(label: str) -> None:
    """What YAML would take for something else is quoted."""
    schema = Schema(Text("text"), Choice("q", [label, "other"]), Spans("s", [Label(label, help=label)]))

    assert again(schema) == schema


@pytest.mark.parametrize("prose", [*LABELS, *PROSE])
def test_prose_stays_as_it_is(prose: str) -> None:
    """Lines, blanks and signs come back one by one."""
    schema = Schema(Text("text", title=prose), TextAnswer("q", help=prose, placeholder=prose))

    assert again(schema) == schema


def test_lines_are_written_as_lines() -> None:
    """A help of several lines can be read in the file."""
    text = Schema(Text("text"), Rating("q", help="First.\n- then\n")).to_yaml()

    assert "help: |\n    First.\n    - then\n" in text


_CHARACTERS = st.characters(exclude_categories=["Cs"])
_NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(str.strip)
_HELP = st.none() | st.text(_CHARACTERS) | st.text("ab \n\t:#-'\"|>&*!?{}[],\x85\u2028\ufeff")


@given(st.lists(_NAMES, min_size=1, max_size=5, unique_by=str.strip), _HELP, _HELP)
def test_any_words_survive(names: list[str], prose: str | None, more: str | None) -> None:
    """Whatever a label, a help or a title may be comes back as it was."""
    labels = [Label(name, help=more if n % 2 else None) for n, name in enumerate(names)]
    schema = Schema(Text("text", title=more), Choice("q", labels, help=prose), Spans("s", names, title=prose))

    assert again(schema) == schema


@given(st.floats(-1e300, 1e300).filter(lambda n: abs(n) > 1e-300) | st.integers())
def test_any_number_survives(number: float) -> None:
    """A bound comes back as the same number of the same type."""
    schema = Schema(Text("text"), NumberAnswer("q", minimum=number))

    assert again(schema) == schema


def test_a_function_is_told_of_and_left_out() -> None:
    """A check of one's own is no part of the text, as it is none of the JSON form; a comment says so."""
    schema = Schema(Text("text"), Choice("q", ["a"], validate=lambda _, __: None))
    text = schema.to_yaml()

    assert text.startswith("# q: validate=, a Python function, is no part of this; give it again.\n")
    assert Schema.from_yaml(text) == schema
    assert Schema.from_yaml(text).question("q").validate is None


# -------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("labels", "problem"),
    [
        ("[glad, yes]", r"Line 5, column 18: question 'mood', labels: .* found yes, .* quote it, 'yes'"),
        ("[no]", "found no, which YAML reads as true or false: quote it, 'no'"),
        ("[{name: on}]", "found on, .* quote it, 'on'"),
        ("[{name: a, key: 1}]", "found 1, which YAML reads as a number: quote it, '1'"),
        ("[1.5]", "found 1.5, which YAML reads as a number"),
        ("[null]", "found null, which YAML reads as nothing: quote it, 'null'"),
        ("[~]", "found ~, which YAML reads as nothing: quote it, '~'"),
        ("[2024-01-01]", "found 2024-01-01, which YAML reads as a date"),
        ("{glad: }", "'mood': expected a list of labels"),
        ("glad", "'mood': expected a list of labels"),
        ("", "'mood': expected a list of labels"),
        ("[]", "'mood': expected at least one label"),
        ("[a, a]", "'mood': expected at least one label and none twice"),
        ("[{key: a}]", "'mood' does not fit its kind"),
        ("[{name: a, colour: red}]", "'mood', label 'a': There is no key 'colour'.* Did you mean 'color'"),
        ("[a, b", r"Line 5, column 16: expected YAML, found a mistake while .*, expected ',' or '\]'"),
        ("\n  - a\n  -", "'mood', labels: expected text, found nothing"),
        ("[a]\n  labels: [b]", "Line 6, column 3: question: expected each name once, found 'labels' again"),
        ("[a]\n  labls: [b]", "Line 3, column 3: .*'mood': There is no key 'labls'.* Did you mean 'labels'"),
        ("[a]\n  required: no", "Line 6, column 13: .*required.* found no, .*; or write true or false"),
        ("[a]\n  required: maybe", "'mood': expected required to be True or False, found 'maybe'"),
        ("[a]\n  help: yes", "'mood', help: .* found yes, .* quote it, 'yes'"),
        ("[a]\n  validate: f", "has 'validate', which is no part of a stored schema: give it in Python"),
        ("[a]\n  on: text", "found on, which YAML reads as true or false: quote it, 'on'"),
        ("[a]\n  ? [x]\n  : y", "expected text before the colon"),
        ("[a]\n- kind: rating\n  name: q\n  show_when: {mood: true}", "'q', show_when: .* quote it, 'true'"),
        ("[a]\n- kind: rating\n  name: q\n  points: 010", "'q', points: .* or write a number like 10"),
        ("[a]\n- kind: rating\n  name: mood", "The name 'mood' stands twice"),
        ("[a]\n- kind: ratin\n  name: q", "Line 6, column 3: .*kind 'ratin'.* Did you mean 'rating'"),
        ("[a]\n- kind: rating", "Line 6, column 3: Expected a question .* lacks 'name'"),
        ("[a]\n- kind: [rating]\n  name: [q]", "no question kind"),
        ("[a]\n- rating", "Line 6, column 3: question: expected names with values, like 'name: text'"),
    ],
)
def test_a_mistake_is_said_where_it_stands(labels: str, problem: str) -> None:
    """The error names line, column and question, what was expected and what was found."""
    text = f"{BEGINNING}- kind: choice\n  name: mood\n  labels: {labels}"

    with pytest.raises(SchemaError, match=problem):
        Schema.from_yaml(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "found an empty text"),
        ("# nothing", "found an empty text"),
        ("schema.yaml", r"found text; to read a file, use Schema.load\(path\)"),
        ("- a", "expected names with values"),
        ("fields: [{kind: text, name: text}]", "found no questions"),
        ("fields: []\nquestion: []", "no key of a schema 'question'.* Did you mean 'questions'"),
        ("fields: text\nquestions: []", "expected a list of fields"),
        ("fields: []\nquestions: []", "at least one field and one question"),
        ("fields: [{kind: image, name: i, root: /etc}]\nquestions: []", "'root', which is no part"),
        ("a: 1\n---\nb: 2", "found a mistake"),
        ("a:\tb\n\tc: d", "found a mistake"),
        ("a: \x00", "unacceptable character"),
        ("[" * 5000, "at most 50 levels"),
        ("{a: " * 5000, "at most 50 levels"),
        ("fields: &a [*a]", "no anchors"),
        ("fields: *a", r"no anchors \(&\) or aliases \(\*\)"),
        ("fields: !!python/object/apply:os.system ['true']", "no tags"),
        ("fields: !mine {}", "no tags"),
        ("fields: []\n<<: {questions: []}", "found <<, .* quote it"),
        ("x" * 1_000_001, "at most 1,000,000 characters"),
    ],
)
def test_what_is_no_schema_is_refused(text: str, problem: str) -> None:
    """A text that could do more than say what is asked is not even built."""
    assert problem_of(text)
    with pytest.raises(SchemaError, match=problem):
        Schema.from_yaml(text)


def test_a_text_that_multiplies_is_refused() -> None:
    """Nine lines of aliases would be a billion words."""
    lines = ["a0: &a0 [lol, lol]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10))]

    assert problem_of("\n".join(lines)).startswith("Line 1, column 5: expected no anchors (&)")


def test_what_is_no_text_is_refused() -> None:
    """A path is not read by the function for text."""
    with pytest.raises(SchemaError, match=r"Expected YAML as text.*Schema.load\(path\)"):
        Schema.from_yaml(Path("schema.yaml"))  # type: ignore[arg-type]  # the mistake


@given(st.text(st.sampled_from("abkindfieldsquestionsname: -[]{}&*!|>'\"#\n\t,?%@`~01"), max_size=200))
def test_any_text_is_a_schema_or_refused(text: str) -> None:
    """Nothing but our own error comes out of a text that is none."""
    with pytest.raises(SchemaError):
        Schema.from_yaml(text)


def test_a_text_too_long_to_be_read_is_not_written() -> None:
    """The error names the form that has no such bound."""
    with pytest.raises(SchemaError, match=r"save it as \.json"):
        Schema(Text("text"), Choice("q", ["a"], help="x" * 1_000_000)).to_yaml()


# -------------------------------------------------------------------------------- JSON


def test_json_is_as_strict_and_as_short() -> None:
    """The JSON form takes labels as names, and refuses a key that means nothing."""
    spec = {"fields": [{"kind": "text", "name": "t"}], "questions": [{"kind": "choice", "name": "q"}]}
    question = spec["questions"][0]

    assert Schema.from_json({**spec, "questions": [{**question, "labels": ["a"]}]}) == Schema(
        Text("t"), Choice("q", ["a"])
    )
    with pytest.raises(SchemaError, match=r"no key 'labls'.* Did you mean 'labels'"):
        Schema.from_json({**spec, "questions": [{**question, "labls": ["a"]}]})
    with pytest.raises(SchemaError, match="expected a list of labels, found the str 'abc'"):
        Schema.from_json({**spec, "questions": [{**question, "labels": "abc"}]})
    with pytest.raises(SchemaError, match="Expected a schema with a list of fields"):
        Schema.from_json([])  # type: ignore[arg-type]  # the mistake


# -------------------------------------------------------------------------------- files

SCHEMA = Schema(Text("text"), Choice("mood", ["glad", "traurig 😢", Label("no", key="n")]))


@pytest.mark.parametrize("name", ["schema.yaml", "schema.yml", "schema.json", "SCHEMA.YAML"])
def test_a_file_comes_back(name: str, tmp_path: Path) -> None:
    """The ending says which form it is, and nothing else is left in the folder."""
    SCHEMA.save(tmp_path / name)

    assert Schema.load(tmp_path / name) == SCHEMA
    assert Schema.load(str(tmp_path / name)) == SCHEMA
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text("utf-8").startswith("{" if name.endswith("json") else "fields:")


def test_a_name_alone_is_in_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As everywhere in a notebook."""
    monkeypatch.chdir(tmp_path)
    SCHEMA.save("schema.yaml")

    assert Schema.load("schema.yaml") == SCHEMA
    assert (tmp_path / "schema.yaml").exists()


def test_a_file_is_replaced_when_that_is_said(tmp_path: Path) -> None:
    """Without overwrite=True it stays as it was; with it, it keeps its permissions."""
    path = tmp_path / "schema.yaml"
    SCHEMA.save(path)
    path.chmod(0o640)
    other = Schema(Text("text"), Rating("quality"))

    with pytest.raises(ExchangeError, match=r"exists already\. Choose another name, or pass overwrite=True"):
        other.save(path)
    assert Schema.load(path) == SCHEMA
    other.save(path, overwrite=True)
    assert Schema.load(path) == other
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_write_that_fails_leaves_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The new text stands beside the old one until it is on the disk."""
    path = tmp_path / "schema.yaml"
    SCHEMA.save(path)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ExchangeError, match=r"cannot be written \(No space left on device\)\. Make room"):
        Schema(Text("text"), Rating("quality")).save(path, overwrite=True)
    assert Schema.load(path) == SCHEMA
    assert [each.name for each in tmp_path.iterdir()] == ["schema.yaml"]


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("schema.txt", r"ends with one of \['.yaml', '.yml', '.json'\]"),
        ("schema", "ends with one of"),
        ("missing/schema.yaml", "expected the folder .* to exist; create it first"),
        ("con.yaml", "found the name of a device"),
        ("a\nb.yaml", "control characters"),
        ("folder.yaml", "expected a plain file"),
        ("pipe.yaml", "expected a plain file"),
        ("link.yaml", "is a link"),
        ("out.yaml", "found one outside"),
    ],
)
def test_a_place_that_is_none_is_refused(name: str, problem: str, tmp_path: Path) -> None:
    """Neither a link nor what is no file is written to, overwrite=True or not."""
    inner = tmp_path / "inner"
    (inner / "folder.yaml").mkdir(parents=True)
    os.mkfifo(inner / "pipe.yaml")
    SCHEMA.save(inner / "real.yaml")
    (inner / "link.yaml").symlink_to("real.yaml")
    (inner / "out.yaml").symlink_to("../elsewhere.yaml")

    with pytest.raises(ExchangeError, match=problem):
        SCHEMA.save(inner / name, overwrite=True)
    assert Schema.load(inner / "real.yaml") == SCHEMA
    assert not (tmp_path / "elsewhere.yaml").exists()


@pytest.mark.parametrize(
    ("name", "data", "problem"),
    [
        ("bad.yaml", b"fields: []\nquestions: [", "bad.yaml: Line 2"),
        ("bad.json", b'{"fields": [\n}', "bad.json: Expecting value: line 2 column 1"),
        ("bad.json", b"[" * 100_000, "bad.json: "),
        ("bad.json", b"[]", "bad.json: Expected a schema with a list of fields"),
        ("bad.json", b'{"fields": [{"kind": "txt", "name": "t"}]}', "bad.json: .* Did you mean 'text'"),
    ],
)
def test_a_file_that_is_no_schema_is_named(name: str, data: bytes, problem: str, tmp_path: Path) -> None:
    """The error says in which file, and where in it."""
    (tmp_path / name).write_bytes(data)

    with pytest.raises(SchemaError, match=problem):
        Schema.load(tmp_path / name)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """No such file, no plain file, no text, or far too much of it."""
    (tmp_path / "latin.yaml").write_bytes("# é".encode("latin-1"))
    (tmp_path / "big.yaml").write_bytes(b" " * 16_000_001)
    os.mkfifo(tmp_path / "pipe.yaml")

    for name, problem in {
        "none.yaml": "there is no such file",
        "latin.yaml": "expected text in UTF-8, found another byte at 2",
        "big.yaml": "at most 16,000,000 bytes",
        "pipe.yaml": "expected a plain file",
        "schema.toml": "ends with one of",
    }.items():
        with pytest.raises(ExchangeError, match=problem):
            Schema.load(tmp_path / name)


def test_a_mark_of_the_byte_order_is_no_text(tmp_path: Path) -> None:
    """Some editors begin a file with one, in either form."""
    for name, text in {"a.yaml": SCHEMA.to_yaml(), "a.json": json.dumps(SCHEMA.to_json())}.items():
        (tmp_path / name).write_text(text, encoding="utf-8-sig")

        assert Schema.load(tmp_path / name) == SCHEMA


def test_the_folder_of_images_is_no_part_of_it() -> None:
    """A schema is the same on every computer; where the images lie is not."""
    schema = Schema(Image("scan", root="/elsewhere"), Choice("q", ["a"]))

    assert "elsewhere" not in schema.to_yaml()
    assert again(schema) == schema
