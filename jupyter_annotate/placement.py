"""Placement: where work on parts of the labels is done, here in turn or on a Dask cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

__all__ = ["Client", "Cluster", "Here", "Placement", "placement"]

Result = TypeVar("Result")


class Client(Protocol):
    """What is asked of a ``dask.distributed.Client``."""

    def submit(self, function: Callable[..., Any], *arguments: object, pure: bool) -> Any:  # noqa: ANN401 -- a future
        """Call a function on a worker."""

    def scatter(self, data: object, *, broadcast: bool) -> Any:  # noqa: ANN401 -- a future
        """Send data to the workers."""

    def compute(self, collections: object) -> Any:  # noqa: ANN401 -- a future
        """Compute a delayed value."""


class Placement(Protocol):
    """Where work is done. What is loaded stays where it is worked on."""

    def settle(self, delayed: Any) -> Any:  # noqa: ANN401 -- whatever it stands for
        """Take a value of ``dask.delayed`` as an argument for `load`."""

    def load(self, function: Callable[[Any], Result], arguments: Iterable[object]) -> Sequence[object]:
        """Call a function on each argument; return what `each` takes."""

    def each(
        self, function: Callable[..., Result], loaded: Sequence[object], *shared: object
    ) -> Iterator[Result]:
        """Call a function on all that was loaded, and on what is the same for all; in order."""


class Here:
    """One part after the other, in this process.

    Parameters
    ----------
    keep
        Whether what was loaded stays in memory, or is loaded again each time.
    """

    def __init__(self, *, keep: bool) -> None:
        self._keep = keep

    def settle(self, delayed: Any) -> Any:  # noqa: ANN401 -- whatever it stands for
        """Compute it."""
        return delayed.compute(scheduler="synchronous")

    def load(self, function: Callable[[Any], Result], arguments: Iterable[object]) -> Sequence[object]:
        """Call a function on each argument, now or when it is needed."""
        if self._keep:
            return [_Kept(function(argument)) for argument in arguments]
        return [_Later(function, argument) for argument in arguments]

    def each(
        self, function: Callable[..., Result], loaded: Sequence[Any], *shared: object
    ) -> Iterator[Result]:
        """Call a function on all that was loaded."""
        return (function(part.value, *shared) for part in loaded)


class _Kept:
    def __init__(self, value: object) -> None:
        self.value = value


class _Later:
    def __init__(self, function: Callable[[Any], object], argument: object) -> None:
        self._function, self._argument = function, argument

    @property
    def value(self) -> object:
        return self._function(self._argument)


class Cluster:
    """On the workers of a Dask cluster, which must see the same files.

    Parameters
    ----------
    client
        A ``dask.distributed.Client``.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    def settle(self, delayed: object) -> object:
        """Have it computed by a worker, where it stays."""
        return self._client.compute(delayed)

    def load(self, function: Callable[[Any], Result], arguments: Iterable[object]) -> Sequence[object]:
        """Have a function called on each argument; the results stay with the workers."""
        return [self._client.submit(function, argument, pure=False) for argument in arguments]

    def each(
        self, function: Callable[..., Result], loaded: Sequence[object], *shared: object
    ) -> Iterator[Result]:
        """Have a function called on all that was loaded, each where it is."""
        sent = [self._client.scatter(value, broadcast=True) for value in shared]
        futures = [self._client.submit(function, part, *sent, pure=False) for part in loaded]
        return (future.result() for future in futures)


def placement(client: Client | None, *, keep: bool) -> Placement:
    """Return the cluster of a client, or here."""
    return Here(keep=keep) if client is None else Cluster(client)
