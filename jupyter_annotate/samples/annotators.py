"""SimulatedAnnotator: answers like a person of known skill, to try a project before people do."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jupyter_annotate.errors import LabelError, SchemaError, UnknownNameError, list_some
from jupyter_annotate.events import canonical_json

__all__ = ["SimulatedAnnotator"]

#: A span or a box in the form the log stores it.
Mark: TypeAlias = dict[str, Any]
Draws: TypeAlias = NDArray[np.float64]

_GOLDEN, _MIX_1, _MIX_2 = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
_WORD = re.compile(r"\S+")
#: Draws one mark takes: is it right, what goes wrong, in which way, and four edges.
_PER_MARK = 7
#: Draws one invented box takes: whether it appears, two for its place, its size, its label.
_PER_EXTRA = 5
_SMALLEST = 1.0


@dataclass(frozen=True)
class SimulatedAnnotator:
    """Someone who answers like a person of known skill.

    The same seed, name, labels and item give the same answer: in any order, on any machine, in any version.

    Parameters
    ----------
    name
        Who it is; annotators of other names err on other items.
    skill
        Probability of the right answer: to a choice, to each label of a multi-choice, and for each span and
        box. From 0 to 1; with 1 every answer is the gold one.
    seed
        Another seed makes another person of the same name.
    leaning
        How errors of a choice, and wrong labels of marks, spread over the labels: a weight each, 1 where a
        label is not named.

    Raises
    ------
    SchemaError
        If the skill is no probability or a weight is negative.

    Examples
    --------
    >>> ada = SimulatedAnnotator("ada", skill=0.9)
    >>> moods = ["glad", "sad"]
    >>> ada.answers("choice", ["i1", "i2", "i3"], ["glad", "sad", "sad"], moods)
    ['glad', 'sad', 'sad']
    >>> ada.choice("i2", "sad", moods)
    'sad'
    """

    name: str
    skill: float = 0.9
    seed: int = 0
    leaning: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a skill that is no probability."""
        if not 0 <= self.skill <= 1:
            message = f"{self.name!r}: expected a skill from 0 to 1, found {self.skill}."
            raise SchemaError(message)
        for label, weight in self.leaning.items():
            if not 0 <= weight < float("inf"):
                message = f"{self.name!r}: expected a weight of 0 or more for {label!r}, found {weight}."
                raise SchemaError(message)

    def confusion(self, labels: Sequence[str]) -> Draws:
        """Return the probability of each answer (columns) for each right one (rows), in the order of labels.

        Every diagonal cell is the skill; the rest of a row spreads by ``leaning``, evenly where that leaves
        no label with weight. With a single label nothing can go wrong.

        Examples
        --------
        >>> SimulatedAnnotator("ada", skill=0.8, leaning={"b": 3}).confusion(["a", "b", "c"])
        array([[0.8 , 0.15, 0.05],
               [0.1 , 0.8 , 0.1 ],
               [0.05, 0.15, 0.8 ]])
        """
        if len(labels) == 1:
            return np.ones((1, 1))
        return np.asarray(self.skill * np.eye(len(labels)) + (1 - self.skill) * self._shares(labels))

    def choice(self, item_id: str, gold: str, labels: Sequence[str]) -> str:
        """Answer a choice.

        Parameters
        ----------
        item_id
            The item.
        gold
            The right label.
        labels
            All labels of the question.

        Raises
        ------
        LabelError
            If the gold label is not among the labels.
        """
        return self._choices([item_id], [gold], labels, None)[0]

    def multi_choice(self, item_id: str, gold: Sequence[str], labels: Sequence[str]) -> list[str]:
        """Answer a multi-choice: each label is wrongly given or wrongly left out with probability 1 - skill.

        Parameters
        ----------
        item_id
            The item.
        gold
            The right labels.
        labels
            All labels of the question; the answer has their order.

        Raises
        ------
        LabelError
            If a gold label is not among the labels.
        """
        return self._multi_choices([item_id], [gold], labels, None)[0]

    def spans(self, item_id: str, gold: Sequence[Mark], labels: Sequence[str], text: str) -> list[Mark]:
        """Mark spans: each gold span is exactly right with probability skill.

        Otherwise, equally often, it is missed, one of its ends is off by a word, or its label is another.
        A span is never moved over a neighbour, so answers fit questions without overlap too.

        Parameters
        ----------
        item_id
            The item.
        gold
            The right spans: start and end in code points, half open, and label.
        labels
            All labels of the question.
        text
            The text they lie in.

        Returns
        -------
        spans
            Ordered by start, end and label.

        Raises
        ------
        LabelError
            If a gold label is not among the labels.
        """
        draws = self._mark_draws("spans", item_id, gold, labels)
        marked = (self._span(each, gold, labels, text, u) for each, u in zip(gold, draws, strict=True))
        unique = {(m["start"], m["end"], m["label"]) for m in marked if m is not None}
        return [{"start": start, "end": end, "label": label} for start, end, label in sorted(unique)]

    def boxes(
        self, item_id: str, gold: Sequence[Mark], labels: Sequence[str], size: tuple[float, float]
    ) -> list[Mark]:
        """Draw boxes: each gold box is found with the right label with probability skill.

        Otherwise, equally often, it is missed or its label is another. The edges of a box that is drawn are
        off by at most ``0.4 * (1 - skill)`` of its sides, a tenth at most. Beside each gold box, and once
        for the image, a box where nothing is appears with probability ``(1 - skill) / 4``.

        Parameters
        ----------
        item_id
            The item.
        gold
            The right boxes: x, y, width and height in pixels, and label.
        labels
            All labels of the question.
        size
            Width and height of the image.

        Returns
        -------
        boxes
            In the order of gold, invented ones last.

        Raises
        ------
        LabelError
            If a gold label is not among the labels.
        """
        draws = self._mark_draws("boxes", item_id, gold, labels)
        drawn = [self._box(each, labels, size, u) for each, u in zip(gold, draws, strict=True)]
        slots = len(gold) + 1
        extras = self._draws("extra boxes", [item_id], labels, slots * _PER_EXTRA).reshape(slots, _PER_EXTRA)
        invented = [self._invented(labels, size, u) for u in extras if u[0] < (1 - self.skill) / 4]
        return [box for box in drawn if box is not None] + invented

    def answers(
        self,
        kind: str,
        item_ids: Sequence[str] | pl.Series,
        golds: Sequence[Any] | pl.Series,
        labels: Sequence[str],
        contents: Sequence[Any] | pl.Series | None = None,
    ) -> list[Any]:
        """Answer one question on many items at once: the same answers as one by one.

        Parameters
        ----------
        kind
            ``"choice"``, ``"multi_choice"``, ``"spans"`` or ``"boxes"``.
        item_ids, golds
            The items and what is right for each.
        labels
            All labels of the question.
        contents
            The texts for spans, the (width, height) of the images for boxes.

        Raises
        ------
        UnknownNameError
            If the kind is unknown.
        LabelError
            If a gold label is not among the labels.
        """
        ways: dict[str, Callable[..., list[Any]]] = {
            "choice": self._choices,
            "multi_choice": self._multi_choices,
            "spans": self._each(self.spans),
            "boxes": self._each(self.boxes),
        }
        if kind not in ways:
            raise UnknownNameError("kind of question", kind, ways)
        return ways[kind](list(item_ids), list(golds), labels, contents)

    def _shares(self, labels: Sequence[str]) -> Draws:
        """Return how the errors on each label (rows) spread over the others."""
        others = 1 - np.eye(len(labels))
        weights = others * np.array([self.leaning.get(label, 1.0) for label in labels])
        spread = np.where(weights.sum(axis=1, keepdims=True) > 0, weights, others)
        return np.asarray(spread / spread.sum(axis=1, keepdims=True))

    # -- choices: whole columns at once

    def _choices(
        self, item_ids: Sequence[str], golds: Sequence[str], labels: Sequence[str], _: object
    ) -> list[str]:
        right = _positions(golds, labels)
        upper = self.confusion(labels).cumsum(axis=1)[right]
        draws = self._draws("choice", item_ids, labels, 1)
        # Rounding may leave the last bound a hair below 1: the last label takes that hair.
        chosen = np.minimum((upper <= draws).sum(axis=1), len(labels) - 1)
        return [labels[i] for i in chosen]

    def _multi_choices(
        self, item_ids: Sequence[str], golds: Sequence[Sequence[str]], labels: Sequence[str], _: object
    ) -> list[list[str]]:
        given = np.zeros((len(golds), len(labels)), dtype=bool)
        rows = np.repeat(np.arange(len(golds)), [len(gold) for gold in golds])
        given[rows, _positions([label for gold in golds for label in gold], labels)] = True
        given ^= self._draws("multi_choice", item_ids, labels, len(labels)) >= self.skill
        return [[label for label, on in zip(labels, row, strict=True) if on] for row in given.tolist()]

    @staticmethod
    def _each(answer: Callable[..., list[Mark]]) -> Callable[..., list[list[Mark]]]:
        def answer_all(
            item_ids: Sequence[str], golds: Sequence[Any], labels: Sequence[str], contents: Sequence[Any]
        ) -> list[list[Mark]]:
            rows = zip(item_ids, golds, contents, strict=True)
            return [answer(item_id, gold, labels, content) for item_id, gold, content in rows]

        return answer_all

    # -- marks

    def _span(
        self, span: Mark, gold: Sequence[Mark], labels: Sequence[str], text: str, u: Draws
    ) -> Mark | None:
        kept = {"start": span["start"], "end": span["end"], "label": span["label"]}
        if u[0] < self.skill:
            return kept
        match int(u[1] * 3):
            case 0:
                return None
            case 1 if len(labels) > 1:
                return {**kept, "label": self._other_label(span["label"], labels, u[2])}
        moves = _moves(span, gold, text)
        return {**kept, **moves[int(u[2] * len(moves))]} if moves else None

    def _box(self, box: Mark, labels: Sequence[str], size: tuple[float, float], u: Draws) -> Mark | None:
        label = box["label"]
        if u[0] >= self.skill:
            if u[1] < 1 / 2 or len(labels) == 1:
                return None
            label = self._other_label(label, labels, u[2])
        return {**self._wobbled(box, size, u[3:]), "label": label}

    def _wobbled(self, box: Mark, size: tuple[float, float], u: Draws) -> Mark:
        """Return the box with its edges a little off, inside the image, in hundredths of a pixel."""
        sides = {side: float(box[side]) for side in ("x", "y", "width", "height")}
        amount = min(0.1, 0.4 * (1 - self.skill))
        if not amount:
            return sides
        x, y, width, height = sides.values()
        left, top, right, bottom = (u * 2 - 1) * amount * np.array([width, height, width, height])
        horizontal = np.clip([x + left, x + width + right], 0, size[0]).round(2)
        vertical = np.clip([y + top, y + height + bottom], 0, size[1]).round(2)
        off = _box_between(horizontal, vertical)
        return off if min(off["width"], off["height"]) >= _SMALLEST else sides

    def _invented(self, labels: Sequence[str], size: tuple[float, float], u: Draws) -> Mark:
        side = max(_SMALLEST, min(size) * (0.04 + 0.08 * u[3]))
        x, y = u[1] * (size[0] - side), u[2] * (size[1] - side)
        box = _box_between(np.array([x, x + side]).round(2), np.array([y, y + side]).round(2))
        return {**box, "label": labels[int(u[4] * len(labels))]}

    def _other_label(self, label: str, labels: Sequence[str], u: float) -> str:
        upper = self._shares(labels)[labels.index(label)].cumsum()
        return labels[int(np.searchsorted(upper, u * upper[-1], side="right"))]

    # -- chance

    def _mark_draws(self, kind: str, item_id: str, gold: Sequence[Mark], labels: Sequence[str]) -> Draws:
        _positions([mark["label"] for mark in gold], labels)
        return self._draws(kind, [item_id], labels, len(gold) * _PER_MARK).reshape(len(gold), _PER_MARK)

    def _draws(self, kind: str, item_ids: Sequence[str], labels: Sequence[str], count: int) -> Draws:
        """Return uniform numbers from 0 to below 1, items x count, that depend on nothing but their names.

        A keyed digest of the item id starts a SplitMix64 sequence (Steele, Lea and Flood 2014): a generator
        for each item would cost a hundred times as much, and numpy may change its streams between versions.
        """
        key = hashlib.blake2b(canonical_json([self.seed, self.name, kind, *labels]).encode()).digest()
        starts = b"".join(hashlib.blake2b(i.encode(), key=key, digest_size=8).digest() for i in item_ids)
        steps = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(_GOLDEN)
        mixed = np.frombuffer(starts, dtype="<u8").astype(np.uint64)[:, None] + steps
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(_MIX_1)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(_MIX_2)
        mixed ^= mixed >> np.uint64(31)
        return np.asarray((mixed >> np.uint64(11)) * 2.0**-53)


