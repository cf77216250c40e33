"""Migrations: what becomes of labels, of the schema around them, and of one answer of every kind."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import jupyter_annotate as ja
from jupyter_annotate.errors import SchemaError
from jupyter_annotate.events import Json, canonical_json
from jupyter_annotate.questions import QUESTIONS, LabelQuestion
from jupyter_annotate.schema import Schema
from tests.questions.cases import VARIANTS, Case, case_of

KINDS = [
    *sorted(kind for kind, each in QUESTIONS.items() if issubclass(each, LabelQuestion)),
    *VARIANTS,
]
SEPARATOR = "/"


def leaves(case: Case) -> list[str]:
    """Return the labels of a case with nothing below them."""
    names = asked(case.schema).label_names
    return [n for n in names if not any(other.startswith(n + SEPARATOR) for other in names)]


def asked(schema: Schema) -> LabelQuestion:
    """Return the question of a case."""
    question = schema.question("q")
    assert isinstance(question, LabelQuestion)
    return question


def moved(migration: ja.Migration, before: Schema, answer: Json, name: str = "q") -> Json:
    """Return an answer in the words after a migration."""
    return migration.schema(before).question(name).relabeled(answer, migration.names(before))


@pytest.fixture(params=KINDS)
def case(request: pytest.FixtureRequest) -> Case:
    """Return the case of each kind with labels in turn."""
    return case_of(request.param)


# ------------------------------------------------------------------------------ every kind of answer


def test_renamed_answers_fit_and_come_back(case: Case) -> None:
    """Of every kind: with all labels renamed an answer fits, and renamed back it is the old one."""
    names = {name: f"{name}-new" for name in leaves(case)}
    there, back = ja.Migration("q", names), ja.Migration("q", {new: old for old, new in names.items()})
    after, content = there.schema(case.schema), case.schema.content(case.item)

    assert back.schema(after) == case.schema
    for _, answer in case.good:
        new = moved(there, case.schema, answer)
        assert canonical_json(asked(after).check(new, content)) == canonical_json(new)
        assert canonical_json(moved(back, after, new)) == canonical_json(answer)


def test_merged_answers_fit_or_are_undecided(case: Case) -> None:
    """Of every kind: with two labels merged an answer is in canonical form, or nobody can say it."""
    parts = leaves(case)[:2]
    if len(parts) < 2:
        pytest.skip("one label")
    migration = ja.Migration("q", merge={f"{parts[0]}-or-other": parts})
    after, content = migration.schema(case.schema), case.schema.content(case.item)
    found = [moved(migration, case.schema, answer) for _, answer in case.good]

    assert asked(after).label_names == tuple(
        dict.fromkeys(f"{parts[0]}-or-other" if n in parts else n for n in asked(case.schema).label_names)
    )
    for new in found:
        assert new is None or canonical_json(asked(after).check(new, content)) == canonical_json(new)


def test_only_answers_with_a_split_label_are_undecided(case: Case) -> None:
    """Of every kind: an answer is undecided if the label that was split is in it, and else is as before."""
    for label in leaves(case):
        migration = ja.Migration("q", split={label: [f"{label}-one", f"{label}-two"]})
        if isinstance(pair := getattr(case.question, "edges", None), tuple) and any(
            label in each for each in pair
        ):
            with pytest.raises(SchemaError, match="has the line"):
                migration.schema(case.schema)
            continue
        for _, answer in case.good:
            new = moved(migration, case.schema, answer)
            assert (new is None) == (label in words(answer))
            assert new is None or new == answer


def words(answer: Any) -> set[str]:  # noqa: ANN401 -- JSON
    """Return the labels that an answer names."""
    match answer:
        case {"head": _, "label": label} | {"label": label}:
            return {label}
        case dict():
            return set(answer) | {word for value in answer.values() for word in words(value)}
        case list():
            return {word for each in answer for word in words(each)}
    return {answer} if isinstance(answer, str) else set()


def test_what_is_equal_after_merging_stays_once() -> None:
    """Labels of a set, spans, boxes and relations that merging makes equal stay once; shares are added."""
    text, merge = ja.Text("text"), {"c": ["a", "b"]}
    span: dict[str, Json] = {"start": 0, "end": 3}
    box: dict[str, Json] = {"x": 0.0, "y": 0.0, "width": 4.0, "height": 4.0}
    cases: list[tuple[LabelQuestion, Json, Json]] = [
        (ja.MultiChoice("q", ["a", "b", "d"]), ["a", "b"], ["c"]),
        (ja.SoftLabel("q", ["a", "b", "d"]), {"a": 0.1, "b": 0.2, "d": 0.7}, {"c": 0.3, "d": 0.7}),
        (
            ja.Spans("q", ["a", "b"]),
            [{**span, "label": "a", "text": "Ada"}, {**span, "label": "b", "text": "Ada"}],
            [{**span, "label": "c", "text": "Ada"}],
        ),
        (
            ja.Boxes("q", ["a", "b"], on="image"),
            [{**box, "label": "b"}, {**box, "label": "a"}],
            [{**box, "label": "c"}],
        ),
    ]
    for question, answer, wanted in cases:
        fields = [ja.Image("image")] if question.draws_on == ("image",) else [text]
        assert moved(ja.Migration("q", merge=merge), Schema(*fields, question), answer) == wanted


def test_what_cannot_stand_together_is_undecided() -> None:
    """Two points of one name, options of two places, too few labels of a set: who answered decides again."""
    merge = ja.Migration("q", merge={"c": ["a", "b"]})
    points = Schema(ja.Image("image"), ja.Keypoints("q", ["a", "b", "d"]))
    ranked = Schema(ja.Text("text"), ja.Ranking("q", ["a", "b", "d"]))
    pairs = Schema(ja.Text("text"), ja.MultiChoice("q", ["a", "b", "d"], minimum=2))
    one: dict[str, Json] = {"x": 1.0, "y": 0.0, "visible": True, "label": "a"}
    other: dict[str, Json] = {"x": 2.0, "y": 0.0, "visible": True, "label": "b"}

    assert moved(merge, points, [one, other]) is None
    assert moved(merge, points, [one]) == [{**one, "label": "c"}]
    assert moved(merge, ranked, [["a"], ["d"], ["b"]]) is None
    assert moved(merge, ranked, [["a", "b"], ["d"]]) == [["c"], ["d"]]
    assert moved(merge, pairs, ["a", "b"]) is None
    assert moved(merge, pairs, ["a", "d"]) == ["c", "d"]


def test_relations_follow_the_spans_they_relate() -> None:
    """The ends of relations are called as their spans are; split spans leave the relations undecided too."""
    schema = Schema(ja.Text("text"), ja.Spans("who", ["a", "b"]), ja.Relations("q", ["r"], between="who"))
    head: dict[str, Json] = {"start": 0, "end": 1, "label": "a"}
    tail: dict[str, Json] = {"start": 2, "end": 3, "label": "b"}
    answer: Json = [{"head": head, "tail": tail, "label": "r"}]
    inside: Json = [{"head": head, "tail": {**head, "label": "b"}, "label": "r"}]

    assert moved(ja.Migration("who", {"a": "x"}), schema, answer) == [
        {"head": {**head, "label": "x"}, "tail": tail, "label": "r"}
    ]
    assert moved(ja.Migration("who", split={"b": ["y", "z"]}), schema, answer) is None
    assert moved(ja.Migration("who", merge={"c": ["a", "b"]}), schema, inside) is None


def test_what_is_below_a_node_moves_with_it() -> None:
    """In a taxonomy a renamed or merged node takes along what is below it."""
    tree: dict[str, Any] = {"animal": {"dog": {"puppy": {}}, "cat": {}}, "plant": {}}
    schema = Schema(ja.Text("text"), ja.Taxonomy("q", tree))
    rename, merge = (
        ja.Migration("q", {"animal": "being"}),
        ja.Migration("q", merge={"being": ["animal", "plant"]}),
    )

    assert asked(rename.schema(schema)).label_names == (
        "being",
        "being/dog",
        "being/dog/puppy",
        "being/cat",
        "plant",
    )
    assert moved(rename, schema, "animal/dog/puppy") == "being/dog/puppy"
    with pytest.raises(SchemaError, match="'being' would have nodes below it"):
        merge.schema(schema)
    with pytest.raises(
        SchemaError, match="'animal' is split, which leaves open where 'animal/dog' below it goes"
    ):
        ja.Migration("q", split={"animal": ["a", "b"]}).schema(schema)


# ------------------------------------------------------------------------------------- the schema


def test_order_keys_colours_and_help_follow() -> None:
    """A renamed label stays as it was, a merged one is where the first was, parts where the whole was."""
    labels: list[str | ja.Label] = [
        ja.Label("a", key="q", color="#112233", help="A."),
        "b",
        ja.Label("c", help="C."),
        "d",
    ]
    schema = Schema(ja.Text("text"), ja.Choice("q", labels))
    after = ja.Migration("q", {"a": "x"}, {"y": ["b", "d"]}, {"c": ["c", "e"]}).schema(schema)

    assert asked(after).labels == (
        ja.Label("x", key="q", color="#112233", help="A."),
        ja.Label("y", key="1"),
        ja.Label("c", key="2"),
        ja.Label("e", key="3"),
    )


def test_conditions_attributes_lines_and_limits_follow() -> None:
    """Conditions and lines name the new labels, and no more may be chosen than there are."""
    boxes = ja.Boxes("box", ["a", "b"], attributes={"sure": ["yes", "no"]})
    points = ja.Keypoints("face", ["a", "b", "c"], edges=[("a", "b"), ("b", "c")])
    several = ja.MultiChoice("q", ["a", "b"], maximum=2)
    why = ja.TextAnswer("why", show_when={"q": ["a", "b"]})
    schema = Schema(ja.Image("image"), ja.Text("text"), boxes, points, several, why)
    merge = {"z": ["a", "b"]}

    assert ja.Migration("q", merge=merge).schema(schema).question("why").conditions == {"q": ["z"]}
    assert ja.Migration("q", {"a": "x"}).schema(schema).question("why").conditions == {"q": ["x", "b"]}
    assert ja.Migration("q", merge=merge).schema(schema).question("q").to_json()["maximum"] == 1
    assert ja.Migration("face", merge=merge).schema(schema).question("face").to_json()["edges"] == [
        ["z", "c"]
    ]
    assert ja.Migration("box", merge=merge).schema(schema).question("box").to_json()["attributes"] == {
        "sure": ["yes", "no"]
    }


def test_functions_of_a_question_stay() -> None:
    """A check of one's own, which is no part of the stored schema, is there after a migration."""
    schema = Schema(ja.Text("text"), ja.Choice("q", ["a", "b"], validate=lambda _answer, _content: "never"))

    assert ja.Migration("q", {"a": "x"}).schema(schema).question("q").validate is not None


