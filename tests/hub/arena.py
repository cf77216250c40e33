"""The arena: browsers and scripted kernels label one project on a real JupyterHub while things die."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path

from playwright.sync_api import Browser

import jupyter_annotate as ja
from tests.hub.crew import Crew, Kernel
from tests.hub.hub import Hub
from tests.hub.labeler import LABELS
from tests.hub.person import Person
from tests.hub.places import LEAD, Place
from tests.ui.faults.proxy import Proxy
from tests.ui.faults.witness import witnessed

Act = Callable[[], object]

_BURST = 4
"""Keys a person presses before it is the next one's turn."""


@dataclass(frozen=True)
class Plan:
    """How many there are, and what happens to them.

    Parameters
    ----------
    n_browsers, n_kernels
        Annotators of each kind.
    n_items
        Items of the project.
    overlap
        Annotators an item needs; None: everybody labels everything.
    kernel_kills, hub_restarts, store_restarts
        How often scripted kernels are killed, the hub dies, the database server dies.
    page_faults
        How often a browser's page is loaded again, its kernel or its server restarted, its network cut.
    lease
        Seconds without a sign of life after which others get what somebody holds.
    minutes
        After which it is given up.
    seed
        Of everything that is drawn.
    """

    n_browsers: int
    n_kernels: int
    n_items: int
    overlap: int | None
    kernel_kills: int
    hub_restarts: int
    store_restarts: int
    page_faults: int
    lease: float
    minutes: float
    seed: int

    @property
    def browsers(self) -> list[str]:
        """The names of those in a browser."""
        return [f"browser{n}" for n in range(1, self.n_browsers + 1)]

    @property
    def kernels(self) -> list[str]:
        """The names of the scripted ones."""
        return [f"kernel{n}" for n in range(1, self.n_kernels + 1)]

    @property
    def annotators(self) -> list[str]:
        """Everybody who labels."""
        return self.browsers + self.kernels

    @property
    def n_answers(self) -> int:
        """How many answers there are in the end."""
        return self.n_items * (self.overlap or len(self.annotators))


def begin_project(location: str, plan: Plan) -> None:
    """Let the lead begin the project: items as the browsers' witness reads them, and who gets what."""
    numbers = range(1, plan.n_items + 1)
    items = {"item_id": [f"i{n}" for n in numbers], "text": [f"Text number {n}." for n in numbers]}
    schema = ja.Schema(ja.Text("text"), ja.Choice("color", list(LABELS)))
    with ja.Project.open(location, schema=schema, items=items) as project:
        if plan.overlap is not None:
            ja.distribute(project, overlap=plan.overlap, lease=plan.lease, annotator=LEAD)


