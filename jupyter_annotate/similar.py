"""Items like one that is answered, and the same answer for them: each a submission of its own."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import islice

import polars as pl

from jupyter_annotate.errors import AnnotateError, UnknownNameError, shorten
from jupyter_annotate.events import Json
from jupyter_annotate.fields import Text
from jupyter_annotate.project import Project
from jupyter_annotate.session import Session

__all__ = ["apply_answers", "find_similar"]

_GRAM = 3


def find_similar(  # noqa: PLR0913 -- each limits what is found
    project: Project,
    item_id: str,
    *,
    session: Session | None = None,
    field: str | None = None,
    n: int = 20,
    least: float = 0.3,
) -> pl.DataFrame:
    """Find items whose text is like that of another item.

    Parameters
    ----------
    project
        Where they are looked for.
    item_id
        The item they are to be like.
    session
        Find what is open for its annotator only.
    field
        The text field that is compared; the first one by default.
    n
        How many at most.
    least
        How alike they are at least, from 0 to 1.

    Returns
    -------
    similar
        item_id, similarity and text, most alike first. Similarity is the cosine of weighted counts of three
        characters in a row, (1 + log tf) log(1 + N / df), case and runs of spaces aside (Manning, Raghavan
        and Schuetze 2008, Introduction to Information Retrieval, section 6.4.1).

    Raises
    ------
    UnknownNameError
        If there is no such item, or no such text field.

    Examples
    --------
    >>> from jupyter_annotate import Choice, Project, Schema
    >>> schema = Schema(Text("text"), Choice("mood", ["glad", "sad"]))
    >>> texts = ["The tram was late.", "The tram was very late.", "A fine museum."]
    >>> project = Project.open(":memory:", schema=schema, items={"item_id": ["a", "b", "c"], "text": texts})
    >>> find_similar(project, "a")["item_id"].to_list()
    ['b']
    """
    texts = project.items().select("item_id", text=_text_field(project, field)).collect()
    if item_id not in texts["item_id"]:
        raise UnknownNameError("item", item_id, texts["item_id"].head(5).to_list())
    likeness = _likeness(texts, item_id).filter(pl.col("similarity") >= least)
    found = likeness.join(texts, on="item_id").sort("similarity", "item_id", descending=[True, False])
    wanted = (row for row in found.iter_rows() if session is None or session.is_open(row[0]))
    return pl.DataFrame(list(islice(wanted, n)), schema=found.schema, orient="row")


def apply_answers(project: Project, session: Session, item_id: str, to: Iterable[str]) -> int:
    """Give other items the answers that the annotator of a session gave to one.

    Each becomes a submission of its own, as if it were given by hand, and says in its context that it was
    copied, and from where. Undo takes back one at a time.

    Parameters
    ----------
    project, session
        Where, and who answers.
    item_id
        The item that is answered.
    to
        The items that get the same answers.

    Returns
    -------
    n_items
        How many were answered.

    Raises
    ------
    AnnotateError
        If the item has no answer of this annotator, or one that is about places in its own text.
    """
    answers = _answers(project, session.annotator.annotator_id, item_id)
    others = [other for other in dict.fromkeys(to) if other != item_id]
    for other in others:
        session.submit(answers, item_id=other, seen={"via": "copied", "copied_from": item_id})
    return len(others)


def _text_field(project: Project, field: str | None) -> str:
    names = [each.name for each in project.schema.fields.values() if isinstance(each, Text)]
    if not names or field not in (None, *names):
        raise UnknownNameError("text field", field, names)
    return field or names[0]


def _answers(project: Project, who: str, item_id: str) -> dict[str, Json]:
    mine = project.annotations().filter(pl.col("item_id") == item_id, pl.col("annotator_id") == who)
    answers = {name: json.loads(value) for name, value in mine.select("question", "value").iter_rows()}
    if not answers:
        raise AnnotateError(f"{who!r} has not answered {shorten(item_id)}: answer it first.")
    placed = [name for name in answers if "text" in project.schema.question(name).draws_on]
    if placed:
        message = f"The answer to {placed[0]!r} is about places in one text, and means nothing in another."
        raise AnnotateError(message)
    return answers


def _likeness(texts: pl.DataFrame, item_id: str) -> pl.DataFrame:
    """Return the similarity of every other item to one."""
    plain = pl.lit(" ") + pl.col("text").str.to_lowercase().str.replace_all(r"\s+", " ") + pl.lit(" ")
    padded = texts.select("item_id", text=plain)
    # Every text has a space at both ends, and so at least one place.
    places = pl.int_ranges(0, pl.max_horizontal(pl.col("text").str.len_chars() - (_GRAM - 1), 1))
    grams = padded.with_columns(at=places).explode("at")
    counts = grams.group_by("item_id", gram=pl.col("text").str.slice(pl.col("at"), _GRAM)).len("tf")
    rare = (1 + pl.lit(len(texts)) / pl.len().over("gram")).log()
    weighed = counts.with_columns(weight=(1 + pl.col("tf").log()) * rare)
    wanted = weighed.filter(pl.col("item_id") == item_id).select("gram", wanted="weight")
    lengths = weighed.group_by("item_id").agg(length=pl.col("weight").pow(2).sum().sqrt())
    own = lengths.filter(pl.col("item_id") == item_id)["length"].sum()
    product = (pl.col("weight") * pl.col("wanted")).sum()
    products = weighed.join(wanted, on="gram").group_by("item_id").agg(product=product)
    return (
        products.join(lengths, on="item_id")
        .filter(pl.col("item_id") != item_id, pl.col("length") > 0)
        .select("item_id", similarity=pl.col("product") / (pl.col("length") * own))
    )
