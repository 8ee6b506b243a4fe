"""What happens each second: silent links are probed, marks of plain clients stored."""

import asyncio
import logging
import time
from collections.abc import Iterable

from messenger.jim.errors import ServerError
from messenger.jim.messages import Probe, encode
from messenger.server.config import Limits
from messenger.server.marks import Marks
from messenger.server.session import Session

_logger = logging.getLogger("messenger.server")

_SECOND = 1.0


class Pulse:
    """Beats once in a second, from `start` to `stop`."""

    def __init__(
        self,
        limits: Limits,
        loop: asyncio.AbstractEventLoop,
        sessions: Iterable[Session],
        marks: Marks,
    ) -> None:
        self._limits = limits
        self._loop = loop
        self._sessions = sessions
        self._marks = marks
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = self._loop.create_task(self._beat())

    def stop(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(_SECOND)
            try:
                self._probe()
                await self._marks.store_passed()
            except ServerError as error:
                _logger.warning("Marks are not stored now: %s", error)
            except Exception:
                _logger.exception("What happens each second failed")

    def _probe(self) -> None:
        """Ask silent links whether they are there; end those that were asked in vain."""
        now = self._loop.time()
        interval = self._limits.probe_interval
        frame = encode(Probe(time=time.time())) + b"\n"
        for session in list(self._sessions):
            silent = now - session.heard
            if silent < interval:
                session.probes = 0
            elif session.account is None or silent < interval * (session.probes + 1):
                continue
            elif session.probes >= self._limits.probes_missed:
                # One that never answered is perhaps of those that cannot.
                if session.greeted:
                    _logger.info("%r does not answer probes", session)
                    session.connection.abort()
            elif session.framer.newline:
                session.probes += 1
                session.connection.send(frame)
