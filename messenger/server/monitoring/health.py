"""The page `/healthz`: whether the database answers and the journal commits."""

import asyncio
import time

from sqlalchemy.exc import SQLAlchemyError

from messenger.jim.errors import ServerError
from messenger.server.journal import Journal
from messenger.server.read_pool import ReadPool
from messenger.server.sessions import Sessions
from messenger.server.store import health as health_store

_PATIENCE = 4.0  # seconds: Kubernetes and Docker give up after some, and would learn no reason


class Health:
    """Checks what every request of a client needs."""

    def __init__(self, journal: Journal, read_pool: ReadPool, sessions: Sessions) -> None:
        self._journal = journal
        self._read_pool = read_pool
        self._sessions = sessions

    async def trouble(self) -> str:
        """Return what is wrong in one line, nothing if the server is healthy."""
        if self._sessions.closing:
            return "The server is stopping"
        for what, check in (("be read", self._read), ("be written", self._write)):
            try:
                async with asyncio.timeout(_PATIENCE / 2):
                    await check()
            except TimeoutError:
                return f"The database cannot {what} in time"
            # The reason is in the log: it may name hosts and files, which are not for everybody.
            except (ServerError, SQLAlchemyError):
                return f"The database cannot {what}: see the server's log"
        return ""

    async def _read(self) -> None:
        await self._read_pool.read(health_store.read)

    async def _write(self) -> None:
        await self._journal.write_independent(health_store.write, time.time())
