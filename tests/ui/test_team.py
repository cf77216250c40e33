"""What a team sees: who labels, how far all are, and where the answers are while the store is away."""

from __future__ import annotations

import json
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Route, expect

from tests.ui.conftest import OpenNotebook
from tests.ui.pages import PATIENCE, Notebook, Widget
from tests.ui.test_axe import AXE, overflow, violations

_START = "from tests.ui.stand_in import StandIn"
_TEAM = "team=(340, 2_000, 0)"
_HELD = "team=(340, 2_000, 5)"


def shown(notebook: Notebook, number: int = 0) -> Widget:
    """Run a cell and wait until its widget shows something, be it an item or the form."""
    notebook.run(number)
    root = notebook.cell(number).locator(".ja-root")
    root.locator(".ja-ask, .ja-text, .ja-blank-title").first.wait_for(timeout=2 * PATIENCE)
    widget = Widget(root)
    widget.focus()
    return widget


def hub_says(context: BrowserContext, name: str) -> list[str]:
    """Let the server name this person; return the addresses it is asked at."""
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        body = {"identity": {"username": name, "name": name}, "permissions": {}}
        route.fulfill(status=200, content_type="application/json", body=json.dumps(body))

    context.route("**/api/me", answer)
    return asked


def ask_for_root(widget: Widget) -> None:
    """Give a name that is refused."""
    widget.page.keyboard.type("root")
    widget.press("Enter")
    expect(widget.root.get_by_role("alert").filter(has_text="says nothing")).to_be_visible()


def leave(widget: Widget) -> None:
    """Look at the form as it is."""
    expect(widget.root.get_by_role("textbox")).to_be_focused()


def keep(widget: Widget) -> None:
    """Answer three items while the store is away."""
    for key in "123":
        widget.decide(key)
    expect(widget.root).to_have_attribute("data-ja-status", "kept", timeout=PATIENCE)


def finish(widget: Widget) -> None:
    """Answer both items there are."""
    widget.decide("1")
    widget.decide("2")
    widget.wait_saved()


#: Each state: the widget that shows it, and what brings it there.
STATES: dict[str, tuple[str, Callable[[Widget], None]]] = {
    "form": ("StandIn(None)", leave),
    "refused name": ("StandIn(None)", ask_for_root),
    "kept": (f"StandIn(away=True, {_TEAM})", keep),
    "team": (f"StandIn({_TEAM})", lambda widget: widget.decide("1")),
    "nothing right now": (f"StandIn(n=7, {_HELD})", finish),
    "part done": (f"StandIn(n=2, {_TEAM})", finish),
}


def test_every_state_of_a_team_is_accessible_and_fits(open_notebook: OpenNotebook) -> None:
    """No state breaks a rule of axe, light or dark, or sticks out of a column of 320 or 600 pixels."""
    notebook = open_notebook([f"{_START}\n{cell}" for cell, _ in STATES.values()])
    notebook.page.add_script_tag(path=AXE)
    found: dict[str, list[str]] = {}
    for number, (name, (_, bring)) in enumerate(STATES.items()):
        widget = shown(notebook, number)
        bring(widget)
        for theme in ("light", "dark"):
            notebook.choose_theme(theme)
            expect(widget.root).to_have_attribute("data-ja-theme", theme, timeout=PATIENCE)
            found[f"{name}, {theme}"] = violations(widget)
        for width in (320, 600):
            found[f"{name}, {width} px"] = overflow(widget, width)
        widget.root.evaluate("root => root.setAttribute('data-test-stale', '')")
    assert {place: wrong for place, wrong in found.items() if wrong} == {}


