"""A small pool of threads that read the database, off the event loop."""

import asyncio
import queue
import threading
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")

_Job = tuple[Callable[[Connection], Any], "asyncio.Future[Any]"]


class Readers:
    """Runs queries; all methods are for the event loop's thread."""

    def __init__(self, engine: Engine, loop: asyncio.AbstractEventLoop, count: int) -> None:
        self._engine = engine
        self._loop = loop
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._run, name=f"reader-{number}") for number in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def read(
        self,
        query: Callable[Concatenate[Connection, _Arguments], _Result],
        *args: _Arguments.args,
        **kwargs: _Arguments.kwargs,
    ) -> asyncio.Future[_Result]:
        """Run a query; the future has its result, or what it raised."""
        future: asyncio.Future[_Result] = self._loop.create_future()
        self._jobs.put((lambda connection: query(connection, *args, **kwargs), future))
        return future

    async def close(self) -> None:
        """Finish what is under way, and end the threads."""
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            await self._loop.run_in_executor(None, thread.join)

    def _run(self) -> None:
        connection = self._connect()
        while (job := self._jobs.get()) is not None:
            query, future = job
            try:
                result = query(connection)
            except Exception as error:
                if isinstance(error, SQLAlchemyError):
                    connection.invalidate()
                    connection.close()
                    connection = self._connect()
                self._loop.call_soon_threadsafe(_set_exception, future, error)
            else:
                self._loop.call_soon_threadsafe(_set_result, future, result)
        connection.close()

    def _connect(self) -> Connection:
        return self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")


def _set_result(future: asyncio.Future[Any], result: object) -> None:
    if not future.done():
        future.set_result(result)


def _set_exception(future: asyncio.Future[Any], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
