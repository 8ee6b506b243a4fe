"""A ticker that runs once a second, and probes of silent connections."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable

from messenger.jim.codec import encode
from messenger.jim.errors import ServerError
from messenger.jim.session import Probe
from messenger.server.limits import Limits
from messenger.server.records import Session

_logger = logging.getLogger("messenger.server")

_SECOND = 1.0  # the settings' times are seconds, and nobody notices one more


class Ticker:
    """Calls `tick` once a second, from `start` to `stop`; a failure is logged."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, tick: Callable[[], Awaitable[None]]
    ) -> None:
        self._loop = loop
        self._tick = tick
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = self._loop.create_task(self._run())

    def stop(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(_SECOND)
            try:
                await self._tick()
            except ServerError as error:
                _logger.warning("The database cannot be written: %s", error)
            except Exception:
                _logger.exception("A tick failed")


def probe(sessions: Iterable[Session], limits: Limits, now: float) -> None:
    """Probe silent connections; abort those that have not answered earlier probes."""
    interval = limits.probe_interval
    frame = encode(Probe(time=time.time())) + b"\n"
    for session in list(sessions):
        if session.heard >= session.probed:
            session.probes = 0
        silent = now - session.heard
        if session.account is None or silent < interval * (session.probes + 1):
            continue
        if session.probes >= limits.probes_missed:
            # A client that has not greeted may not know probes.
            if session.greeted:
                _logger.info("%r does not answer probes", session)
                session.connection.abort()
        elif session.framer.newline:
            session.probes += 1
            session.probed = now
            session.connection.send(frame)
