"""AnnotationWidget: the labeling widget. It translates between session and browser, and computes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from jupyter_annotate.errors import AnnotateError, shorten
from jupyter_annotate.events import Json
from jupyter_annotate.project import Project
from jupyter_annotate.session import Session
from jupyter_annotate.widgets.protocol import PROTOCOL, Conversation

__all__ = ["AnnotationWidget", "annotate"]

_STATIC = Path(__file__).parent.parent / "static"
_NOBODY = (
    "Answers are signed “anonymous”, because this computer does not say who you are: "
    "pass annotator='your name' to annotate()."
)


class AnnotationWidget(anywidget.AnyWidget):
    """A labeling widget for one annotator.

    Items and answers travel as messages only, so a saved notebook holds neither.

    Parameters
    ----------
    project
        What is labeled.
    session
        The annotator's sitting on it.
    guidelines
        Shown on demand.
    """

    _esm = _STATIC / "widget.js"
    _css = _STATIC / "widget.css"
    protocol = traitlets.Int(PROTOCOL).tag(sync=True)

    def __init__(self, project: Project, session: Session, *, guidelines: str | None = None) -> None:
        super().__init__()
        self.session = session
        self._name = Path(project.log.location).name.removesuffix(".annotate")
        notice = _NOBODY if session.annotator.source == "unspecified" else None
        setup: dict[str, Json] = {"name": self._name, "guidelines": guidelines, "notice": notice}
        self._conversation = Conversation(project, session, self._say, setup)
        self.on_msg(self._hear)

    def __repr__(self) -> str:
        """Say what this is, and what to do where it is all one sees."""
        return (
            f"<AnnotationWidget {self._name!r} for {self.session.annotator.annotator_id!r}> "
            "If you see this text instead of the widget: run the cell again; if that does not help, install "
            "anywidget in the environment of the Jupyter server too, and restart the server."
        )

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:  # noqa: ANN401 -- ipywidgets' own signature
        bundle = super()._repr_mimebundle_(**kwargs)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        if data is not None:
            data["text/plain"] = repr(self)
        return bundle

    def _hear(self, _widget: object, content: object, _buffers: object) -> None:
        self._conversation.receive(content)

    def _say(self, message: dict[str, Json], buffers: Sequence[bytes]) -> None:
        self.send(message, list(buffers))


def annotate(
    project: Project, *, annotator: str | None = None, guidelines: str | None = None
) -> AnnotationWidget:
    """Show the labeling widget for a project. Running the cell again resumes.

    Parameters
    ----------
    project
        What is labeled.
    annotator
        Who labels; by default the environment is asked.
    guidelines
        How to decide, as text with headings, lists and bold. Kept in the log.

    Returns
    -------
    widget
        Its ``session`` shows what was done so far.

    Raises
    ------
    AnnotateError
        If it is given anything but a project, such as the name of one.
    """
    given: object = project
    if not isinstance(given, Project):
        message = (
            f"annotate() expects an open project, found {shorten(given)}. "
            "Open it first: annotate(Project.open('reviews'), annotator='your name')."
        )
        raise AnnotateError(message)
    session = Session(project, annotator, guidelines=guidelines)
    return AnnotationWidget(project, session, guidelines=guidelines)
