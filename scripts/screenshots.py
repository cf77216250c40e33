"""Take docs/screenshots: the real widget in a real JupyterLab, light and dark, at twice the resolution.

``python -m scripts.screenshots`` takes all; followed by names, ``questions/boxes legend`` say, only those.

The page of a label type or a field is the scene of its own picture: its first code is the cell, and a comment
``<!-- keys: 1 / 2 Enter / f -->`` says what is pressed before it is taken: decisions, and the last keys.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.ui.pages import Notebook, Widget, write_notebook
from tests.ui.servers import Server, serve

DOCS = Path(__file__).resolve().parent.parent / "docs"
FOLDER = DOCS / "screenshots"
THEMES = ("light", "dark")
#: Room beside the output of a cell, to begin with; the window is then fitted exactly.
BESIDE = 400


@dataclass(frozen=True)
class Scene:
    """One picture: the project and the widget on it, and the keys pressed before it is taken.

    Keys that bring the next item stand in `decisions`, each waited for; `keys` are the last ones.
    """

    name: str
    cell: str
    decisions: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    width: int = 860
    height: int = 1_100


_REVIEWS = """
import jupyter_annotate as ja
reviews = ja.samples.load_reviews()
sentiment = ja.Choice("sentiment", ja.samples.SENTIMENTS)
topics = ja.MultiChoice("topics", ja.samples.TOPICS)
guidelines = '''# How to decide

Judge **what the visitor felt**, not what happened.

- *positive*: pleased, grateful, coming back
- *negative*: annoyed, disappointed, staying away
- *neutral*: reports or asks, without either

Praise and blame in one text: take what it ends on.'''
"""
_CHOICE = f"""{_REVIEWS}
project = ja.Project.open("reviews", schema=ja.Schema(ja.Text("text"), sentiment), items=reviews)
ja.annotate(project, annotator="ada", guidelines=guidelines)
"""
_SUGGESTED = f"""{_REVIEWS}
project = ja.Project.open("reviews", schema=ja.Schema(ja.Text("text"), sentiment), items=reviews)
guesses = reviews.select("item_id", value="gold_sentiment").with_columns(score=0.93)
project.add_prelabels(guesses, source="tfidf-v1")
ja.annotate(project, annotator="ada")
"""
_SEVERAL = f"""{_REVIEWS}
project = ja.Project.open("reviews", schema=ja.Schema(ja.Text("text"), sentiment), items=reviews)
guesses = reviews.select("item_id", value="gold_sentiment").with_columns(score=0.93)
project.add_prelabels(guesses.head(4), source="tfidf-v1")
ja.annotate(project, annotator="ada", bulk=12)
"""
_SPANS = """
import jupyter_annotate as ja
messages = ja.samples.load_messages()
schema = ja.Schema(ja.Text("text"), ja.Spans("entities", ja.samples.ENTITIES))
project = ja.Project.open("messages", schema=schema, items=messages)
project.add_prelabels(messages.select("item_id", value="gold_entities"), source="first-pass")
ja.annotate(project, annotator="ada")
"""
_TURNED = """
import jupyter_annotate as ja
dishes = ja.samples.load_images()
schema = ja.Schema(ja.Image("image"), ja.Boxes("cells", ja.samples.CELLS, rotated=True))
project = ja.Project.open("dishes", schema=schema, items=dishes)
project.add_prelabels(dishes.select("item_id", value="gold_cells"), source="first-pass")
ja.annotate(project, annotator="ada")
"""
_IN_PIECES = """
import jupyter_annotate as ja
texts = ["The echo showed a dilated left and right ventricle, with pain in both arms on exertion."]
schema = ja.Schema(ja.Text("text"), ja.Spans("entities", ["finding", "anatomy"], discontinuous=True))
project = ja.Project.open("notes", schema=schema, items={"item_id": ["1"], "text": texts})
ja.annotate(project, annotator="ada")
"""
#: What is pressed there: three spans, two of them in two pieces, and the first chosen.
_PIECES = f"{'ArrowRight ' * 6} 2 {'ArrowRight ' * 3} + Escape {'ArrowRight ' * 8} Shift+ArrowRight 2 "
_PIECES += f"{'ArrowRight ' * 3} 1 {'ArrowRight ' * 3} + Escape s"
#: Some decisions, so that the history and the progress show something.
_SOME = ("1", "3", "2", "1", "Space", "3")


def scene_of(page: Path) -> Scene:
    """Return the scene a page of docs/ describes."""
    text = page.read_text(encoding="utf-8")
    pressed = re.search(r"<!-- keys: (.*?) -->", text)
    *decisions, keys = pressed[1].split(" / ") if pressed else [""]
    return Scene(
        name=page.relative_to(DOCS).with_suffix("").as_posix(),
        cell="".join(re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)[:1]),
        decisions=tuple(decisions),
        keys=tuple(keys.split()),
    )


SCENES = (
    *(scene_of(page) for family in ("questions", "fields") for page in sorted((DOCS / family).glob("*.md"))),
    Scene("suggestion", _SUGGESTED, decisions=("a", "2", "a")),
    Scene("suggestion-spans", _SPANS, decisions=("a",)),
    Scene(
        "boxes-rotated",
        _TURNED,
        decisions=("a", "a"),
        keys=(*["s", "Shift+BracketRight"] * 2, "Shift+ArrowRight", "Shift+ArrowRight", "]"),
    ),
    Scene("spans-discontinuous", _IN_PIECES, keys=tuple(_PIECES.split())),
    Scene("guidelines", _CHOICE, decisions=_SOME, keys=("g",)),
    Scene("legend", _CHOICE, decisions=_SOME, keys=("?",)),
    Scene("comment", _CHOICE, decisions=_SOME, keys=("c",)),
    Scene("full-page", _CHOICE, decisions=_SOME, keys=("w",), height=700),
    Scene("several", _SEVERAL, keys=("a", "3", "ArrowDown", "Space", "Shift+ArrowRight", "Shift+ArrowRight")),
    Scene("column", _CHOICE, decisions=_SOME, width=600),
)


def act(widget: Widget, scene: Scene) -> None:
    """Bring the widget into the state of the picture."""
    for decision in scene.decisions:
        widget.decide(*decision.split())
    for picture in widget.root.locator(".ja-content img").all():
        widget.page.wait_for_function("e => e.complete && e.naturalWidth > 0", arg=picture.element_handle())
    widget.wait_saved()
    widget.press(*scene.keys)
    # A transition or a message that is about to go would make every picture differ.
    widget.page.wait_for_timeout(1_500)


def fit(widget: Widget, width: int) -> None:
    """Change the window until the widget has this width."""
    page = widget.page
    before = widget.root.bounding_box()
    size = page.viewport_size
    assert before is not None
    assert size is not None
    page.set_viewport_size({**size, "width": round(size["width"] + width - before["width"])})


def take(server: Server, browser: Browser, scene: Scene) -> None:
    """Take one scene in both themes."""
    for theme in THEMES:
        context = browser.new_context(
            viewport={"width": scene.width + BESIDE, "height": scene.height},
            device_scale_factor=2,
            reduced_motion="reduce",
        )
        name = scene.name.replace("/", "-")
        path = write_notebook(server, f"{name}-{theme}", [scene.cell.strip()])
        notebook = Notebook(server, path, context.new_page())
        notebook.open()
        notebook.choose_theme(theme)
        widget = notebook.show(0)
        fit(widget, scene.width)
        act(widget, scene)
        keep(widget.root.screenshot(), FOLDER / f"{scene.name}-{theme}.png")
        context.close()
        server.shut_down_kernels()


def keep(shot: bytes, path: Path) -> None:
    """Write a picture with a palette of 256 colours: a third of the size, and nobody sees it."""
    Image.open(io.BytesIO(shot)).convert("RGB").quantize(256).save(path, optimize=True)


def main() -> int:
    """Take the scenes named, or all."""
    named = os.environ.get("PLAYWRIGHT_CHROMIUM_EXECUTABLE")
    browsers = filter(None, map(shutil.which, filter(None, (named, "chromium", "chromium-browser"))))
    chosen = [scene for scene in SCENES if not sys.argv[1:] or scene.name in sys.argv[1:]]
    for family in ("questions", "fields"):
        (FOLDER / family).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=next(browsers))
        with serve("lab", Path(place) / "lab") as server:
            for scene in chosen:
                take(server, browser, scene)
                print(f"docs/screenshots/{scene.name}: light, dark", flush=True)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