def _positions(golds: Sequence[str], labels: Sequence[str]) -> NDArray[np.int64]:
    """Return where each gold label stands in the list of labels."""
    places = {label: i for i, label in enumerate(labels)}
    try:
        return np.array([places[gold] for gold in golds], dtype=np.int64)
    except (KeyError, TypeError) as error:
        unknown = next((gold for gold in golds if gold not in labels), error)
        raise LabelError("gold", unknown, expected=f"one of {list_some(list(labels))}") from None


def _moves(span: Mark, gold: Sequence[Mark], text: str) -> list[Mark]:
    """Return the ways to get one end of a span wrong by a word without touching another span.

    The start only moves inwards: two neighbours could otherwise meet in the gap between them.
    """
    start, end = span["start"], span["end"]
    words = [match.span() for match in _WORD.finditer(text)]
    limit = min((g["start"] for g in gold if g["start"] >= end), default=len(text))
    later = [first for first, _ in words if start < first < end][:1]
    shorter = [last for _, last in words if start < last < end][-1:]
    longer = [last for _, last in words if end < last <= limit][:1]
    return [{"start": first} for first in later] + [{"end": last} for last in (*shorter, *longer)]


def _box_between(horizontal: Draws, vertical: Draws) -> Mark:
    (left, right), (top, bottom) = horizontal.tolist(), vertical.tolist()
    return {"x": left, "y": top, "width": round(right - left, 2), "height": round(bottom - top, 2)}
