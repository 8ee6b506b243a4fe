"""The backups of a running server: made when they are due or asked for, and what became of them."""

import asyncio
import logging
import os
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

import messenger
from messenger.language import _
from messenger.server.backup.errors import BackupFailed
from messenger.server.backup.job import Job, Report, encode_job
from messenger.server.backup.progress import Progress
from messenger.server.backup.retention import backups_in
from messenger.server.backup.source import Source

_logger = logging.getLogger("messenger.server")

_HOUR = 3600.0  # seconds: the setting is in hours
_LOOKS_EVERY = 60.0  # seconds: a clock that is set, or a suspended machine, puts nothing off
_TRIES_AGAIN_AFTER = 900.0  # seconds: the operator may have made space meanwhile
_WORKER = "messenger.server.backup.worker"


@dataclass(frozen=True, slots=True)
class BackupState:
    """What became of the backups since the server's start; times are unix time.

    `progress` is that of the backup that is being made. `failure` is a sentence, empty if the last
    one was made.
    """

    progress: Progress | None = None
    is_running: bool = False
    made: str = ""
    made_at: float | None = None
    failure: str = ""
    failed_at: float | None = None


class Backups:
    """Makes backups into a directory, of which the newest `keep` stay; one at a time.

    The work is done by another process: it would hold up the event loop, even in a thread.
    """

    def __init__(self, source: Source, directory: Path, keep: int) -> None:
        self._source = source
        self._directory = directory
        self._keep = keep
        self._process: subprocess.Popen[bytes] | None = None
        self.state = BackupState()

    async def run_every(self, hours: float) -> None:
        """Make a backup whenever the newest one is so old, for ever; failures are logged."""
        tried_at = -_TRIES_AGAIN_AFTER
        while True:
            wait = max(
                await asyncio.to_thread(self._due_in, hours * _HOUR),
                tried_at + _TRIES_AGAIN_AFTER - time.monotonic(),
            )
            if wait > 0:
                await asyncio.sleep(min(wait, _LOOKS_EVERY))
                continue
            try:
                await self.make()
            except BackupFailed:
                tried_at = time.monotonic()  # It was logged.

    async def make(self) -> Path:
        """Make a backup now; raises BackupFailed."""
        if self.state.is_running:
            directory = self._directory
            said = _(
                "Another backup is being made in {directory}: wait for it", directory=directory
            )
            raise BackupFailed(said)
        self.state = replace(self.state, is_running=True)
        try:
            made = await asyncio.to_thread(self._work)
        except (BackupFailed, OSError, msgspec.MsgspecError) as error:
            _logger.error("No backup was made: %s", error)
            self.state = replace(self.state, failure=str(error), failed_at=time.time())
            raise BackupFailed(str(error)) from error
        finally:
            self.state = replace(self.state, progress=None, is_running=False)
        _logger.info("A backup was made: %s", made)
        self.state = replace(self.state, made=str(made), made_at=time.time(), failure="")
        return made

    def cancel(self) -> None:
        """End the backup that is being made; nothing of it stays."""
        process = self._process
        if process is not None and process.stdin is not None:
            process.stdin.close()

    def _due_in(self, every: float) -> float:
        """Return the seconds until the next backup."""
        try:
            newest = next(iter(backups_in(self._directory)), None)
        except OSError:
            return 0.0  # What makes it says why it cannot be.
        if newest is None:
            return 0.0
        # A clock that was ahead and is set back must not put it off.
        return min(newest.made_at + every - time.time(), every)

    def _work(self) -> Path:
        """Have a process make a backup; it ends with this one. Raises BackupFailed."""
        root = str(Path(messenger.__file__).parents[1])
        path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH", ""))))
        report = Report()
        with subprocess.Popen(  # noqa: S603  this program itself
            [sys.executable, "-m", _WORKER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"PYTHONPATH": path},
        ) as process:
            self._process = process
            assert process.stdin is not None
            assert process.stdout is not None
            job = Job(self._source, self._directory, self._keep)
            process.stdin.write(encode_job(job))
            process.stdin.flush()
            for line in process.stdout:
                report = msgspec.json.decode(line, type=Report)
                if report.progress is not None:
                    self.state = replace(self.state, progress=report.progress)
        self._process = None
        if report.made:
            return Path(report.made)
        raise BackupFailed(report.failed or _("The backup was cancelled"))
