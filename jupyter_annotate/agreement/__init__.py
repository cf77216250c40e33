"""Agreement: functions from LABELS to an `Agreement`, by name in `COEFFICIENTS`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, Unpack

from jupyter_annotate.agreement.base import Agreement, Caution, Reason
from jupyter_annotate.agreement.cohen import cohen_kappa, conger_kappa
from jupyter_annotate.agreement.comparing import Comparison, compare_agreement, null_check
from jupyter_annotate.agreement.fleiss import fleiss_by_category, fleiss_kappa, scott_pi
from jupyter_annotate.agreement.gwet import brennan_prediger, gwet_ac1, gwet_ac2
from jupyter_annotate.agreement.krippendorff import krippendorff_alpha
from jupyter_annotate.agreement.null import NullCheck
from jupyter_annotate.agreement.observed import observed_agreement
from jupyter_annotate.agreement.options import Options
from jupyter_annotate.agreement.tables import agreement_table

__all__ = [
    "COEFFICIENTS",
    "Agreement",
    "Caution",
    "Coefficient",
    "Comparison",
    "NullCheck",
    "Options",
    "Reason",
    "agreement_table",
    "brennan_prediger",
    "cohen_kappa",
    "compare_agreement",
    "conger_kappa",
    "fleiss_by_category",
    "fleiss_kappa",
    "gwet_ac1",
    "gwet_ac2",
    "krippendorff_alpha",
    "null_check",
    "observed_agreement",
    "scott_pi",
]


class Coefficient(Protocol):
    """A function from LABELS to an `Agreement`."""

    def __call__(self, labels: object, **options: Unpack[Options]) -> Agreement:
        """Measure agreement, with an interval from drawing items again."""


COEFFICIENTS: Mapping[str, Coefficient] = {
    "brennan_prediger": brennan_prediger,
    "cohen_kappa": cohen_kappa,
    "conger_kappa": conger_kappa,
    "fleiss_kappa": fleiss_kappa,
    "gwet_ac1": gwet_ac1,
    "gwet_ac2": gwet_ac2,
    "krippendorff_alpha": krippendorff_alpha,
    "observed_agreement": observed_agreement,
    "scott_pi": scott_pi,
}
