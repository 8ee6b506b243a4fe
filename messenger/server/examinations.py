"""Examines the server from inside, one examination at a time, while it goes on."""

import asyncio
from collections.abc import Mapping
from typing import Any

from messenger.language import speaking
from messenger.server.doctor.checks import Check
from messenger.server.doctor.examination import examine
from messenger.server.threads import call_in_loop, start_thread


class Examinations:
    """Holds the checks of the last examination, or of the one that runs.

    All but the examination itself is for the event loop's thread.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.number = 0
        self.is_running = False
        self.checks: list[Check] = []

    def start(
        self, arguments: Mapping[str, Any], environment: Mapping[str, str], language: str
    ) -> None:
        """Begin an examination of the server with these settings, unless one runs."""
        if self.is_running:
            return
        self.number += 1
        self.is_running = True
        self.checks = []

        def run() -> None:
            try:
                with speaking(language):
                    for check in examine(arguments, environment):
                        call_in_loop(self._loop, self.checks.append, check)
            finally:
                call_in_loop(self._loop, self._end)

        # It connects to the server as clients do, which the event loop has to answer.
        start_thread("doctor", run)

    def _end(self) -> None:
        self.is_running = False
