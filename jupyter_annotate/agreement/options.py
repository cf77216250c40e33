"""Options: what every coefficient takes besides the labels."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, fields
from numbers import Integral, Real
from typing import Any, Literal, TypedDict, get_args

__all__ = ["Interval", "Options", "Settings", "settings_of"]

Interval = Literal["bootstrap", "cluster", "analytic"]

#: What differs by less is equal but for rounding.
_ROUNDING = 1e-9


class Options(TypedDict, total=False):
    """What every coefficient takes besides the labels.

    Parameters
    ----------
    categories
        All labels that could have been given, in their order; else those that were, sorted. A label that
        nobody gave changes `gwet_ac1`, `gwet_ac2` and `brennan_prediger`, whose chance depends on how many
        there are.
    interval
        ``"bootstrap"``: items are drawn again (the default). ``"cluster"``: the clusters named by
        ``cluster`` are, or, without it, items and annotators both, so that it holds for other annotators
        too. ``"analytic"``: a linearised standard error and Student's t.
    cluster
        A column that says which items belong together, like the pages of a document.
    item_weights
        A column of what each item counts, the same in each of its rows: one over the probability that it
        got a second label, where that was not the same for all. Items with one label then count nothing.
    random
        A column of booleans: only its true rows are used. True where an item got its second label by
        lot, whatever was known of it.
    null
        Whether to shuffle each annotator's labels as well (`null_check`); the result is in
        ``details["null"]``.
    level
        Confidence level of the interval, between 0 and 1.
    replicates
        How many times items are drawn; 0 for no interval.
    seed
        The same seed gives the same interval.
    """

    categories: Iterable[object] | None
    interval: Interval
    cluster: str | None
    item_weights: str | None
    random: str | None
    null: bool
    level: float
    replicates: int
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The options that were chosen."""

    categories: tuple[object, ...] | None = None
    interval: Interval = "bootstrap"
    cluster: str | None = None
    item_weights: str | None = None
    random: str | None = None
    null: bool = False
    level: float = 0.95
    replicates: int = 1000
    seed: int = 0

    @property
    def columns(self) -> list[str]:
        """The columns that were named, each once."""
        named = (self.cluster, self.item_weights, self.random)
        return list(dict.fromkeys(name for name in named if name is not None))


def settings_of(options: Options, what: str) -> Settings:
    """Check options.

    Raises
    ------
    TypeError
        If an option is not known.
    ValueError
        If one is impossible, with what was expected and what was found.
    """
    given: dict[str, Any] = dict(options)
    known = [each.name for each in fields(Settings)]
    unknown = next((name for name in given if name not in known), None)
    if unknown is not None:
        message = f"{what} has no option {unknown!r}; known: {known}."
        raise TypeError(message)
    if given.get("categories") is not None:
        given["categories"] = tuple(given["categories"])
    chosen = Settings(**given)
    _check_interval(chosen)
    _check_draws(chosen.level, chosen.replicates, chosen.seed)
    return chosen


def _check_interval(chosen: Settings) -> None:
    if chosen.interval not in get_args(Interval):
        message = f"Expected interval to be one of {list(get_args(Interval))}, found {chosen.interval!r}."
        raise ValueError(message)
    if chosen.interval == "analytic" and chosen.columns:
        message = (
            f"Expected interval='bootstrap' or 'cluster' with the columns {chosen.columns}, found "
            "'analytic': its standard error takes items as drawn one by one, and all alike."
        )
        raise ValueError(message)


def _check_draws(level: object, replicates: object, seed: object) -> None:
    if not _is(Real, level) or not 0 < level < 1:  # type: ignore[operator]  # it is a number
        message = f"Expected a level between 0 and 1, like 0.95, found {level!r}."
        raise ValueError(message)
    least = math.ceil(2 / (1 - level) - _ROUNDING)  # type: ignore[operator]  # as above
    if not _is(Integral, replicates) or (replicates != 0 and replicates < least):  # type: ignore[operator]  # as above
        message = (
            f"Expected replicates=0 or at least {least}, one for each tail of an interval of "
            f"{100 * level:g} %, found {replicates!r}."  # type: ignore[operator]  # as above
        )
        raise ValueError(message)
    if not _is(Integral, seed) or seed < 0:  # type: ignore[operator]  # as above
        message = f"Expected a whole number from 0 on as seed, found {seed!r}."
        raise ValueError(message)


def _is(kind: type[Real | Integral], number: object) -> bool:
    return isinstance(number, kind) and not isinstance(number, bool)
