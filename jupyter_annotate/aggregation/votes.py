"""Votes: labels as votes with a weight, and how often the votes of each annotator go with those of others."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from jupyter_annotate.aggregation.passes import Chunk, Floats, Places, added

__all__ = ["agreement_with_others", "vote_weights", "votes_of"]

#: Labels every annotator is thought to have given beyond those they gave, of average skill.
_USUAL = 2.0
#: Least weight: an item that only bad annotators have seen still has votes.
_LEAST = 1e-3


def votes_of(chunk: Chunk, weights: Floats) -> Floats:
    """Add up the weights of the annotators behind each label of each item. Shape (m, n_categories)."""
    found = added(chunk.votes, weights[annotators_of(chunk)], len(chunk.items) * chunk.n_categories)
    return found.reshape(-1, chunk.n_categories)


def annotators_of(chunk: Chunk) -> Places:
    """Return whose every label is. Shape (n,)."""
    return chunk.cells // chunk.n_categories


def agreement_with_others(chunks: Iterable[Chunk], weights: Floats) -> Floats:
    """Return the share of the other annotators' votes that go with each annotator's own.

    Who has voted where nobody else did counts as average. Shape (n_annotators,).
    """
    same, seen = np.zeros(len(weights)), np.zeros(len(weights))
    for chunk in chunks:
        annotator, place = annotators_of(chunk), chunk.votes // chunk.n_categories
        own, votes = weights[annotator], votes_of(chunk, weights)
        others, known = votes.sum(axis=1)[place] - own, chunk.gold[place]
        shared = others > _LEAST / 2
        share = np.where(shared, votes.ravel()[chunk.votes] - own, 0) / np.where(shared, others, 1)
        is_known = known >= 0
        share = np.where(is_known, known == chunk.votes % chunk.n_categories, share)
        same += added(annotator, share, len(weights))
        seen += added(annotator, (shared | is_known).astype(np.float64), len(weights))
    average = same.sum() / max(seen.sum(), 1)
    skill: Floats = (same + _USUAL * average) / (seen + _USUAL)
    return skill


def vote_weights(skill: Floats, n_labels: int) -> Floats:
    """Return weights by how far above chance skills are."""
    above: Floats = (n_labels * skill - 1) / max(n_labels - 1, 1)
    return np.maximum(above, _LEAST)
