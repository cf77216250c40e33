"""Collapse: signs that a model has left what annotators say, each as a sentence with its figures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jupyter_annotate.aggregation.base import Probabilities
from jupyter_annotate.aggregation.heldout import HeldOut
from jupyter_annotate.aggregation.majority import vote_shares
from jupyter_annotate.errors import list_some, shorten
from jupyter_annotate.ratings import Ratings

__all__ = ["Sign", "signs_of_collapse"]

Floats = NDArray[np.float64]

#: A class has swallowed the others if it has this much more of the posterior than of the votes.
_SWALLOWED = 0.25
#: A class counts as in use if the majority chose it for this share of items, and at least so often.
_IN_USE, _IN_USE_ITEMS = 0.01, 5
#: Fewer labels than this say nothing on whether somebody is below chance.
_ENOUGH_LABELS = 10
#: Standard errors below chance before it is said of an annotator.
_ERRORS = 2.0
#: A claim is unfounded if so many held-out labels less agree than should.
_UNFOUNDED = 0.05
_NAMES = 5


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign that something is wrong.

    Parameters
    ----------
    kind
        ``"swallowed"``, ``"vanished"``, ``"below_chance"``, ``"flipped"`` or ``"unfounded"``.
    sentence
        What was seen, with its figures, and what to do.
    """

    kind: str
    sentence: str

    @property
    def is_collapse(self) -> bool:
        """Say whether the labels of the model should not be used at all."""
        return self.kind in {"swallowed", "flipped"}


def signs_of_collapse(
    probabilities: Probabilities, ratings: Ratings, *, name: str, held_out: HeldOut | None = None
) -> list[Sign]:
    """Look for the ways in which models of annotators are known to fail.

    Parameters
    ----------
    probabilities
        Of the true labels, of a model. Shape (n_items, k).
    ratings
        The labels it was fitted to.
    name
        How the sentences call the model.
    held_out
        How it foretold labels that were held out; None if none were.
    """
    labeled = ratings.sizes() > 0
    if not labeled.any() or len(ratings.categories) < 2:  # noqa: PLR2004 -- one class cannot swallow another
        return []
    shares = vote_shares(ratings)
    return [
        *_swallowed(probabilities[labeled], shares[labeled], ratings.categories, name),
        *_vanished(probabilities[labeled], shares[labeled], ratings.categories, name),
        *_below_chance(probabilities, ratings, name),
        *_unfounded(probabilities[labeled], name, held_out),
    ]


def _swallowed(found: Floats, shares: Floats, categories: pl.Series, name: str) -> list[Sign]:
    mass, votes = found.mean(axis=0), shares.mean(axis=0)
    worst = int((mass - votes).argmax())
    if mass[worst] - votes[worst] < _SWALLOWED:
        return []
    return [
        Sign(
            "swallowed",
            f"{name}: the label {shorten(categories[worst])} has {mass[worst]:.0%} of the posterior but only "
            f"{votes[worst]:.0%} of the votes, so one class has swallowed the others; compare with gold.",
        )
    ]


def _vanished(found: Floats, shares: Floats, categories: pl.Series, name: str) -> list[Sign]:
    n_labels = len(categories)
    voted = np.bincount(shares.argmax(axis=1), minlength=n_labels)
    chosen = np.bincount(found.argmax(axis=1), minlength=n_labels)
    least = max(_IN_USE_ITEMS, _IN_USE * len(found))
    return [
        Sign(
            "vanished",
            f"{name}: the label {shorten(categories[int(place)])} is never chosen, though the majority "
            f"chooses it for {voted[place]:,} of {len(found):,} items; look at some of them.",
        )
        for place in np.flatnonzero((voted >= least) & (chosen == 0))
    ]


def _below_chance(found: Probabilities, ratings: Ratings, name: str) -> list[Sign]:
    chance = 1 / len(ratings.categories)
    given = np.bincount(ratings.annotator, minlength=len(ratings.annotators))
    right = np.bincount(ratings.annotator, found[ratings.item, ratings.label], len(given))
    skill = np.divide(right, given, out=np.full(len(given), np.nan), where=given > 0)
    error = np.sqrt(chance * (1 - chance) / np.maximum(given, 1))
    judged = given >= _ENOUGH_LABELS
    below = judged & (skill < chance - _ERRORS * error)
    if not below.any():
        return []
    n_below, n_judged = int(below.sum()), int(judged.sum())
    if 2 * n_below > n_judged:
        return [
            Sign(
                "flipped",
                f"{name}: {n_below} of {n_judged} annotators come out below chance ({chance:.0%} right), "
                "so the model has turned the labels round; do not use it on these labels.",
            )
        ]
    worst = np.flatnonzero(below)[np.argsort(skill[below], kind="stable")]
    names = list_some(ratings.annotators.cast(pl.String).gather(worst).to_list(), _NAMES)
    return [
        Sign(
            "below_chance",
            f"{name}: {n_below} of {n_judged} annotators with {_ENOUGH_LABELS} labels or more are right less "
            f"often than chance ({chance:.0%}), the worst {skill[worst[0]]:.0%}: {names}. They may have "
            "mistaken the labels for one another.",
        )
    ]


def _unfounded(found: Probabilities, name: str, held_out: HeldOut | None) -> list[Sign]:
    if held_out is None:
        return []
    claimed, seen, expected = found.max(axis=1).mean(), held_out.agreement, held_out.claimed_agreement
    error = np.sqrt(seen * (1 - seen) / len(held_out.agrees))
    if expected - seen < max(_UNFOUNDED, _ERRORS * error):
        return []
    return [
        Sign(
            "unfounded",
            f"{name}: it claims to be right with {claimed:.0%} on average; {expected:.0%} of the labels held "
            f"out from it should then agree, and {seen:.0%} do, so it claims too much.",
        )
    ]
