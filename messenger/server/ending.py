"""How a running server ends: for good, or to be started anew in its process."""

import asyncio

from messenger.jim.errors import Conflict
from messenger.server.backup.orders import RestoreOrder


class Ending:
    """The end that a running server waits for.

    `can_restart` tells whether its process would start it anew; `order`, once it has ended for
    that, which backup is to be restored before.
    """

    def __init__(self, *, can_restart: bool) -> None:
        self.can_restart = can_restart
        self.order: RestoreOrder | None = None
        self._is_wanted = False
        self._is_final = False
        self._is_reserved = False
        self._ends = asyncio.Event()

    @property
    def is_restart(self) -> bool:
        """Whether it is to be started anew; that may change until it is."""
        return self._is_wanted and not self._is_final

    async def wait(self) -> None:
        """Wait until the server is to end."""
        await self._ends.wait()

    def end(self) -> None:
        """End the server for good, even if it is ending to be restarted."""
        self.forbid_restart()
        self._ends.set()

    def forbid_restart(self) -> None:
        """Let the end be for good, whenever it comes; a signal may call this at any time."""
        self._is_final = True

    def reserve(self) -> None:
        """Let nobody else restart the server until `release`; raises Conflict if somebody does."""
        if self._is_reserved:
            raise Conflict("The server is being restarted already")
        self._is_reserved = True

    def release(self) -> None:
        """Go on: the restart that was reserved has failed."""
        self._is_reserved = False

    def restart(self, order: RestoreOrder | None = None) -> None:
        """End the server so that it is started anew, unless it is ending already.

        With an `order`, a backup is restored before.
        """
        if not self._ends.is_set():
            self._is_wanted = True
            self.order = order
            self._ends.set()