BASE = Schema(
    ja.Text("text"),
    ja.Choice("q", ["a", "b", "c"]),
    ja.TextAnswer("why", show_when={"q": "a"}),
    ja.Choice("own", [], labels_from="options"),
)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"rename": {"z": "x"}}, r"'q' has no label 'z' to change: it has \['a', 'b', 'c'\]"),
        (
            {"rename": {"a": "b"}},
            r"the new name 'b' would be that of a and b: choose another name, or say merge",
        ),
        ({"rename": {"a": "x", "b": "x"}}, "the new name 'x' would be that of a and b"),
        ({"split": {"b": ["x", "c"]}}, "the new name 'c' would be that of b and c"),
        ({"merge": {"c": ["a", "b"]}}, "the new name 'c' would be that of a and b and c|a, b and c"),
        ({"rename": {"a": "x"}, "split": {"a": ["y", "z"]}}, "'a' stands twice in rename, merge and split"),
        ({"merge": {"x": ["a", "b"], "y": ["b", "c"]}}, "'b' stands twice"),
        ({"merge": {"x": ["a"]}}, r"'x' takes the place of \['a'\]: expected two different labels or more"),
        ({"split": {"b": ["x"]}}, r"'b' is split into \['x'\]: expected two different labels or more"),
        ({"split": {"b": ["x", "x"]}}, "expected two different labels or more"),
        ({"rename": {"a": "a"}}, "that changes nothing"),
        ({}, r"A migration needs something to rename, merge or split, like Migration\('q'"),
        ({"rename": ["a"]}, r"Expected rename=\{'PER': 'PERSON'\}, found \['a'\]"),
        ({"merge": {"x": "ab"}}, r"Expected merge=\{'PLACE'"),
        ({"rename": {"a": " "}}, "A label needs a name"),
        (
            {"split": {"a": ["x", "y"]}},
            "'why' is asked when 'q' is 'a', and after a split it is open for which part",
        ),
        ({"question": "why", "rename": {"a": "x"}}, "'why' is a text_answer and has no labels"),
        ({"question": "own", "rename": {"a": "x"}}, "'own' has labels from the column 'options'"),
        ({"question": "no", "rename": {"a": "x"}}, "There is no question 'no' to migrate: known are"),
        ({"question": 1, "rename": {"a": "x"}}, "Expected the name of a question to migrate, found 1"),
    ],
)
def test_mistakes_are_named_with_what_to_do(change: dict[str, Any], problem: str) -> None:
    """A migration that says two things, or does not fit the schema, is refused in a sentence."""
    with pytest.raises(SchemaError, match=problem):
        ja.Migration(**{"question": "q", **change}).schema(BASE)


