"""What was pressed and seen in the browser, against what is in the store."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path

import polars as pl
from playwright.sync_api import BrowserContext, Page

from jupyter_annotate import Project

WITNESS = Path(__file__).with_name("witness.js").read_text(encoding="utf-8")
LABELS = {"1": "red", "2": "green", "3": "blue"}

_READ = """() => Object.keys(localStorage).filter(each => each.startsWith("witness:")).sort()
  .map(each => JSON.parse(localStorage.getItem(each)))"""

Answer = tuple[str, str]


@dataclass(frozen=True)
class Entry:
    """One thing that happened on a page, at a time of that page's clock, milliseconds."""

    page: str
    at: float
    what: str
    key: str = ""
    item: int = 0
    taken: bool = False
    status: str = ""
    unsaved: int = 0

    @property
    def answer(self) -> Answer:
        """The item that was on the screen, and the label of the key."""
        return f"i{self.item}", LABELS[self.key]


@dataclass(frozen=True)
class Account:
    """Everything a browser profile witnessed, page by page, in order."""

    entries: Sequence[Entry]

    @property
    def pressed(self) -> list[Answer]:
        """The answers that were taken. A press that brought no other item was none."""
        return [each.answer for each in self.entries if each.what == "press" and each.taken]

    @property
    def shown_as_saved(self) -> list[Answer]:
        """The answers a page has given before it said that everything is saved."""
        found: list[Answer] = []
        for _, entries in groupby(self.entries, key=lambda each: each.page):
            waiting: list[Answer] = []
            for each in entries:
                if each.what == "press" and each.taken:
                    waiting.append(each.answer)
                elif each.status == "saved" and not each.unsaved:
                    found += waiting
                    waiting = []
        return found

    def longest_promise(self) -> float:
        """Return the longest time, in seconds, that a page said "saving" while nothing more became saved."""
        longest = 0.0
        for _, entries in groupby(self.entries, key=lambda each: each.page):
            states = [each for each in entries if each.what == "state"]
            since: float | None = None
            for now, after in pairwise(states):
                if now.status != "saving":
                    since = None
                    continue
                since = now.at if since is None else since
                longest = max(longest, after.at - since)
                if after.unsaved < now.unsaved:
                    since = after.at
        return longest / 1000


def account_of(page: Page) -> Account:
    """Return what the browser profile of this page witnessed so far."""
    return Account([Entry(**each) for each in page.evaluate(_READ)])


def witnessed(context: BrowserContext) -> None:
    """Let every page of this profile keep account from now on."""
    context.add_init_script(WITNESS)


def stored(folder: Path, annotator: str = "ada") -> list[Answer]:
    """Return every answer event of an annotator in the store, in order, read by another process's eyes."""
    with Project.open(folder, read_only=True) as project:
        project.log.verify()
        events = project.events().filter(kind="answer", annotator_id=annotator)
    rows = events.select("item_id", "value").iter_rows()
    return [(item, json.loads(value)) for item, value in rows]


def standing(folder: Path, annotator: str = "ada") -> dict[str, str]:
    """Return the standing label of every item."""
    with Project.open(folder, read_only=True) as project:
        labels = project.labels().filter(pl.col("annotator_id") == annotator)
    return dict(labels.select("item_id", "label").iter_rows())


def no_false_promise(folder: Path, *accounts: Account, annotator: str = "ada") -> None:
    """Assert that everything ever shown as saved is in the store, and the store holds nothing unpressed."""
    shown = Counter(each for account in accounts for each in account.shown_as_saved)
    pressed = Counter(each for account in accounts for each in account.pressed)
    found = Counter(stored(folder, annotator))
    assert not shown - found, f"shown as saved, not stored: {shown - found}"
    assert not found - pressed, f"stored, never pressed or stored twice: {found - pressed}"


def exactly_once(folder: Path, *accounts: Account, annotator: str = "ada") -> None:
    """Assert that every answer pressed is stored exactly once, on the item that was on the screen."""
    no_false_promise(folder, *accounts, annotator=annotator)
    pressed = Counter(each for account in accounts for each in account.pressed)
    assert pressed
    assert Counter(stored(folder, annotator)) == pressed
