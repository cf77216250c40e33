"""Marking text and drawing on an image the way a person does, by mouse and by keyboard.

Where things lie on the screen is measured here with means of our own, so that a fault in the widget's
geometry cannot hide behind itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from playwright.sync_api import Locator

from tests.ui.pages import Widget

_SHOWN_TEXT = """host => {
  const walker = document.createTreeWalker(host, NodeFilter.SHOW_TEXT);
  let text = "";
  while (walker.nextNode()) {
    if (!walker.currentNode.parentElement.closest(".ja-mark-label")) text += walker.currentNode.data;
  }
  return text;
}"""

# Two points on the screen, inside the first and the last visible character of a reach of UTF-16 units, where
# the browser itself would put carets at its two edges. Where directions meet, an edge shows at the other end.
_ENDS = """(host, [start, end]) => {
  const nodes = [];
  const walker = document.createTreeWalker(host, NodeFilter.SHOW_TEXT);
  let length = 0;
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.parentElement.closest(".ja-mark-label")) continue;
    nodes.push({ node, at: length });
    length += node.data.length;
  }
  const text = nodes.map(({ node }) => node.data).join("");
  const place = (unit, bias) => {
    const holds = ({ node, at }) => at <= unit - bias && unit - bias < at + node.data.length;
    const { node, at } = nodes.find(holds);
    return [node, unit - at];
  };
  const unitOf = (node, offset) => {
    const found = nodes.find(each => each.node === node);
    return found ? found.at + offset : null;
  };
  const graphemes = [...new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text)];
  const points = (unit, bias) => {
    const grapheme = graphemes.findLast(({ index }) => index <= unit - bias);
    const range = document.createRange();
    range.setStart(...place(grapheme.index, 0));
    range.setEnd(...place(grapheme.index + grapheme.segment.length, 1));
    const rect = [...range.getClientRects()].find(({ width }) => width > 0);
    const y = rect.top + rect.height / 2;
    return [rect.left + rect.width / 4, rect.right - rect.width / 4].map(x => [x, y]);
  };
  const caret = ([x, y]) => {
    const found = document.caretRangeFromPoint(x, y);
    return found && unitOf(found.startContainer, found.startOffset);
  };
  const [first, last] = [points(start, 0), points(end, 1)];
  const pairs = first.flatMap(one => last.map(other => [one, other]));
  const exact = pair => {
    const [one, other] = pair.map(caret);
    return Math.min(one, other) === start && Math.max(one, other) === end;
  };
  return pairs.find(exact) ?? [first[0], last[1]];
}"""

# How to select a reach: by whole words where that is wanted and exact, else by characters.
_KEYS = r"""([text, start, end, wanted]) => {
  const pieces = granularity =>
    [...new Intl.Segmenter(undefined, { granularity }).segment(text)]
      .map(({ index, segment }) => ({ start: index, end: index + segment.length, segment }));
  const words = pieces("word").filter(({ segment }) => !/^[\p{White_Space}\p{Cc}\p{Cf}]*$/u.test(segment));
  const fits = all => all.some(each => each.start === start) && all.some(each => each.end === end);
  const whole = wanted && fits(words);
  const all = whole ? words : pieces("grapheme");
  const first = all.findIndex(each => each.start === start);
  const last = all.findIndex(each => each.end === end);
  return { whole, first, more: last - first };
}"""

Point = tuple[float, float]


def utf16(text: str, point: int) -> int:
    """Return the UTF-16 unit at a code point."""
    return len(text[:point].encode("utf-16-le")) // 2


@dataclass(frozen=True)
class TextSurface:
    """The text of the item on screen."""

    widget: Widget

    @property
    def host(self) -> Locator:
        """The element that shows the text."""
        return self.widget.root.locator(".ja-spans")

    def shown(self) -> str:
        """Return the text as it stands in the page, without the names of labels."""
        return cast("str", self.host.evaluate(_SHOWN_TEXT))

    def drag(self, text: str, start: int, end: int) -> None:
        """Select code points with the mouse, from the first character to the last."""
        pressed, released = self._ends(text, start, end)
        mouse = self.widget.page.mouse
        mouse.move(*pressed)
        mouse.down()
        mouse.move(*released, steps=4)
        mouse.up()

    def click_twice(self, text: str, start: int, end: int) -> None:
        """Select words without dragging: a click on the first, a click with Shift on the last."""
        first, last = self._ends(text, start, end)
        page = self.widget.page
        page.mouse.click(*first)
        page.keyboard.down("Shift")
        page.mouse.click(*last)
        page.keyboard.up("Shift")

    def mark_by_keys(self, text: str, start: int, end: int, key: str, *, snap: str = "token") -> None:
        """Label code points with the arrow keys: `t` switches to characters where words are not exact."""
        wanted = [text, utf16(text, start), utf16(text, end), snap == "token"]
        plan = self.widget.page.evaluate(_KEYS, wanted)
        toggle = [] if plan["whole"] or snap == "character" else ["t"]
        steps = ["ArrowRight"] * (1 + plan["first"]) + ["Shift+ArrowRight"] * plan["more"]
        self.widget.press(*toggle, *steps, key, "Escape", *toggle)

    def _ends(self, text: str, start: int, end: int) -> tuple[Point, Point]:
        self.host.scroll_into_view_if_needed()
        reach = [utf16(text, start), utf16(text, end)]
        pressed, released = cast("list[list[float]]", self.host.evaluate(_ENDS, reach))
        return (pressed[0], pressed[1]), (released[0], released[1])


@dataclass(frozen=True)
class Box:
    """A box in pixels of the image."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class ImageSurface:
    """The image of the item on screen."""

    widget: Widget

    @property
    def picture(self) -> Locator:
        """The image element."""
        return self.widget.root.locator(".ja-boxes img")

    def wait(self) -> None:
        """Wait until the image is decoded and laid out."""
        handle = self.picture.element_handle()
        self.widget.page.wait_for_function(
            "picture => picture.complete && picture.naturalWidth > 0 && picture.width > 0", arg=handle
        )
        self.picture.scroll_into_view_if_needed()

    def draw(self, start: Point, end: Point) -> Box:
        """Drag from one point of the page to another; return the box that this is in image pixels."""
        mouse = self.widget.page.mouse
        mouse.move(*start)
        mouse.down()
        mouse.move(*end, steps=4)
        mouse.up()
        return self.between(start, end)

    def between(self, start: Point, end: Point) -> Box:
        """Return the image pixels between two points of the page, rounded to hundredths."""
        (left, top), (right, bottom) = self._to_image(start), self._to_image(end)
        x, y = round(min(left, right), 2), round(min(top, bottom), 2)
        return Box(x, y, round(max(left, right) - x, 2), round(max(top, bottom) - y, 2))

    def on_page(self, x: float, y: float) -> Point:
        """Return the whole pixel of the page nearest to a point of the image."""
        rect, width, height = self._measure()
        return (
            float(round(rect["x"] + x * rect["width"] / width)),
            float(round(rect["y"] + y * rect["height"] / height)),
        )

    def _to_image(self, point: Point) -> Point:
        rect, width, height = self._measure()
        return (
            (point[0] - rect["x"]) * width / rect["width"],
            (point[1] - rect["y"]) * height / rect["height"],
        )

    def _measure(self) -> tuple[dict[str, float], int, int]:
        found = self.picture.evaluate(
            "e => { const { x, y, width, height } = e.getBoundingClientRect();"
            " return [{ x, y, width, height }, e.naturalWidth, e.naturalHeight] }"
        )
        return cast("tuple[dict[str, float], int, int]", tuple(found))
