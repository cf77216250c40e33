"""AnnotationWidget: the labeling widget. It translates between session and browser, and computes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

import anywidget
import traitlets

from jupyter_annotate.errors import AnnotateError, UnknownNameError, shorten
from jupyter_annotate.events import Json
from jupyter_annotate.identity import Identity
from jupyter_annotate.project import Project
from jupyter_annotate.session import Session
from jupyter_annotate.widgets.bulk import bulk_setup
from jupyter_annotate.widgets.keys import chosen_keys
from jupyter_annotate.widgets.protocol import PROTOCOL, Conversation
from jupyter_annotate.widgets.reception import Reception
from jupyter_annotate.widgets.script import kinds_of, script_of

__all__ = ["AnnotationWidget", "annotate"]

Asked: TypeAlias = Literal["environment", "hub"]

#: What the hub, which knows the person, knows better: these name the owner of the server or of the account.
_OF_SERVER = frozenset({"hub_env", "os_user", "unspecified"})


class AnnotationWidget(anywidget.AnyWidget):
    """A labeling widget for one annotator.

    Items and answers travel as messages only, so a saved notebook holds neither.

    Parameters
    ----------
    project
        What is labeled.
    session
        The annotator's sitting on it; without one the person at the browser is asked who labels.
    guidelines
        Shown on demand.
    hub
        Whether the browser asks the hub first.
    suggestion
        Who it may be.

    Attributes
    ----------
    session
        None until somebody has said who labels.
    """

    _esm = traitlets.Unicode().tag(sync=True)
    _css = traitlets.Unicode().tag(sync=True)
    protocol = traitlets.Int(PROTOCOL).tag(sync=True)

    def __init__(  # noqa: PLR0913 -- what annotate() was given
        self,
        project: Project,
        session: Session | None = None,
        *,
        guidelines: str | None = None,
        hub: bool = False,
        suggestion: str | None = None,
        keys: Mapping[str, str] | None = None,
        bulk: int | None = None,
    ) -> None:
        # Without the style sheet in the name the one of another schema would take its place in the page.
        several = bulk_setup(bulk, project.schema)
        script = script_of(kinds_of(project.schema) | ({"modes/bulk"} if several else set()))
        super().__init__(_esm=script.esm, _css=script.css, _anywidget_id=f"jupyter_annotate-{script.name}")
        self.session = session
        self._project, self._guidelines = project, guidelines
        self._name = Path(project.log.location).name.removesuffix(".annotate")
        self._setup: dict[str, Json] = {"name": self._name, "guidelines": guidelines, "notice": None}
        if chosen := chosen_keys(keys, project.schema):
            self._setup["keys"] = dict(chosen)
        self._setup |= several
        known = None if session is None else self._converse(session)
        self._reception = Reception(
            self._begin, self._say, conversation=known, hub=hub, suggestion=suggestion
        )
        self.on_msg(self._hear)

    def __repr__(self) -> str:
        """Say what this is, and what to do where it is all one sees."""
        who = (
            "whoever gives a name in it"
            if self.session is None
            else repr(self.session.annotator.annotator_id)
        )
        return (
            f"<AnnotationWidget {self._name!r} for {who}> "
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
        self._reception.receive(content)

    def _say(self, message: dict[str, Json], buffers: Sequence[bytes]) -> None:
        self.send(message, list(buffers))

    def _begin(self, who: Identity) -> Conversation:
        self.session = Session(self._project, who, guidelines=self._guidelines)
        return self._converse(self.session)

    def _converse(self, session: Session) -> Conversation:
        return Conversation(self._project, session, self._say, self._setup)


def annotate(  # noqa: PLR0913 -- what a person may want to say of it
    project: Project,
    annotator: str | None = None,
    *,
    identity: Asked = "environment",
    guidelines: str | None = None,
    keys: Mapping[str, str] | None = None,
    bulk: int | None = None,
) -> AnnotationWidget:
    """Show the labeling widget for a project. Running the cell again resumes.

    Parameters
    ----------
    project
        What is labeled.
    annotator
        Who labels; by default the environment is asked (see `Identity`), and where that does not know, the
        person in front of the widget.
    identity
        ``"hub"`` where people share a server of a JupyterHub: the hub is asked who sits at the browser. What
        it says is a claim like a name that is typed, for it comes through the browser.
    guidelines
        How to decide, as text with headings, lists and bold. Kept in the log.
    keys
        Keys of the widget that are set otherwise, by action: ``{"skip": "k"}``. Actions are submit, accept,
        dismiss, skip, undo, flag, comment, guidelines, full_page, help, previous and next.
    bulk
        Begin with so many items on a page, from 2 to 50, of which those chosen are answered at once; each
        answer is an event of its own that says so. Shift+B changes to one at a time, and back.

    Returns
    -------
    widget
        Its ``session`` shows what was done so far; it is None as long as nobody has said who labels.

    Raises
    ------
    AnnotateError
        If it is given anything but a project, such as the name of one, the database knows the annotator by
        another name, a key is another's, or a question cannot be asked of several items at once.
    """
    given: object = project
    if not isinstance(given, Project):
        message = (
            f"annotate() expects an open project, found {shorten(given)}. "
            "Open it first: annotate(Project.open('reviews'), annotator='your name')."
        )
        raise AnnotateError(message)
    if identity not in get_args(Asked):
        raise UnknownNameError("way to identify the annotator", identity, get_args(Asked))
    who = Identity.resolve(annotator, access=project.log)
    hub = identity == "hub"
    if who.source in (_OF_SERVER if hub else {"unspecified"}):
        suggestion = who.annotator_id if who.is_known else None
        return AnnotationWidget(
            project, guidelines=guidelines, hub=hub, suggestion=suggestion, keys=keys, bulk=bulk
        )
    session = Session(project, who, guidelines=guidelines)
    return AnnotationWidget(project, session, guidelines=guidelines, keys=keys, bulk=bulk)