def test_labels_may_change_places() -> None:
    """Two labels may take each other's names, and a merged one that of a part."""
    assert asked(ja.Migration("q", {"b": "c", "c": "b"}).schema(BASE)).label_names == ("a", "c", "b")
    assert asked(ja.Migration("q", merge={"c": ["b", "c"]}).schema(BASE)).label_names == ("a", "c")


def test_a_migration_is_a_value() -> None:
    """Equal migrations are equal, can be put in a set, and come back from JSON."""
    one, other = (ja.Migration("q", {"a": "x"}, {"y": ["b", "c"]}, {"d": ["e", "f"]}) for _ in range(2))

    assert len({one, other}) == 1
    assert ja.Migration.from_json(one.to_json()) == one
    assert repr(one) == "Migration(q: a is x; b and c are y; d is e or f)"


# -------------------------------------------------------------------------------------- properties

NAMES = ["a", "b", "c", "d", "e"]
ANSWERS = st.lists(st.sampled_from(NAMES), min_size=1, max_size=12)


@given(ANSWERS, st.permutations(NAMES))
def test_renaming_back_is_the_identity(answers: list[str], new: list[str]) -> None:
    """Whatever labels are called meanwhile, also by each other's names: back again is what was."""
    rename = {old: to for old, to in zip(NAMES, new, strict=True) if old != to} or {"a": "x"}
    schema = Schema(ja.Text("text"), ja.Choice("q", NAMES))
    there, back = ja.Migration("q", rename), ja.Migration("q", {to: old for old, to in rename.items()})
    after = there.schema(schema)

    found = [moved(back, after, moved(there, schema, each)) for each in answers]

    assert found == answers


