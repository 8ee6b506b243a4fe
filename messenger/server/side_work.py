"""Runs for administrators what takes long, beside the event loop: one of a kind at a time."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from messenger.jim.errors import BadRequest, Conflict
from messenger.language import speaking
from messenger.server.errors import CannotStart
from messenger.server.settings.toml_file import CannotSave
from messenger.server.threads import call_in_loop, run_in_thread

_Result = TypeVar("_Result")


class SideWork:
    """Runs functions in threads; a kind of work that runs is refused until it has ended."""

    def __init__(self) -> None:
        self._running: set[str] = set()

    def is_running(self, kind: str) -> bool:
        """Tell whether such work runs now."""
        return kind in self._running

    async def run(
        self, kind: str, work: Callable[[], _Result], *, seconds: float, language: str
    ) -> _Result:
        """Return the result; texts are made in this language.

        Raises Conflict if such work runs, or takes longer, or cannot be saved, and BadRequest for
        another CannotStart.
        """
        if kind in self._running:
            raise Conflict("This is being done already: wait until it has ended")
        loop = asyncio.get_running_loop()
        self._running.add(kind)

        def run() -> _Result:
            try:
                with speaking(language):
                    return work()
            finally:
                # Not when the wait ends: the thread may take longer.
                call_in_loop(loop, self._running.discard, kind)

        try:
            return await run_in_thread(kind, run, seconds)
        except TimeoutError:
            raise Conflict("It takes longer than {seconds} s", seconds=int(seconds)) from None
        except CannotStart as error:
            raise refusal_of(error) from error


def refusal_of(error: CannotStart) -> BadRequest | Conflict:
    """Return the refusal for what would keep a server from starting, or a file from being saved."""
    return Conflict(str(error)) if isinstance(error, CannotSave) else BadRequest(str(error))
