"""No text of a data set, a schema or a person runs, loads or breaks out of its place, in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.ui.injected import Shown, asking, control, everything, looking_on
from tests.ui.payloads import HOST, PAYLOADS
from tests.ui.plain_page import PlainPage, plain_page


_HARMLESS = "harmless words"
_WIDGETS = (everything, asking, looking_on, control)
_RUN = "window.__pwned = 1"

#: Markup, and what notices it.
MUTANTS = (
    (f"<img src=x onerror='{_RUN}'>", "ran: __pwned"),
    (f"<script>{_RUN}</script>", "ran: __pwned"),
    ("<script>alert(1)</script>", "dialog: 1"),
    (f"<img src=//{HOST}/i.png>", f"request: http://{HOST}/i.png"),
    (f"<p style='background:url(//{HOST}/b.png)'>x</p>", f"request: http://{HOST}/b.png"),
    ("<script>let x</script>", "<script>"),
    ("<iframe srcdoc='x'></iframe>", "<iframe>"),
    ("<a href='javascript:1'>x</a>", "a href=javascript:1"),
    ("<b onclick='1'>x</b>", "b onclick=1"),
    ("<script>document.body.append(document.createElement('p'))</script>", "elements outside"),
    ("<script>throw 1</script>", "failed: "),
    ("<img src=data:image/png,x>", "blocked: img-src"),
    (f"<script>open('//{HOST}/w')</script>", "page: "),
)


@pytest.fixture
def plain(chromium: Browser) -> Iterator[PlainPage]:
    """Return the plain page."""
    with plain_page(chromium) as page:
        yield page


def raw(shown: Shown) -> Callable[[dict[str, Any]], None]:
    """Return what puts into the kernel's messages what our kernel never lets through."""

    def change(message: dict[str, Any]) -> None:
        if not shown.raw:
            return
        if message["kind"] == "state":
            setup = message["setup"]
            setup["notice"] = setup["name"] = shown.raw["notice"]
            for question in setup["schema"]["questions"]:
                for label in question.get("labels", []):
                    label["color"] = shown.raw["color"]
        elif message["kind"] == "blob" and message["blob"].endswith("/picture"):
            message["error"] = shown.raw["error"]

    return change


def go(plain: PlainPage, shown: Shown) -> dict[str, Any]:
    """Mount a widget and go through it."""
    plain.person = shown.person
    with plain.mounted(shown.widget, raw(shown)):
        return plain.go_through(shown.steps)


def test_a_browser_finds_only_text_in_every_place(plain: PlainPage) -> None:
    """Each payload is seen in each of 80 places, and none runs, loads, opens or becomes an element."""
    known = set[str]().union(*(go(plain, make(_HARMLESS))["tags"] for make in _WIDGETS))
    seen: dict[str, set[str]] = {}
    harm: dict[tuple[str, str], list[str]] = {}
    for payload in PAYLOADS:
        for make in _WIDGETS:
            found = go(plain, make(payload))
            seen.setdefault(payload, set()).update(found["shown"])
            strange = sorted(set(found["tags"]) - known)
            wrong = [*found["harm"], *(f"<{tag}>" for tag in strange), *plain.watch.take(plain.page)]
            if wrong:
                harm[make.__name__, payload] = wrong
    places = set[str]().union(*seen.values())

    assert harm == {}
    assert {payload for payload, at in seen.items() if at != places} == set()
    assert len(places) >= 80
    assert len(PAYLOADS) >= 180
    assert sum(map(len, seen.values())) == len(places) * len(PAYLOADS)


@pytest.mark.parametrize(("markup", "noticed"), MUTANTS, ids=[noticed for _, noticed in MUTANTS])
def test_the_watch_notices_markup(plain: PlainPage, markup: str, noticed: str) -> None:
    """A widget that took a text for markup would be noticed, in each of the ways that are watched."""
    shown = everything(_HARMLESS)
    with plain.mounted(shown.widget, raw(shown)):
        plain.go_through(shown.steps[:1])
        plain.page.evaluate(
            """markup => {
              const place = document.querySelector(".ja-text");
              place.append(document.createRange().createContextualFragment(markup));
            }""",
            markup,
        )
        plain.page.wait_for_timeout(150)
        found = [*plain.go_through([([], {})])["harm"], *plain.watch.take(plain.page)]
    assert [each for each in found if noticed in each], found


def test_every_payload_that_is_markup_is_noticed_as_such(plain: PlainPage) -> None:
    """Taken for markup, more than half of the payloads are noticed: they are no harmless texts."""
    shown = everything(_HARMLESS)
    noticed = 0
    with plain.mounted(shown.widget, raw(shown)):
        plain.go_through(shown.steps[:1])
        for payload in PAYLOADS:
            plain.page.evaluate("text => { document.querySelector('.ja-text').innerHTML = text }", payload)
            plain.page.wait_for_timeout(20)
            noticed += bool(plain.go_through([([], {})])["harm"] or plain.watch.take(plain.page))
            plain.page.evaluate("() => document.querySelector('.ja-text').replaceChildren()")
    assert noticed > len(PAYLOADS) / 2, noticed
