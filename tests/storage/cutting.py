"""A proxy that cuts a connection to a database at a chosen moment of a conversation."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Literal

from tests.ui.faults.proxy import Proxy, _abort

__all__ = ["CuttingProxy", "Moment"]

Moment = Literal["before", "during", "after"]


class CuttingProxy(Proxy):
    """Cuts once it is armed: the client's n-th message from then on is the last.

    `before`: the server never sees it. `during`: the server gets it, and nobody waits for what it says.
    `after`: the server answers, and the answer is lost.
    """

    def __init__(self, target: int) -> None:
        super().__init__(target)
        self.n_cuts = 0
        self._left = 0
        self._moment: Moment = "before"

    def arm(self, moment: Moment, message: int) -> None:
        """Cut at the n-th message of the client from now on."""
        self._moment, self._left = moment, message

    def disarm(self) -> None:
        """Pass everything."""
        self._left = 0

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream, server = await asyncio.open_connection("127.0.0.1", self._target)
        self._open |= {writer, server}
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        back = asyncio.create_task(self._pump("down", upstream, writer))
        with contextlib.suppress(OSError, asyncio.CancelledError):
            while data := await reader.read(1 << 16):
                self._left -= 1
                if self._left == 0:
                    await self._cut_at(data, back, upstream, server)
                    break
                server.write(data)
                await server.drain()
        back.cancel()
        for side in (writer, server):
            self._open.discard(side)
            _abort(side)

    async def _cut_at(
        self,
        data: bytes,
        back: asyncio.Task[None],
        upstream: asyncio.StreamReader,
        server: asyncio.StreamWriter,
    ) -> None:
        self.n_cuts += 1
        if self._moment == "before":
            return
        back.cancel()
        await asyncio.wait([back])
        server.write(data)
        await server.drain()
        if self._moment == "after":
            await upstream.read(1 << 16)