@dataclass
class Arena:
    """Everybody at work on one project.

    Parameters
    ----------
    plan
        Who, and what happens.
    place
        Where the project lies.
    hub
        A hub that is up.
    network
        Between the browsers and the hub.
    crew
        The scripted kernels.
    people
        Those in browsers, at their first item.
    project
        The project as the lead sees it.
    """

    plan: Plan
    place: Place
    hub: Hub
    network: Proxy
    crew: Crew
    people: Sequence[Person]
    project: ja.Project
    happened: list[str] = field(default_factory=list)
    _restarting: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))
    _restarts: list[Future[None]] = field(default_factory=list)

    def run(self) -> None:
        """Let everybody label, and things happen, until nothing is left for anybody."""
        chance = random.Random(self.plan.seed)
        acts = self._acts(chance)
        end = time.monotonic() + 60 * self.plan.minutes
        with self._restarting:
            while acts or not self._is_over():
                while acts and (self.crew.n_promised >= acts[0][0] or self.crew.is_resting):
                    _, name, act = acts.pop(0)
                    act()
                    self.happened.append(name)
                for person in self.people:
                    person.label(_BURST)
                    person.heed()
                self.crew.check()
                if time.monotonic() > end:
                    raise TimeoutError(self._where())
            self._wait_for_store()
        self.hub.wait_until_up()

    @property
    def n_left(self) -> int:
        """How often a page was left, perhaps within milliseconds of a key."""
        return sum(name in {"page loaded again", "server restarted"} for name in self.happened)

    def _is_over(self) -> bool:
        if not all(each.done() for each in self._restarts):
            return False
        for person in self.people:
            person.take_keyboard()
        everybody_saved = all(person.is_at_end and person.is_saved for person in self.people)
        return everybody_saved and self.crew.is_resting and self._is_complete()

    def _is_complete(self) -> bool:
        """Tell whether every item has its answers; what was held may just have become free."""
        if self.plan.overlap is not None:
            return ja.blockers(self.project).is_empty()
        return len(self.project.labels()) == self.plan.n_answers

    def _where(self) -> str:
        people = [each.describe() for each in self.people]
        busy = [kernel.annotator for kernel in self.crew if not kernel.is_resting]
        return f"Not over after {self.plan.minutes} minutes: {people}, still at work {busy}; {self.happened}"

    # -- what happens

    def _acts(self, chance: random.Random) -> list[tuple[int, str, Act]]:
        """Draw what happens, each at a number of answers of the scripted kernels."""
        plan = self.plan
        hub = [("hub killed", self._kill_hub), ("hub stopped", self._stop_hub)]
        page = [
            ("page loaded again", lambda: chance.choice(self.people).reload()),
            ("kernel restarted", lambda: chance.choice(self.people).restart_kernel()),
            ("server restarted", lambda: chance.choice(self.people).restart_server()),
            ("network cut", self._cut_network),
        ]
        drawn: list[tuple[str, Act]] = [
            *[("kernel killed", lambda: self.crew.kill_one(chance))] * plan.kernel_kills,
            *islice(cycle(hub), plan.hub_restarts),
            *[("database killed", self._kill_store)] * (plan.store_restarts if self.place.has_server else 0),
            *islice(cycle(page), plan.page_faults),
        ]
        chance.shuffle(drawn)
        # Answers of browsers are not counted; when the kernels are done all that is left happens.
        times = sorted(chance.uniform(0.05, 0.7) * plan.n_answers for _ in drawn)
        return [(int(at), name, act) for at, (name, act) in zip(times, drawn, strict=True)]

    def _kill_hub(self) -> None:
        self.hub.wait_until_up()
        self.hub.kill()
        self.hub.begin()

    def _stop_hub(self) -> None:
        self.hub.wait_until_up()
        self.hub.stop()
        self.hub.begin()

    def _kill_store(self) -> None:
        """End the database server; people go on meanwhile, and so does its start."""
        self._wait_for_store()
        self._restarts.append(self._restarting.submit(self.place.restart))

    def _wait_for_store(self) -> None:
        for each in self._restarts:
            each.result()

    def _cut_network(self) -> None:
        """Nothing comes through while everybody presses some keys; what was on its way is lost."""
        self.network.stall()
        for person in self.people:
            person.label(_BURST)
        self.network.reset()
        self.network.heal()


@contextlib.contextmanager
def arena(plan: Plan, place: Place, folder: Path, chromium: Browser) -> Iterator[Arena]:
    """Begin the project, start the hub and seat everybody; the kernels start when the browsers are ready."""
    place.add_members([LEAD, *plan.annotators])
    begin_project(place.location_of(LEAD), plan)
    hub = Hub(folder / "hub", tuple(plan.browsers), place.location, place.credentials)
    kernels = [Kernel(name, place, folder, plan.seed) for name in plan.kernels]
    crew = Crew(kernels)
    with contextlib.ExitStack() as closing:
        closing.callback(hub.close)
        closing.callback(crew.close)
        hub.begin()
        hub.wait_until_up()
        network = closing.enter_context(Proxy(hub.ports[0]).running())
        people = []
        for name in plan.browsers:
            context = chromium.new_context(viewport={"width": 1100, "height": 800})
            closing.callback(context.close)
            witnessed(context)
            people.append(Person.sit_down(hub, name, context.new_page(), network, seed=plan.seed))
        project = closing.enter_context(ja.Project.open(place.location_of(LEAD)))
        crew.begin()
        try:
            yield Arena(plan, place, hub, network, crew, people, project)
        except BaseException:
            for person in people:
                person.page.screenshot(path=folder / f"{person.annotator}.png")
            raise