def test_a_guest_reads_and_is_told_whose_widget_it_is(
    open_notebook: OpenNotebook, context: BrowserContext
) -> None:
    """Where the hub names another person than the annotator, no key decides anything; axe finds nothing."""
    asked = hub_says(context, "bob")
    notebook = open_notebook([f"{_START}\nwidget = StandIn('alice', hub=True)\nwidget"])
    before = notebook.content()
    notebook.page.add_script_tag(path=AXE)
    widget = shown(notebook)
    banner = widget.root.get_by_text("alice labels here; you are bob")
    expect(banner).to_be_visible()
    assert asked == [f"{notebook.server.url}/api/me"]
    assert violations(widget) == []
    assert overflow(widget, 320) == []
    widget.press("1", "Space", "z", "f", "x", "d", "d")
    assert notebook.kernel.value("len(widget.stored)") == 0
    assert notebook.content() == before


def test_the_form_asks_for_a_name_once_and_no_key_reaches_the_notebook(open_notebook: OpenNotebook) -> None:
    """A name is typed and confirmed by Enter; the item follows, and the next widget knows the name."""
    cell = f"{_START}\nwidget = StandIn(None)\nwidget"
    notebook = open_notebook([cell])
    before = notebook.content()
    widget = shown(notebook)
    expect(widget.root.get_by_role("textbox", name="Who is labeling?")).to_be_focused()
    ask_for_root(widget)
    widget.press("Control+a")
    notebook.page.keyboard.type("dd ada x1")
    widget.press("Enter")
    widget.root.locator(".ja-text").wait_for()
    expect(widget.root).to_be_focused()
    widget.decide("1")
    widget.wait_saved()
    assert notebook.content() == before
    assert notebook.kernel.value("[widget.annotator, len(widget.stored)]") == ["dd ada x1", 1]
    notebook.page.evaluate("() => document.querySelector('.ja-root').setAttribute('data-test-stale', '')")
    again = shown(notebook)
    expect(again.root.get_by_role("textbox")).to_have_value("dd ada x1")


def test_the_hub_names_the_person_and_nobody_is_asked(
    open_notebook: OpenNotebook, context: BrowserContext
) -> None:
    """Where the hub knows who sits there, the item is shown at once and the answers are that person's."""
    hub_says(context, "bob")
    notebook = open_notebook([f"{_START}\nwidget = StandIn(None, hub=True)\nwidget"])
    widget = notebook.show()
    widget.decide("1")
    widget.wait_saved()
    assert notebook.kernel.value("widget.annotator") == "bob"


def test_a_server_without_a_person_leaves_it_to_the_form(open_notebook: OpenNotebook) -> None:
    """A plain Jupyter server makes up a name for each browser; that is nobody's."""
    notebook = open_notebook([f"{_START}\nStandIn(None, hub=True)"])
    widget = shown(notebook)
    expect(widget.root.get_by_role("textbox", name="Who is labeling?")).to_be_visible()


def test_answers_kept_on_this_computer_follow_when_the_store_is_back(open_notebook: OpenNotebook) -> None:
    """While the store is away labeling goes on; when it is back everything is stored, once and in order."""
    notebook = open_notebook([f"{_START}\nwidget = StandIn(away=True)\nwidget"])
    widget = notebook.show()
    keep(widget)
    expect(widget.root.locator(".ja-saving")).to_have_text("Saved on this computer only")
    expect(widget.root).to_contain_text("3 answers are on this computer and follow by themselves.")
    widget.decide("1")
    notebook.kernel.run("widget.away = False")
    widget.wait_saved()
    items = notebook.kernel.value("[each['item'] for each in widget.stored]")
    assert items == ["r-1", "r-2", "r-3", "r-4"]
    expect(widget.root).not_to_contain_text("follow by themselves")


def test_an_item_that_comes_free_is_shown_without_a_key(open_notebook: OpenNotebook) -> None:
    """At the end of a team's queue the widget says what others hold, and shows what comes free."""
    notebook = open_notebook([f"{_START}\nwidget = StandIn(n=7, {_HELD})\nwidget"])
    widget = notebook.show()
    finish(widget)
    expect(widget.root).to_contain_text("Others hold 5 items.")
    notebook.kernel.run("widget.tell((341, 2_000, 4))")
    widget.root.locator(".ja-text").wait_for(timeout=PATIENCE)
    widget.decide("3")
    widget.wait_saved()
    expect(widget.root).to_contain_text("Others hold 4 items.")
