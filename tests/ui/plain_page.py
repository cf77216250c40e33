"""A page without Jupyter that mounts the built widgets; the kernel's side is this process.

It is watched: whatever runs, opens, is asked for or breaks the page's policy is noted.
"""

from __future__ import annotations

import base64
import contextlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import anywidget
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, Request, Route

from tests.ui.payloads import HOST

_SCRIPT = Path(__file__).with_suffix(".js")
_ORIGIN = "http://localhost:1"
_HTML = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>plain</title>
<style id="style"></style></head>
<body><div id="place"></div><script src="/page.js" nonce="own"></script></body></html>"""
# Nothing is kept from happening, so that the other detectors see it too.
_POLICY = (
    "default-src 'none'; script-src 'nonce-own' blob:; style-src 'unsafe-inline'; connect-src 'self'; "
    f"img-src blob: {_ORIGIN}/favicon.ico; base-uri 'none'; form-action 'none'"
)

Message = dict[str, Any]


class Watch:
    """What must never happen, as it happens."""

    def __init__(self, context: BrowserContext) -> None:
        self.found: list[str] = []
        context.on("request", self._request)
        context.on("dialog", self._dialog)
        context.on("page", lambda page: self.found.append(f"page: {page.url}"))

    def _dialog(self, dialog: Dialog) -> None:
        self.found.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _request(self, request: Request) -> None:
        if HOST in request.url:
            self.found.append(f"request: {request.url}")

    def take(self, page: Page) -> list[str]:
        """Return what was noted since the last time, by the page too."""
        noted = cast("dict[str, list[str]]", page.evaluate("() => window.noted"))
        page.evaluate("() => Object.values(window.noted).forEach((each) => each.splice(0))")
        found = [*self.found, *(f"{kind}: {each}" for kind, all_ in noted.items() for each in all_)]
        self.found.clear()
        return found


class PlainPage:
    """The page, and the widgets of this process that are mounted in it.

    Parameters
    ----------
    page
        Its page.
    watch
        What must never happen.
    """

    def __init__(self, page: Page, watch: Watch) -> None:
        self.page, self.watch = page, watch
        self.person: str | None = None
        self._ends: dict[int, _End] = {}
        self._scripts: set[str] = set()

    def open(self) -> None:
        """Load it."""
        # As text: Playwright would lose a key like __proto__.
        self.page.expose_function(
            "toKernel", lambda number, said: json.dumps(self._ends[number].hear(json.loads(said)))
        )
        self.page.goto(_ORIGIN)

    @contextlib.contextmanager
    def mounted(
        self, widget: anywidget.AnyWidget, change: Callable[[Message], None] = lambda _: None
    ) -> Iterator[None]:
        """Mount a widget; `change` may alter what the kernel says to it."""
        number = len(self._ends)
        end = self._ends[number] = _End(widget, change)
        script = str(widget._anywidget_id)
        if script not in self._scripts:
            self._scripts.add(script)
            self.page.evaluate("given => giveScript(given)", [script, *end.script()])
        self.page.evaluate("given => mountWidget(...given)", [number, script, json.dumps(end.traits())])
        try:
            yield
        finally:
            self.page.evaluate("number => unmountWidget(number)", number)
            widget.close()

    def go_through(self, steps: Sequence[tuple[list[list[Any]], Mapping[str, list[Any]]]]) -> Message:
        """Do what each step says and look for its places."""
        given = [{"acts": acts, "places": places} for acts, places in steps]
        return cast("Message", self.page.evaluate("steps => goThrough(steps)", given))

    def answer(self, route: Route) -> None:
        """Serve the page, say who the hub says it is, and let nothing else through."""
        path = route.request.url.removeprefix(_ORIGIN)
        if path == "/":
            headers = {"Content-Security-Policy-Report-Only": _POLICY}
            route.fulfill(body=_HTML, content_type="text/html; charset=utf-8", headers=headers)
        elif path == "/page.js":
            body = f"(() => {{\n{_SCRIPT.read_text(encoding='utf-8')}\n}})();"
            route.fulfill(body=body, content_type="text/javascript; charset=utf-8")
        elif path == "/api/me" and self.person is not None:
            body = json.dumps({"identity": {"username": self.person, "name": self.person}})
            route.fulfill(body=body, content_type="application/json")
        else:
            # What is no content keeps the page where it is, whatever wants to leave it.
            route.fulfill(status=204)


class _End:
    """The kernel's end of one widget: what it publishes is kept until the page asks."""

    def __init__(self, widget: anywidget.AnyWidget, change: Callable[[Message], None]) -> None:
        self._widget, self._change = widget, change
        self._said: list[tuple[Message, list[str]]] = []
        self._traits: Message = {}
        widget.comm.publish_msg = self._publish

    def script(self) -> list[str]:
        """Return module and style sheet."""
        state = self._widget.get_state(["_esm", "_css"])
        return [state["_esm"], state["_css"]]

    def traits(self) -> Message:
        """Return the traits a control begins with."""
        names = [n for n in ("setup", "working", "refusal") if self._widget.has_trait(n)]
        return cast("Message", self._widget.get_state(names)) if names else {}

    def hear(self, said: Message) -> Message:
        """Let a message of the page arrive, and return all that was published."""
        if "content" in said:
            data = {"method": "custom", "content": said["content"]}
        else:
            data = {"method": "update", "state": said["traits"], "buffer_paths": []}
        self._widget._handle_msg({"content": {"data": data}, "buffers": []})
        answer = {"messages": self._said, "traits": self._traits}
        self._said, self._traits = [], {}
        return answer

    def _publish(self, _kind: str, data: Message, *_: object, **fields: Any) -> None:  # noqa: ANN401 -- the comm's
        method = data.get("method")
        if method == "update":
            self._traits |= {n: v for n, v in data["state"].items() if n in ("refusal", "working")}
        if method != "custom":
            return
        message = json.loads(json.dumps(data["content"]))
        self._change(message)
        # A change may put other bytes in.
        buffers = [message.pop("data")] if "data" in message else fields.get("buffers") or []
        self._said.append((message, [base64.b64encode(each).decode() for each in buffers]))


@contextlib.contextmanager
def plain_page(chromium: Browser) -> Iterator[PlainPage]:
    """Open a plain page in a browser profile of its own."""
    with contextlib.closing(chromium.new_context(viewport={"width": 1200, "height": 900})) as context:
        page = context.new_page()
        plain = PlainPage(page, Watch(context))
        context.route("**/*", plain.answer)
        plain.open()
        yield plain
