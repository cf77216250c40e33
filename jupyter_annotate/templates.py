"""Templates: schemas to start with, one line each. `gallery` makes them all.

`ner`, `relation_extraction`, `sentiment`, `intent`, `soft_labels` and `medical_triage` ask about a text,
`rlhf_preference` and `llm_rubric` about what a language model answered, `detection` and `transcription` about
an image, the last about sound and films too. Columns and labels are parameters; what comes out is a `Schema`
like any other: save it, and change it in the file.

Examples
--------
>>> sentiment(["bad", "good"], text="review")
Schema(text 'review', choice 'sentiment')
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from jupyter_annotate.errors import UnknownNameError
from jupyter_annotate.fields import FIELDS, Image, Markdown, Text
from jupyter_annotate.questions import (
    Boxes,
    Choice,
    Label,
    Preference,
    Question,
    Rating,
    Relations,
    SoftLabel,
    Spans,
    TextAnswer,
)
from jupyter_annotate.schema import Schema

__all__ = [
    "detection",
    "gallery",
    "intent",
    "llm_rubric",
    "medical_triage",
    "ner",
    "relation_extraction",
    "rlhf_preference",
    "sentiment",
    "soft_labels",
    "transcription",
]

Labels = Sequence[str | Label]

_ENTITIES = (
    Label("person", help="A named human being: Ada Lovelace, Dr Okafor."),
    Label("organization", help="A named company, agency, team or institution."),
    Label("place", help="A named country, town, street, building or landscape."),
    Label("date", help="A day, month, year or span of them: 3 March, last summer."),
)
_RELATIONS = (
    Label("works_for", help="From a person to an organization."),
    Label("located_in", help="From anything to a place."),
    Label("part_of", help="From the part to the whole."),
)
_SENTIMENTS = (
    Label("negative", help="The writer is displeased."),
    Label("neutral", help="No feeling is shown, or good and bad are in balance."),
    Label("positive", help="The writer is pleased."),
)
_INTENTS = (
    Label("question", help="Wants to know something."),
    Label("request", help="Wants something done."),
    Label("complaint", help="Says that something went wrong."),
    Label("cancellation", help="Wants to end or undo something."),
    Label("other", help="None of these."),
)
_URGENCIES = (
    Label("emergency", help="Life or limb may be in danger: help now."),
    Label("urgent", help="Has to be seen today."),
    Label("routine", help="Can wait for an appointment."),
    Label("self_care", help="Advice is enough."),
)
_CRITERIA: Mapping[str, tuple[str, str]] = {
    "accuracy": ("wrong in what matters", "all of it correct"),
    "completeness": ("leaves the question open", "answers all of it"),
    "clarity": ("hard to follow", "clear at first reading"),
}
#: What can be transcribed.
_MEDIA = ("image", "audio", "video")


def ner(labels: Labels = _ENTITIES, *, text: str = "text") -> Schema:
    """Mark named entities in a text.

    Parameters
    ----------
    labels
        Kinds of entities.
    text
        The column with the text.

    Examples
    --------
    >>> ner(["drug", "dose"], text="note")
    Schema(text 'note', spans 'entities')
    """
    guide = "Mark every mention, whole, without blanks and full stops around it. None is an answer too."
    return Schema(Text(text), Spans("entities", labels, help=guide))


def relation_extraction(
    labels: Labels = _RELATIONS, *, entities: Labels = _ENTITIES, text: str = "text"
) -> Schema:
    """Mark entities in a text, and how they are related.

    Parameters
    ----------
    labels
        Kinds of relations.
    entities
        Kinds of entities.
    text
        The column with the text.

    Examples
    --------
    >>> relation_extraction(["treats"], entities=["drug", "disease"])
    Schema(text 'text', spans 'entities', relations 'relations')
    """
    guide = "Only what the text says, not what you know besides. Each has a direction."
    return Schema(
        *ner(entities, text=text).fields.values(),
        *ner(entities, text=text).questions.values(),
        Relations("relations", labels, between="entities", help=guide, required=False),
    )


def sentiment(labels: Labels = _SENTIMENTS, *, text: str = "text") -> Schema:
    """Say what feeling a text shows.

    Parameters
    ----------
    labels
        Feelings, in order.
    text
        The column with the text.

    Examples
    --------
    >>> sentiment().question().label_names
    ('negative', 'neutral', 'positive')
    """
    guide = "What the writer feels, not what you feel while reading. Where it is mixed, what prevails."
    return Schema(Text(text), Choice("sentiment", labels, help=guide))


def intent(labels: Labels = _INTENTS, *, text: str = "text") -> Schema:
    """Say what the writer of a message wants.

    Parameters
    ----------
    labels
        Intents.
    text
        The column with the message.

    Examples
    --------
    >>> intent(["order", "return"]).question().label_names
    ('order', 'return')
    """
    guide = "What the writer wants to come of it. If there are several, what has to be done first."
    return Schema(Text(text), Choice("intent", labels, cannot_tell=True, help=guide))


def soft_labels(labels: Labels = _SENTIMENTS, *, text: str = "text") -> Schema:
    """Say how probable each label of a text is, instead of choosing one.

    Parameters
    ----------
    labels
        What may be the case; one of them is.
    text
        The column with the text.

    Examples
    --------
    >>> soft_labels(["ham", "spam"]).question().check({"ham": 1, "spam": 3}, {})
    {'ham': 0.25, 'spam': 0.75}
    """
    guide = "Share out your belief: all on one label if you are sure, evenly if you have no idea."
    return Schema(Text(text), SoftLabel("belief", labels, help=guide))


def medical_triage(
    labels: Labels = _URGENCIES, *, text: str = "text", explained: Sequence[str] | None = None
) -> Schema:
    """Say how urgent a patient's message is, and why if it is.

    Parameters
    ----------
    labels
        Urgencies, the greatest first.
    text
        The column with the message.
    explained
        The urgencies for which a reason is asked; the first two by default.

    Examples
    --------
    >>> medical_triage().question("reason").show_when
    {'urgency': ['emergency', 'urgent']}
    """
    guide = "Judge by the worst that the message makes likely. If it says too little for that, say so."
    urgency = Choice("urgency", labels, cannot_tell=True, help=guide)
    asked = list(urgency.label_names[:2] if explained is None else explained)
    reason = TextAnswer(
        "reason",
        show_when={"urgency": asked},
        maximum=1000,
        help="Name the signs that made you decide, in the words of the message where you can.",
    )
    return Schema(Text(text), urgency, reason)


def rlhf_preference(
    aspects: Sequence[str] = (),
    *,
    prompt: str = "prompt",
    between: tuple[str, str] = ("response_a", "response_b"),
    grades: int = 3,
) -> Schema:
    """Say which of two answers of a language model is better, as reward models learn from.

    Parameters
    ----------
    aspects
        What is compared, like ``["helpful", "honest", "harmless"]``; none: the whole.
    prompt
        The column with what was asked.
    between
        The columns with the two answers, as Markdown.
    grades
        How many grades of better there are, 1 to 4.

    Examples
    --------
    >>> rlhf_preference()
    Schema(text 'prompt', markdown 'response_a', markdown 'response_b', preference 'better', ...)
    """
    guide = "Which answer serves the person who asked better? Length and tone count as far as they do that."
    return Schema(
        Text(prompt, title="Prompt"),
        *(Markdown(name) for name in between),
        Preference("better", between, aspects=aspects, grades=grades, help=guide),
        TextAnswer("why", required=False, maximum=2000, help="What decided it, in a sentence or two."),
    )


def llm_rubric(
    criteria: Mapping[str, tuple[str, str]] = _CRITERIA,
    *,
    prompt: str = "prompt",
    response: str = "response",
    points: int = 5,
) -> Schema:
    """Grade the answer of a language model by a rubric; a low grade asks what is wrong.

    Parameters
    ----------
    criteria
        What is graded, each an identifier, with the meaning of the lowest and of the highest point.
    prompt
        The column with what was asked.
    response
        The column with the answer, as Markdown.
    points
        How many points each scale has; those of its lower half (without the middle) are low.

    Examples
    --------
    >>> schema = llm_rubric({"tone": ("rude", "kind")})
    >>> list(schema.questions), schema.question("tone_problem").show_when
    (['tone', 'tone_problem'], {'tone': [1, 2]})
    """
    questions: list[Question] = []
    for name, (low, high) in criteria.items():
        guide = f"From 1, {low}, to {points}, {high}. Grade each criterion by itself."
        questions.append(Rating(name, points, low=low, high=high, help=guide))
        questions.append(
            TextAnswer(
                f"{name}_problem",
                show_when={name: list(range(1, points // 2 + 1))},
                maximum=2000,
                help="Quote the place and say what is wrong with it.",
            )
        )
    return Schema(Text(prompt, title="Prompt"), Markdown(response, title="Answer"), *questions)


def detection(
    labels: Labels = ("person", "vehicle", "animal"), *, image: str = "image", root: Path | str = "."
) -> Schema:
    """Draw a box around every object in an image.

    Parameters
    ----------
    labels
        Kinds of objects.
    image
        The column with the images.
    root
        Folder that file names are relative to.

    Examples
    --------
    >>> detection(["leaf", "fruit"])
    Schema(image 'image', boxes 'objects')
    """
    guide = "One tight box around what you see of each object, those that are cut off or half hidden too."
    return Schema(Image(image, root=root), Boxes("objects", labels, help=guide))


def transcription(media: str = "image", *, column: str | None = None, root: Path | str = ".") -> Schema:
    """Write down what an image, a recording or a film says.

    Parameters
    ----------
    media
        The kind of field that is transcribed: ``"image"``, ``"audio"`` or ``"video"``.
    column
        The column; named like `media` by default.
    root
        Folder that file names are relative to.

    Raises
    ------
    UnknownNameError
        If nothing of this kind can be transcribed.

    Examples
    --------
    >>> transcription(column="scan")
    Schema(image 'scan', text_answer 'transcript')
    """
    known = {kind: FIELDS[kind] for kind in _MEDIA if kind in FIELDS}
    if media not in known:
        raise UnknownNameError("medium to transcribe", media, known)
    guide = "Letter by letter, mistakes too, line by line. What cannot be read is [?]."
    shown = known[media].from_json({"name": column or media, "root": root})
    return Schema(shown, TextAnswer("transcript", lines=8, cannot_tell=True, help=guide))


_TEMPLATES: tuple[Callable[[], Schema], ...] = (
    ner,
    relation_extraction,
    sentiment,
    intent,
    soft_labels,
    medical_triage,
    rlhf_preference,
    llm_rubric,
    detection,
    transcription,
)


def gallery() -> dict[str, Schema]:
    """Return every template as it is without parameters, by name.

    Examples
    --------
    >>> print(gallery()["soft_labels"])
    Schema(text 'text', soft_label 'belief')
    """
    return {make.__name__: make() for make in _TEMPLATES}
