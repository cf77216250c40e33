"""A faulty network: a TCP proxy between browser and server that can stall, refuse and cut."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Literal, TypeVar

Mode = Literal["pass", "stall", "refuse"]
#: To the server, or to the browser.
Way = Literal["up", "down"]
T = TypeVar("T")

_CHUNK = 1 << 16
#: Closing with this sends a reset at once and throws away what was not sent.
_RESET = struct.pack("ii", 1, 0)


class Proxy:
    """Passes bytes between a port of its own and the server's, as well as it is told to.

    `pass`: as a network should. `stall`: connections stay up and nothing moves, as when a tunnel dies.
    `refuse`: new connections are reset. A latency delays every chunk, seconds, each way. Whatever the mode,
    one way can be held by itself.
    """

    def __init__(self, target: int) -> None:
        self.port = 0
        self._target = target
        self._mode: Mode = "pass"
        self._latency = 0.0
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._flowing = asyncio.Event()
        self._ways: dict[Way, asyncio.Event] = {"up": asyncio.Event(), "down": asyncio.Event()}

    def heal(self) -> None:
        """Pass everything again; what was held up arrives now."""
        self._do(self._turn, "pass", 0.0)

    def stall(self) -> None:
        """Hold everything up; nobody is told."""
        self._do(self._turn, "stall", 0.0)

    def hold(self, way: Way) -> None:
        """Hold up what goes one way: requests, or their answers."""
        self._do(self._ways[way].clear)

    def release(self) -> None:
        """Let what was held go on its way, if its connection is still there."""
        for way in self._ways.values():
            self._do(way.set)

    def retarget(self, port: int) -> None:
        """Lead new connections to another server."""
        self._target = port

    def slow(self, seconds: float) -> None:
        """Delay everything."""
        self._do(self._turn, "pass", seconds)

    def reset(self) -> None:
        """Cut all connections; what was on its way is lost. New ones are as before."""
        self._do(self._cut)

    def refuse(self) -> None:
        """Cut all connections and let none in."""
        self._do(self._turn, "refuse", 0.0)
        self._do(self._cut)

    @contextlib.contextmanager
    def running(self) -> Iterator[Proxy]:
        """Run in a thread of its own."""
        thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        thread.start()
        try:
            server = self._wait(asyncio.run_coroutine_threadsafe(self._start(), self._loop))
            try:
                yield self
            finally:
                self._do(server.close)
        finally:
            self._wait(asyncio.run_coroutine_threadsafe(self._end(), self._loop))
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join()
            self._loop.close()

    # -- inside the loop

    async def _start(self) -> asyncio.Server:
        for event in (self._flowing, *self._ways.values()):
            event.set()
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    def _turn(self, mode: Mode, latency: float) -> None:
        self._mode, self._latency = mode, latency
        if mode == "pass":
            self._flowing.set()
        else:
            self._flowing.clear()

    def _cut(self) -> None:
        for writer in [*self._open]:
            _abort(writer)
        self._open.clear()

    async def _end(self) -> None:
        tasks = [*self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._cut()
        # A transport that was aborted closes its socket in the next turn of the loop.
        await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if self._mode == "refuse":
            _abort(writer)
            return
        self._open.add(writer)
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await self._flowing.wait()
            upstream, server = await asyncio.open_connection("127.0.0.1", self._target)
            self._open.add(server)
            both = self._pump("up", reader, server), self._pump("down", upstream, writer)
            await asyncio.gather(*both, return_exceptions=True)
            self._open.discard(server)
            server.close()
        self._open.discard(writer)
        writer.close()

    async def _pump(self, way: Way, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass bytes one way, until one side ends."""
        with contextlib.suppress(OSError):
            while data := await reader.read(_CHUNK):
                if self._latency:
                    await asyncio.sleep(self._latency)
                await self._flowing.wait()
                await self._ways[way].wait()
                writer.write(data)
                await writer.drain()
        with contextlib.suppress(OSError):
            writer.close()

    # -- from the test's thread

    def _do(self, act: Callable[..., object], *values: object) -> None:
        done: Future[None] = Future()

        def acted() -> None:
            act(*values)
            done.set_result(None)

        self._loop.call_soon_threadsafe(acted)
        self._wait(done)

    @staticmethod
    def _wait(future: Future[T]) -> T:
        return future.result(timeout=30)


def _abort(writer: asyncio.StreamWriter) -> None:
    connection = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()
