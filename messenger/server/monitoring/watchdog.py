"""Signs of life for the service manager, as long as the event loop and the journal answer."""

import asyncio
import faulthandler
from contextlib import suppress

from messenger.jim.errors import ServerError
from messenger.server.journal import Journal
from messenger.server.monitoring.service_manager import ServiceManager

_SHARE = 0.5  # of the time that is allowed: what sd_watchdog_enabled(3) recommends


class Watchdog:
    """Gives a sign of life twice within the time that the manager allows, from `start` to `stop`.

    An error is an answer, too: a database that is away comes back sooner without a restart.
    """

    def __init__(self, manager: ServiceManager, journal: Journal) -> None:
        self._manager = manager
        self._journal = journal
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, if the manager expects it."""
        if not self._manager.watchdog:
            return
        # It ends a server that hangs by SIGABRT: the journal of the system then has its stacks.
        with suppress(RuntimeError, OSError, ValueError, AttributeError):  # no standard error
            faulthandler.enable()
        self._task = asyncio.get_running_loop().create_task(self._run())

    def stop(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        while True:
            # Without a change: it takes the way through the thread and the database.
            with suppress(ServerError):
                await self._journal.write_independent(lambda _connection: None)
            self._manager.alive()
            await asyncio.sleep(_SHARE * self._manager.watchdog)
