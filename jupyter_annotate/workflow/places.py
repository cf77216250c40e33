"""Places: the state machine of one item, that is which annotators take its places and who came too late."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

from jupyter_annotate.events import EventKind
from jupyter_annotate.workflow.steps import Step

__all__ = ["Holder", "Places", "State"]


class State(IntEnum):
    """Where an annotator stands with an item."""

    LEASED = 1
    DONE = 2
    SKIPPED = 3
    LATE = 4
    EXPIRED = 5


#: The state an event of a lease finds a holder in, and the one it leaves; otherwise it changes nothing.
_LEASES: dict[str, tuple[State, State]] = {
    EventKind.ASSIGN: (State.EXPIRED, State.LEASED),
    EventKind.EXPIRE: (State.LEASED, State.EXPIRED),
    EventKind.RELEASE: (State.LEASED, State.EXPIRED),
}


@dataclass(slots=True)
class Holder:
    """One annotator and one item.

    Parameters
    ----------
    state
        Where it stands.
    since
        Time of the event that brought it there, microseconds.
    decisions
        Answers and skips that stand, by submission; None if they were not kept.
    """

    state: State
    since: int
    decisions: dict[str, str] | None = field(default_factory=dict)

    def note(self, kind: str, decision: str) -> None:
        """Keep a decision as the last one."""
        if self.decisions is not None:
            self.decisions.pop(decision, None)
            self.decisions[decision] = kind


@dataclass(slots=True)
class Places:
    """The places of one item.

    Parameters
    ----------
    overlap
        How many there are.
    holders
        By annotator.
    """

    overlap: int
    holders: dict[str, Holder] = field(default_factory=dict)

    @property
    def done(self) -> int:
        """How many answers count."""
        return sum(holder.state is State.DONE for holder in self.holders.values())

    @property
    def used(self) -> int:
        """How many places are taken: by answers, or by somebody who may still answer."""
        return sum(holder.state <= State.DONE for holder in self.holders.values())

    def apply(self, step: Step) -> bool:
        """Take one step in. False: an undo that cannot be followed, since the decisions were not kept."""
        kind = step.kind
        holder = self.holders.setdefault(step.annotator_id, Holder(State.EXPIRED, step.at))
        before = holder.state
        if kind == EventKind.UNDO:
            if holder.decisions is None:
                return False
            self._take_back(holder, step.named or [])
        elif kind in _LEASES:
            if before is _LEASES[kind][0]:
                holder.state = _LEASES[kind][1]
        else:
            holder.note(kind, step.decision)
            self._decide(holder, kind)
        if holder.state is not before:
            holder.since = step.at
        self._move_up()
        return True

    def _take_back(self, holder: Holder, named: list[str]) -> None:
        """Stand where the last decision that was not taken back says; an item nobody decided is in hand."""
        decisions = holder.decisions or {}
        for known in [*decisions]:
            if any(each == known or each.startswith(f"{known}.") for each in named):
                del decisions[known]
        if decisions:
            self._decide(holder, next(reversed(decisions.values())))
        elif holder.state is State.DONE:
            holder.state = State.LEASED
        elif holder.state is not State.LEASED:
            holder.state = State.LEASED if self.used < self.overlap else State.EXPIRED

    def _decide(self, holder: Holder, kind: str) -> None:
        if kind == EventKind.SKIP:
            holder.state = State.SKIPPED
        elif holder.state is State.LEASED:
            holder.state = State.DONE if self.done < self.overlap else State.LATE
        elif holder.state is not State.DONE:
            holder.state = State.DONE if self.used < self.overlap else State.LATE

    def _move_up(self) -> None:
        """Let an answer that came too late count once a place is free again."""
        for holder in self.holders.values():
            if holder.state is State.LATE and self.used < self.overlap:
                holder.state = State.DONE
