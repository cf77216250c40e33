"""Who signs on a real JupyterHub: on a server of one's own, and on one that several people share."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

import jupyter_annotate as ja
from tests.hub.hub import Hub
from tests.hub.person import CELL
from tests.ui.pages import PATIENCE, Notebook, Widget, write_notebook

SHARED = "vox-collab"
ASKING = CELL.replace("ja.annotate(project)", 'ja.annotate(project, identity="hub")')
_ARRIVED = re.compile(r"/user/[^/]+/lab/workspaces/|/oauth2/authorize")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a project of two items that somebody began on another day."""
    items = {"item_id": ["a", "b"], "text": ["Hooray!", "Oh no."]}
    schema = ja.Schema(ja.Text("text"), ja.Choice("mood", ["glad", "sad"]))
    with ja.Project.open(tmp_path / "reviews", schema=schema, items=items):
        return tmp_path / "reviews.annotate"


@pytest.fixture
def hub(tmp_path: Path, folder: Path) -> Iterator[Hub]:
    """Return a hub with two people and the account they share."""
    hub = Hub(tmp_path / "hub", ("alice", "bob", SHARED), str(folder), shared=SHARED)
    with contextlib.closing(hub):
        hub.begin()
        hub.wait_until_up()
        yield hub


@pytest.fixture
def pages(chromium: Browser) -> Iterator[dict[str, Page]]:
    """Return a browser profile for each of the two people."""
    with contextlib.ExitStack() as closing:
        contexts = {user: chromium.new_context() for user in ("alice", "bob")}
        for context in contexts.values():
            closing.callback(context.close)
        yield {user: context.new_page() for user, context in contexts.items()}


def visit(hub: Hub, user: str, page: Page, owner: str, cell: str) -> Widget:
    """Log in, go to somebody's server, agree to be known there, and run a cell in a new notebook."""
    server = hub.server(owner)
    path = write_notebook(server, f"notes-of-{user}", [cell])
    # A workspace of one's own: the other one shows what somebody else has open on that server.
    hub.log_in(page, user, f"/user/{owner}/lab/workspaces/{user}/tree/{path}")
    page.wait_for_url(_ARRIVED, timeout=4 * PATIENCE, wait_until="commit")
    if "/oauth2/authorize" in page.url:
        page.locator("[type=submit]").click()
    notebook = Notebook(server, path, page)
    notebook.wait_ready()
    return notebook.show()


def answer(hub: Hub, user: str, page: Page, *, owner: str, cell: str) -> None:
    """Answer one item on somebody's server."""
    widget = visit(hub, user, page, owner=owner, cell=cell)
    widget.decide("1")
    widget.wait_saved()


def signatures(folder: Path) -> set[tuple[str, str]]:
    """Return who answered according to the store, and where it says the name comes from."""
    with ja.Project.open(folder, read_only=True) as project:
        events = project.events().filter(kind="answer")
    rows = events.select("annotator_id", "context").iter_rows()
    return {(annotator, json.loads(context)["identity"]) for annotator, context in rows}


def test_everybody_on_a_server_of_their_own(hub: Hub, folder: Path, pages: dict[str, Page]) -> None:
    """The name of the server's owner signs, and the answer says that it comes from the hub's environment."""
    for user, page in pages.items():
        hub.start_server(user)
        answer(hub, user, page, owner=user, cell=CELL)
    assert signatures(folder) == {("alice", "hub_env"), ("bob", "hub_env")}


def test_two_people_on_a_shared_server(hub: Hub, folder: Path, pages: dict[str, Page]) -> None:
    """On the server of an account they share each one signs with the name the hub told the browser."""
    hub.start_server(SHARED)
    for user, page in pages.items():
        answer(hub, user, page, owner=SHARED, cell=ASKING)
    assert signatures(folder) == {("alice", "hub_person"), ("bob", "hub_person")}


def test_a_shared_server_without_asking(hub: Hub, folder: Path, pages: dict[str, Page]) -> None:
    """Without the hub's identity both sign with the account they share: nothing else is known to a kernel."""
    hub.start_server(SHARED)
    for user, page in pages.items():
        answer(hub, user, page, owner=SHARED, cell=CELL)
    assert signatures(folder) == {(SHARED, "hub_env")}
