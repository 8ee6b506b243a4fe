"""A small pool of threads that read the database, off the event loop."""

import asyncio
import queue
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from messenger.server.threads import call_in_loop, start_thread, wait_for_end

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


class _Read:
    """A query and its result."""

    __slots__ = ("error", "future", "query", "result")

    def __init__(self, query: Callable[[Connection], Any], future: asyncio.Future[Any]) -> None:
        self.query = query
        self.future = future
        self.result: Any = None
        self.error: Exception | None = None


class ReadPool:
    """Runs queries; all methods are for the event loop's thread.

    All queries of one turn of the event loop go to one thread: waking it, and being woken by it,
    costs as much as a query.
    """

    def __init__(self, engine: Engine, loop: asyncio.AbstractEventLoop, count: int) -> None:
        self._engine = engine
        self._loop = loop
        self._gathering: list[_Read] = []
        self._batches: queue.SimpleQueue[list[_Read] | None] = queue.SimpleQueue()
        self._threads = [start_thread(f"reader-{number}", self._run) for number in range(count)]

    def read(
        self,
        query: Callable[Concatenate[Connection, _Arguments], _Result],
        *args: _Arguments.args,
        **kwargs: _Arguments.kwargs,
    ) -> asyncio.Future[_Result]:
        """Run a query; the future gets its result, or its exception."""
        future: asyncio.Future[_Result] = self._loop.create_future()
        if not self._gathering:
            self._loop.call_soon(self._hand_over)
        self._gathering.append(_Read(lambda connection: query(connection, *args, **kwargs), future))
        return future

    async def close(self) -> None:
        """Finish the pending queries, and end the threads."""
        self._hand_over()
        for _ in self._threads:
            self._batches.put(None)
        await wait_for_end(self._threads)

    def _hand_over(self) -> None:
        batch, self._gathering = self._gathering, []
        if batch:
            self._batches.put(batch)

    def _run(self) -> None:
        connection: Connection | None = None
        while (batch := self._batches.get()) is not None:
            for read in batch:
                try:
                    connection = connection or self._connect()
                    read.result = read.query(connection)
                except Exception as error:
                    read.error = error
                    if isinstance(error, SQLAlchemyError) and connection is not None:
                        # It may be broken: the next query gets another one.
                        connection.invalidate()
                        connection.close()
                        connection = None
            call_in_loop(self._loop, _answer, batch)
        if connection is not None:
            connection.close()

    def _connect(self) -> Connection:
        # Each query sees the last commit; a transaction would keep an old snapshot.
        return self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")


def _answer(batch: list[_Read]) -> None:
    for read in batch:
        if read.future.done():
            continue
        if read.error is not None:
            read.future.set_exception(read.error)
        else:
            read.future.set_result(read.result)
