"""QUESTIONS: the label types. To add one: a module here, one line below, and its twin in js/src/questions."""

from __future__ import annotations

from jupyter_annotate.questions.base import Label, LabelQuestion, Question
from jupyter_annotate.questions.best_worst import BestWorst
from jupyter_annotate.questions.boxes import Boxes
from jupyter_annotate.questions.choice import Choice
from jupyter_annotate.questions.keypoints import Keypoints
from jupyter_annotate.questions.multi_choice import MultiChoice
from jupyter_annotate.questions.number_answer import NumberAnswer
from jupyter_annotate.questions.polygons import Polygons
from jupyter_annotate.questions.preference import Preference
from jupyter_annotate.questions.ranking import Ranking
from jupyter_annotate.questions.rating import Rating
from jupyter_annotate.questions.relations import Relations
from jupyter_annotate.questions.soft_label import SoftLabel
from jupyter_annotate.questions.spans import Spans
from jupyter_annotate.questions.taxonomy import Taxonomy
from jupyter_annotate.questions.text_answer import TextAnswer
from jupyter_annotate.questions.time_segments import TimeSegments

__all__ = [
    "QUESTIONS",
    "BestWorst",
    "Boxes",
    "Choice",
    "Keypoints",
    "Label",
    "LabelQuestion",
    "MultiChoice",
    "NumberAnswer",
    "Polygons",
    "Preference",
    "Question",
    "Ranking",
    "Rating",
    "Relations",
    "SoftLabel",
    "Spans",
    "Taxonomy",
    "TextAnswer",
    "TimeSegments",
]

QUESTIONS: dict[str, type[Question]] = {
    "choice": Choice,
    "multi_choice": MultiChoice,
    "taxonomy": Taxonomy,
    "rating": Rating,
    "number_answer": NumberAnswer,
    "soft_label": SoftLabel,
    "text_answer": TextAnswer,
    "preference": Preference,
    "ranking": Ranking,
    "best_worst": BestWorst,
    "spans": Spans,
    "relations": Relations,
    "boxes": Boxes,
    "polygons": Polygons,
    "keypoints": Keypoints,
    "time_segments": TimeSegments,
}
