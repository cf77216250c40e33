"""Agreement: functions from LABELS to an `Agreement`, by name in `COEFFICIENTS`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import polars as pl

from jupyter_annotate.agreement.base import TABLE, Agreement, Reason
from jupyter_annotate.agreement.krippendorff import krippendorff_alpha
from jupyter_annotate.agreement.observed import observed_agreement
from jupyter_annotate.columns import LABELS, require
from jupyter_annotate.errors import ColumnError

__all__ = [
    "COEFFICIENTS",
    "Agreement",
    "Coefficient",
    "Reason",
    "agreement_table",
    "krippendorff_alpha",
    "observed_agreement",
]


class Coefficient(Protocol):
    """A function from LABELS to an `Agreement`."""

    def __call__(self, labels: object, *, level: float, replicates: int, seed: int) -> Agreement:
        """Measure agreement, with an interval from drawing items again."""


COEFFICIENTS: Mapping[str, Coefficient] = {
    "krippendorff_alpha": krippendorff_alpha,
    "observed_agreement": observed_agreement,
}


def agreement_table(
    labels: object,
    by: str | Sequence[str] | None = None,
    *,
    level: float = 0.95,
    replicates: int = 1000,
    seed: int = 0,
) -> pl.DataFrame:
    """Measure every coefficient, for all labels or for each group of them.

    Parameters
    ----------
    labels
        LABELS, with the columns of ``by``.
    by
        Columns whose values make the groups, for example a property of the items joined on.
    level, replicates, seed
        As for each coefficient.

    Returns
    -------
    table
        The columns of ``by``, then coefficient, value, low, high, level, n_items, n_annotators, n_labels,
        n_single, n_missing, reason; groups in order of appearance. What is undefined is null.

    Raises
    ------
    ColumnError
        As for each coefficient, or if a column of ``by`` is missing or named like one of the table.

    Examples
    --------
    >>> labels = {"item_id": ["a", "a", "b", "b"], "annotator_id": ["ada", "bob"] * 2, "label": [1, 1, 2, 2]}
    >>> agreement_table(labels).select("coefficient", "value", "n_items").rows()
    [('krippendorff_alpha', 1.0, 2), ('observed_agreement', 1.0, 2)]
    """
    names = [by] if isinstance(by, str) else list(dict.fromkeys(by or ()))
    clash = next((name for name in names if name in TABLE), None)
    if clash:
        raise ColumnError(
            "agreement_table()",
            expected="columns of by that are named unlike those of the table",
            found=f"by={clash!r}",
            column=clash,
            advice=f"Rename it, for example labels.rename({{{clash!r}: 'by_{clash}'}}).",
        )
    frame = require(labels, {**LABELS, **dict.fromkeys(names)}, what="agreement_table()")
    groups = frame.group_by(names, maintain_order=True) if names else [((), frame)]
    empty = pl.DataFrame(schema={**{name: frame.schema[name] for name in names}, **TABLE})
    parts = [empty]
    for key, group in groups:
        found = [f(group, level=level, replicates=replicates, seed=seed) for f in COEFFICIENTS.values()]
        rows = pl.concat([each.to_frame() for each in found])
        keys = [pl.lit(k, dtype=frame.schema[name]).alias(name) for name, k in zip(names, key, strict=True)]
        parts.append(rows.select(*keys, *TABLE))
    return pl.concat(parts)
