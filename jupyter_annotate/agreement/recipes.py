"""Recipes: every coefficient by name, for tables, comparisons and the null."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jupyter_annotate.agreement.base import Agreement
from jupyter_annotate.agreement.cohen import cohen_recipe, conger_recipe
from jupyter_annotate.agreement.fleiss import fleiss_recipe, scott_recipe
from jupyter_annotate.agreement.gwet import brennan_recipe, gwet_recipe
from jupyter_annotate.agreement.krippendorff import alpha_recipe
from jupyter_annotate.agreement.observed import observed_recipe
from jupyter_annotate.agreement.recipe import Recipe
from jupyter_annotate.agreement.weighting import Weights
from jupyter_annotate.errors import UnknownNameError

__all__ = ["RECIPES", "Named", "recipe_named"]

#: A coefficient by its name, or its function.
Named = str | Callable[..., Agreement]


def _gwet_ac1() -> Recipe:
    return gwet_recipe("gwet_ac1")


def _gwet_ac2(weights: Weights = "quadratic") -> Recipe:
    return gwet_recipe("gwet_ac2", weights)


#: From the name of a coefficient to what makes its recipe of ``metric`` or ``weights``.
RECIPES: Mapping[str, Callable[..., Recipe]] = {
    "brennan_prediger": brennan_recipe,
    "cohen_kappa": cohen_recipe,
    "conger_kappa": conger_recipe,
    "fleiss_kappa": fleiss_recipe,
    "gwet_ac1": _gwet_ac1,
    "gwet_ac2": _gwet_ac2,
    "krippendorff_alpha": alpha_recipe,
    "observed_agreement": observed_recipe,
    "scott_pi": scott_recipe,
}


def recipe_named(coefficient: Named, scheme: Mapping[str, Any] | None = None) -> Recipe:
    """Return what a coefficient is made of.

    Parameters
    ----------
    coefficient
        Its name, or its function.
    scheme
        Its own options: ``{"metric": "ordinal"}`` or ``{"weights": "linear"}``.

    Raises
    ------
    UnknownNameError
        If there is no such coefficient.
    TypeError
        If it has no such option.
    """
    name = (
        coefficient if isinstance(coefficient, str) else getattr(coefficient, "__name__", repr(coefficient))
    )
    if name not in RECIPES:
        raise UnknownNameError("coefficient", name, RECIPES)
    return RECIPES[name](**(scheme or {}))
