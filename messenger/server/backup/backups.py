"""The backups of a running server: made when they are due or asked for, and what became of them."""

import asyncio
import logging
import os
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

import messenger
from messenger.jim.errors import Conflict
from messenger.language import _
from messenger.server.backup.errors import BackupFailed
from messenger.server.backup.job import Job, Report, encode_job
from messenger.server.backup.orders import RestoreOutcome
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
    """What became of the backups since the server's start.

    `work` is what is done now, to the backup `subject` or to none, and `progress` how far that is;
    `number` counts what was done. `failure` is a sentence, empty if the last of it succeeded.
    `restored` is the backup with which the server has started, and `moved` where the data before
    are, if one was restored.
    """

    work: Literal["", "backup", "verification"] = ""
    subject: str = ""
    number: int = 0
    progress: Progress | None = None
    failure: str = ""
    restored: str = ""
    moved: str = ""


class Verified(NamedTuple):
    """When a backup was verified (unix time), and what was wrong; empty for nothing."""

    at: float
    problem: str


class Backups:
    """Makes backups into a directory, of which the newest `keep` stay, and verifies them.

    One at a time; `verified` has the results by the names of their files. Reserve the work, then
    begin it.

    The work is done by another process: it would hold up the event loop, even in a thread.
    """

    def __init__(self, source: Source, directory: Path, keep: int) -> None:
        self._source = source
        self.directory = directory
        self._keep = keep
        self._process: subprocess.Popen[bytes] | None = None
        self._file: Path | None = None
        self._is_cancelled = False
        self._task: asyncio.Task[None] | None = None
        self.state = BackupState()
        self.verified: dict[str, Verified] = {}

    def tell(self, restored: RestoreOutcome | None) -> None:
        """Tell what became of a backup that was to be restored before this start."""
        if restored is None:
            return
        self.state = BackupState(failure=restored.failure, moved=restored.moved)
        if not restored.failure:
            self.state = replace(self.state, restored=restored.backup)

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
        if self.state.work:
            said = _(
                "Another backup is being made in {directory}: wait for it", directory=self.directory
            )
            raise BackupFailed(said)
        self.reserve("backup")
        return await self._run()

    def reserve(self, work: Literal["backup", "verification"], file: Path | None = None) -> None:
        """Let nothing else be done until `begin` or `release`; raises Conflict if something is.

        `file` is the backup to verify.
        """
        self.check_idle()
        self._file = file
        self._is_cancelled = False
        subject = file.name if file is not None else ""
        number = self.state.number + 1
        self.state = replace(self.state, work=work, subject=subject, number=number, failure="")

    def check_idle(self) -> None:
        """Raise Conflict if something is done."""
        if self.state.work:
            raise Conflict("Another backup is being made or verified: wait until it has ended")

    def release(self) -> None:
        """Do nothing of what was reserved."""
        self.state = replace(self.state, work="", subject="", progress=None)

    def begin(self) -> None:
        """Do what was reserved, while the server goes on; its state tells what comes of it."""
        self._task = asyncio.get_running_loop().create_task(self._try())

    def cancel(self) -> None:
        """End what is being done; nothing of it stays."""
        self._is_cancelled = True
        process = self._process
        if process is not None and process.stdin is not None:
            process.stdin.close()

    async def _try(self) -> None:
        with suppress(BackupFailed):  # It was logged.
            await self._run()

    async def _run(self) -> Path:
        file = self._file
        try:
            done = await asyncio.to_thread(self._work)
        except (BackupFailed, OSError, msgspec.MsgspecError) as error:
            self._failed(file, str(error))
            raise BackupFailed(str(error)) from error
        finally:
            self.release()
        if file is not None:
            self.verified[file.name] = Verified(time.time(), "")
            _logger.info("A backup was verified: %s", done)
        else:
            _logger.info("A backup was made: %s", done)
        return done

    def _failed(self, file: Path | None, reason: str) -> None:
        self.state = replace(self.state, failure=reason)
        if file is None:
            _logger.error("No backup was made: %s", reason)
        elif not self._is_cancelled:
            self.verified[file.name] = Verified(time.time(), reason)
            _logger.error("A backup was verified, and is not good: %s", reason)

    def _due_in(self, every: float) -> float:
        """Return the seconds until the next backup."""
        try:
            newest = next(iter(backups_in(self.directory)), None)
        except OSError:
            return 0.0  # What makes it says why it cannot be.
        if newest is None:
            return 0.0
        # A clock that was ahead and is set back must not put it off.
        return min(newest.made_at + every - time.time(), every)

    def _work(self) -> Path:
        """Have a process do what was reserved; it ends with this one. Raises BackupFailed."""
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
            job = Job(self._source, self.directory, self._keep, self._file)
            process.stdin.write(encode_job(job))
            process.stdin.flush()
            if self._is_cancelled:  # before there was a process
                process.stdin.close()
            for line in process.stdout:
                report = msgspec.json.decode(line, type=Report)
                if report.progress is not None:
                    self.state = replace(self.state, progress=report.progress)
        self._process = None
        if report.made:
            return Path(report.made)
        raise BackupFailed(report.failed or _("The backup was cancelled"))
