"""Label data in the notebook: durable, measured, exported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_annotate import errors, samples, templates
from jupyter_annotate.aggregation import (
    GLAD,
    MACE,
    BayesianConfusion,
    DawidSkene,
    HazyItems,
    MajorityVote,
    OneCoin,
    WeightedMajority,
)
from jupyter_annotate.aggregation.box_consensus import BoxConsensus
from jupyter_annotate.aggregation.bradley_terry import BradleyTerry
from jupyter_annotate.aggregation.comparison import MethodComparison, compare_methods
from jupyter_annotate.aggregation.consensus import Aggregated, aggregate
from jupyter_annotate.aggregation.multi_label import MultiLabel
from jupyter_annotate.aggregation.numeric import NumericMean, NumericMedian, NumericModel
from jupyter_annotate.aggregation.ordinal import OrdinalMedian, OrdinalModel
from jupyter_annotate.aggregation.polygon_consensus import PolygonConsensus
from jupyter_annotate.aggregation.rank_aggregation import Borda, Kemeny, PlackettLuce
from jupyter_annotate.aggregation.span_consensus import SpanPieces, SpanVote
from jupyter_annotate.aggregation.span_sequence import SpanSequence, word_tokens
from jupyter_annotate.aggregation.text_medoid import TextMedoid
from jupyter_annotate.agreement import (
    Agreement,
    Caution,
    Comparison,
    NullCheck,
    agreement_table,
    brennan_prediger,
    cohen_kappa,
    compare_agreement,
    conger_kappa,
    fleiss_by_category,
    fleiss_kappa,
    gwet_ac1,
    gwet_ac2,
    krippendorff_alpha,
    null_check,
    observed_agreement,
    scott_pi,
)
from jupyter_annotate.agreement.box_agreement import box_agreement, polygon_agreement
from jupyter_annotate.agreement.disagreement import group_agreement, label_entropy, soft_labels
from jupyter_annotate.agreement.explaining import explain_disagreement
from jupyter_annotate.agreement.gamma import gamma, gamma_cat
from jupyter_annotate.agreement.icc import icc
from jupyter_annotate.agreement.preference_agreement import preference_agreement, preference_alpha
from jupyter_annotate.agreement.rankings import kendall_tau, kendall_w
from jupyter_annotate.agreement.span_f1 import span_f1
from jupyter_annotate.agreement.text_agreement import text_agreement
from jupyter_annotate.agreement.token_kappa import token_kappa
from jupyter_annotate.agreement.unitizing import krippendorff_alpha_u
from jupyter_annotate.backups import backup, restore
from jupyter_annotate.exchange import export, read_export
from jupyter_annotate.fields import Audio, Chat, Diff, Image, Markdown, Options, Rendered, Table, Text, Video
from jupyter_annotate.health import status
from jupyter_annotate.merging import merge
from jupyter_annotate.migrating import MigrationPreview, migrate, preview_migration, schema_versions
from jupyter_annotate.migration import Migration
from jupyter_annotate.project import Project
from jupyter_annotate.quality import AnnotatorQuality, annotator_quality, expected_information
from jupyter_annotate.quality.canaries import canaries
from jupyter_annotate.questions import (
    BestWorst,
    Boxes,
    Choice,
    Keypoints,
    Label,
    MultiChoice,
    NumberAnswer,
    Polygons,
    Preference,
    Ranking,
    Rating,
    Relations,
    SoftLabel,
    Spans,
    Taxonomy,
    TextAnswer,
    TimeSegments,
)
from jupyter_annotate.ratings import as_labels
from jupyter_annotate.roles import Role, appoint, roles
from jupyter_annotate.schedule import backup_every
from jupyter_annotate.schema import Schema
from jupyter_annotate.session import Session
from jupyter_annotate.sharing import distribute, release
from jupyter_annotate.similar import apply_answers, find_similar
from jupyter_annotate.standings import assignments, blockers
from jupyter_annotate.verifying import verify
from jupyter_annotate.views import latest_annotations, progress
from jupyter_annotate.workflow import Plan

if TYPE_CHECKING:
    from jupyter_annotate.widgets import (
        AnnotationWidget,
        Choices,
        Control,
        ImageBoxes,
        TextPreference,
        TextSpans,
        annotate,
    )

__version__ = "0.1.0"

__all__ = [
    "GLAD",
    "MACE",
    "Aggregated",
    "Agreement",
    "AnnotationWidget",
    "AnnotatorQuality",
    "Audio",
    "BayesianConfusion",
    "BestWorst",
    "Borda",
    "BoxConsensus",
    "Boxes",
    "BradleyTerry",
    "Caution",
    "Chat",
    "Choice",
    "Choices",
    "Comparison",
    "Control",
    "DawidSkene",
    "Diff",
    "HazyItems",
    "Image",
    "ImageBoxes",
    "Kemeny",
    "Keypoints",
    "Label",
    "MajorityVote",
    "Markdown",
    "MethodComparison",
    "Migration",
    "MigrationPreview",
    "MultiChoice",
    "MultiLabel",
    "NullCheck",
    "NumberAnswer",
    "NumericMean",
    "NumericMedian",
    "NumericModel",
    "OneCoin",
    "Options",
    "OrdinalMedian",
    "OrdinalModel",
    "PlackettLuce",
    "Plan",
    "PolygonConsensus",
    "Polygons",
    "Preference",
    "Project",
    "Ranking",
    "Rating",
    "Relations",
    "Rendered",
    "Role",
    "Schema",
    "Session",
    "SoftLabel",
    "SpanPieces",
    "SpanSequence",
    "SpanVote",
    "Spans",
    "Table",
    "Taxonomy",
    "Text",
    "TextAnswer",
    "TextMedoid",
    "TextPreference",
    "TextSpans",
    "TimeSegments",
    "Video",
    "WeightedMajority",
    "aggregate",
    "agreement_table",
    "annotate",
    "annotator_quality",
    "apply_answers",
    "appoint",
    "as_labels",
    "assignments",
    "backup",
    "backup_every",
    "blockers",
    "box_agreement",
    "brennan_prediger",
    "canaries",
    "cohen_kappa",
    "compare_agreement",
    "compare_methods",
    "conger_kappa",
    "distribute",
    "errors",
    "expected_information",
    "explain_disagreement",
    "export",
    "find_similar",
    "fleiss_by_category",
    "fleiss_kappa",
    "gamma",
    "gamma_cat",
    "group_agreement",
    "gwet_ac1",
    "gwet_ac2",
    "icc",
    "kendall_tau",
    "kendall_w",
    "krippendorff_alpha",
    "krippendorff_alpha_u",
    "label_entropy",
    "latest_annotations",
    "merge",
    "migrate",
    "null_check",
    "observed_agreement",
    "polygon_agreement",
    "preference_agreement",
    "preference_alpha",
    "preview_migration",
    "progress",
    "read_export",
    "release",
    "restore",
    "roles",
    "samples",
    "schema_versions",
    "scott_pi",
    "soft_labels",
    "span_f1",
    "status",
    "templates",
    "text_agreement",
    "token_kappa",
    "verify",
    "word_tokens",
]

_WIDGETS = frozenset(
    {"AnnotationWidget", "Choices", "Control", "ImageBoxes", "TextPreference", "TextSpans", "annotate"}
)


def __getattr__(name: str) -> Any:  # noqa: ANN401 -- whatever the name stands for
    """Import the widgets only when one is asked for: labels are often read where no browser is."""
    if name not in _WIDGETS:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    from jupyter_annotate import widgets

    return getattr(widgets, name)


def __dir__() -> list[str]:
    """List the public names, those not yet imported too."""
    return sorted({*globals(), *__all__})
