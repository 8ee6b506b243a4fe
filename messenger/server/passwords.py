"""Checks passwords: slow on purpose, so on threads of its own and with a limited queue."""

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from messenger.crypto import passwords
from messenger.crypto.passwords import Verifier
from messenger.jim.errors import TooMany

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


class Passwords:
    """Hashes and checks passwords; Argon2id releases the GIL meanwhile."""

    def __init__(self, loop: asyncio.AbstractEventLoop, max_waiting: int) -> None:
        self._loop = loop
        self._max_waiting = max_waiting
        self._waiting = 0
        self._pool = ThreadPoolExecutor(
            # Each check occupies a core: more threads would only use more memory.
            os.cpu_count(),
            thread_name_prefix="password",
            initializer=_step_back,
        )

    async def make(self, password: str) -> str:
        """Return the verifier of a new password."""
        verifier = await self._run(passwords.make_verifier, password)
        return verifier.encode()

    async def check(self, stored: str, password: str) -> tuple[bool, str | None]:
        """Tell whether the password is right, and return a new verifier if it is outdated."""
        verifier = Verifier.decode(stored)
        right = await self._run(passwords.check, verifier, password)
        if right and passwords.is_outdated(verifier):
            return True, await self.make(password)
        return right, None

    async def check_unknown(self, secret: bytes, name: str, password: str) -> None:
        """Take as long as for a known name, so that the time reveals nothing."""
        await self._run(passwords.check, passwords.fake_verifier(secret, name), password)

    def close(self) -> None:
        """End the threads."""
        # A hash that is being computed takes some 20 ms, and nobody waits for it any more.
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _run(
        self,
        work: Callable[_Arguments, _Result],
        *args: _Arguments.args,
        **kwargs: _Arguments.kwargs,
    ) -> _Result:
        if self._waiting >= self._max_waiting:
            raise TooMany("Too many clients are logging in: try again in a moment", retry_after=5)
        self._waiting += 1
        try:
            return await self._loop.run_in_executor(self._pool, lambda: work(*args, **kwargs))
        finally:
            self._waiting -= 1


def _step_back() -> None:
    """Let the event loop and the database go first (on Linux, where each thread has a priority)."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
