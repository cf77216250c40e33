"""Drawing annotators as well as items: an interval that holds for other annotators too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from jupyter_annotate.agreement.bootstrap import Spread, draws, n_units
from jupyter_annotate.agreement.options import Settings
from jupyter_annotate.agreement.profiles import Profiles
from jupyter_annotate.agreement.recipe import Maker, Recipe

__all__ = ["two_way_spread"]


def two_way_spread(
    recipe: Recipe, profiles: Profiles, make: Maker, value: float, settings: Settings
) -> Spread:
    """Draw items and annotators at the same time, each with replacement.

    The pigeonhole bootstrap (Owen 2007, doi:10.1214/07-AOAS122): a label counts as often as its item times
    its annotator was drawn. It errs on the side of wide intervals. An annotator who is drawn twice is not
    compared with himself.

    Parameters
    ----------
    recipe
        What the coefficient is made of.
    profiles
        Which tell annotators apart.
    make
        What makes the statistic.
    value
        Its value.
    settings
        How often to draw, and the seed.
    """
    items, annotators = np.random.SeedSequence(settings.seed).generate_state(2)
    replicates = settings.replicates
    values = np.empty(replicates)
    drawn = _drawn(recipe, profiles, replicates, int(annotators))
    start = 0
    for weights in draws(profiles, replicates, int(items)):
        for row in weights:
            values[start] = make(next(drawn)).values(row[None])[0]
            start += 1
    defined = np.sort(values[~np.isnan(values)])
    return Spread(value, defined, replicates - len(defined), n_units(profiles))


def _drawn(recipe: Recipe, profiles: Profiles, replicates: int, seed: int) -> Iterator[Profiles]:
    """Yield the profiles as drawn annotators labeled them."""
    rng = np.random.default_rng(seed)
    n_annotators, n_categories = profiles.shape
    who, category = np.divmod(profiles.label, max(n_categories, 1))
    keys = profiles.label if recipe.by_annotator else category
    order = np.lexsort((profiles.owner, keys))
    owner, key, who = profiles.owner[order], keys[order], who[order]
    new = np.ones(len(owner), dtype=bool)
    new[1:] = (owner[1:] != owner[:-1]) | (key[1:] != key[:-1])
    starts = np.flatnonzero(new)
    merged = replace(profiles, owner=owner[starts], label=key[starts])
    for _ in range(replicates):
        counts = rng.multinomial(n_annotators, np.full(n_annotators, 1 / n_annotators)).astype(np.float64)
        yield replace(
            merged,
            count=np.add.reduceat(counts[who], starts),
            square=np.add.reduceat(counts[who] ** 2, starts),
            annotators=counts,
        )
