"""A small pool of threads that read the database, off the event loop."""

import asyncio
import logging
import queue
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from messenger.jim.errors import ServerError
from messenger.server.store import database
from messenger.server.store.backend import PATIENCE, PAUSE, RETRY_AFTER
from messenger.server.threads import call_in_loop, start_thread, wait_for_end

_logger = logging.getLogger("messenger.server")

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


class _Read:
    """A query and its result; until `end` (monotonic time) it is repeated if it fails."""

    __slots__ = ("end", "error", "future", "query", "result")

    def __init__(self, query: Callable[[Connection], Any], future: asyncio.Future[Any]) -> None:
        self.query = query
        self.future = future
        self.end = time.monotonic() + PATIENCE
        self.result: Any = None
        self.error: Exception | None = None


class ReadPool:
    """Runs queries; all methods are for the event loop's thread.

    All queries of one turn of the event loop go to one thread: waking it, and being woken by it,
    costs as much as a query.
    """

    def __init__(self, engine: Engine, loop: asyncio.AbstractEventLoop, count: int) -> None:
        self._engine = engine
        self._is_temporary = database.backend_of(engine).is_temporary
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
                connection = self._read(connection, read)
            call_in_loop(self._loop, _answer, batch)
        _drop(connection)

    def _read(self, connection: Connection | None, read: _Read) -> Connection | None:
        """Run a query, again and again while the database is away; return the connection."""
        while True:
            try:
                connection = connection or self._connect()
                read.result = read.query(connection)
            except SQLAlchemyError as error:
                # It may be broken: the next query gets another one.
                _drop(connection)
                connection = None
                if not self._is_temporary(error):
                    read.error = error
                elif time.monotonic() >= read.end:
                    _logger.error("The database cannot be read: %s", error)
                    read.error = ServerError(
                        "The server cannot read its database: try again later",
                        retry_after=RETRY_AFTER,
                    )
                else:
                    time.sleep(PAUSE)
                    continue
            except Exception as error:
                read.error = error
            return connection

    def _connect(self) -> Connection:
        # Each query sees the last commit; a transaction would keep an old snapshot.
        return self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")


def _drop(connection: Connection | None) -> None:
    """Close a connection, even a broken one."""
    if connection is not None:
        with suppress(SQLAlchemyError):
            connection.invalidate()
            connection.close()


def _answer(batch: list[_Read]) -> None:
    for read in batch:
        if read.future.done():
            continue
        if read.error is not None:
            read.future.set_exception(read.error)
        else:
            read.future.set_result(read.result)