@given(ANSWERS, st.lists(st.sampled_from(NAMES), min_size=2, max_size=4, unique=True))
def test_renaming_and_merging_keep_counts(answers: list[str], parts: list[str]) -> None:
    """A merged label stands as often as its parts did together, every other one as often as before."""
    schema = Schema(ja.Text("text"), ja.Choice("q", NAMES))
    others = [name for name in NAMES if name not in parts]
    migration = ja.Migration("q", {name: f"{name}!" for name in others[:1]}, {"all": parts})
    before, after = Counter(answers), Counter(str(moved(migration, schema, each)) for each in answers)

    assert after["all"] == sum(before[part] for part in parts)
    assert sum(after.values()) == sum(before.values())
    assert [after[f"{name}!"] for name in others[:1]] == [before[name] for name in others[:1]]


@given(st.lists(st.sampled_from(NAMES), max_size=5, unique=True))
def test_migrations_compose(chosen: list[str]) -> None:
    """Two renamings one after the other are one; merging in two steps is merging at once."""
    schema = Schema(ja.Text("text"), ja.MultiChoice("q", NAMES))
    answer: Json = [name for name in NAMES if name in chosen]
    first, second = (
        ja.Migration("q", {"a": "x"}, {"bc": ["b", "c"]}),
        ja.Migration("q", {"x": "y"}, {"bcd": ["bc", "d"]}),
    )
    at_once = ja.Migration("q", {"a": "y"}, {"bcd": ["b", "c", "d"]})
    between = first.schema(schema)

    assert moved(second, between, moved(first, schema, answer)) == moved(at_once, schema, answer)
    assert asked(second.schema(between)).label_names == asked(at_once.schema(schema)).label_names
