"""Recipe: what a coefficient is made of, for everything that is done with coefficients alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from jupyter_annotate.agreement.profiles import Floats, Profiles
from jupyter_annotate.agreement.sums import Statistic
from jupyter_annotate.ratings import Ratings

__all__ = ["Linearised", "Maker", "Recipe"]

#: From profiles to the statistic. Both the profiles of the labels and those of any draw of annotators go in.
Maker = Callable[[Profiles], Statistic]
#: From profiles to what an item of each adds to the coefficient, near its value; nan where none counts.
Linearised = Callable[[Profiles], Floats]


def _anything(column: pl.Series, what: str) -> None:
    """Accept every label."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recipe:
    """What a coefficient is made of.

    Parameters
    ----------
    name
        The name of its function.
    prepare
        From ratings, and whether the order of their categories was said, to what makes the statistic.
    linearise
        The same for its linearised form, or None if there is none.
    check
        Refuses a column of labels that the coefficient cannot use.
    by_annotator
        Whether it matters who gave a label.
    single
        Whether items with one label count.
    two
        Whether it is for exactly two annotators.
    rare
        Whether a rare label can be all that its value rests on.
    """

    name: str
    prepare: Callable[[Ratings, bool], Maker]
    linearise: Callable[[Ratings, bool], Linearised] | None = None
    check: Callable[[pl.Series, str], None] = _anything
    by_annotator: bool = False
    single: bool = False
    two: bool = False
    rare: bool = True
