"""Makes or verifies a backup for a server in another process, without holding up its event loop.

The server writes a `Job` as a line of JSON, and keeps standard input open for as long as it wants
the backup; the lines of standard output are each a `Report`.
"""

import os
import sys
import threading
import time
from pathlib import Path

import msgspec

from messenger.output import write_line
from messenger.server.backup.job import Job, Report, decode_job
from messenger.server.backup.making import make_backup
from messenger.server.backup.progress import Progress
from messenger.server.backup.retention import prune
from messenger.server.backup.verifying import verify_backup
from messenger.server.errors import CannotStart

_PAUSE = 0.2  # seconds between two reports: nobody sees more
_NICE = 10  # the server goes first


class Cancelled(Exception):
    """The server does not want the backup any more, or has ended."""


def main() -> int:
    """Do what the server wants; return the exit code."""
    os.umask(0o077)
    if hasattr(os, "nice"):
        os.nice(_NICE)
    job = decode_job(sys.stdin.buffer.readline())
    try:
        made = _do(job)
    except Cancelled:
        return 1
    except CannotStart as error:
        _write(Report(failed=str(error)))
        return 2
    except Exception as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        _write(Report(failed=reason))
        return 2
    _write(Report(made=str(made)))
    return 0


def _do(job: Job) -> Path:
    """Make or verify a backup; return its file."""
    report = _Reporter().show
    if job.verified is not None:
        verify_backup(job.verified, report)
        return job.verified
    made = make_backup(job.source, job.directory, report)
    prune(job.directory, job.keep)
    return made.file


class _Reporter:
    """Reports progress, until standard input ends."""

    def __init__(self) -> None:
        self._is_cancelled = False
        self._phase = ""
        self._next = 0.0
        threading.Thread(target=self._wait, daemon=True).start()

    def show(self, progress: Progress) -> None:
        """Report a step, if the last report is old enough; raises Cancelled."""
        if self._is_cancelled:
            raise Cancelled
        now = time.monotonic()
        if progress.phase != self._phase or now >= self._next:
            self._phase, self._next = progress.phase, now + _PAUSE
            _write(Report(progress))

    def _wait(self) -> None:
        # Not by the file object: its lock would be held when the interpreter ends.
        while os.read(0, 1024):
            pass
        self._is_cancelled = True


def _write(report: Report) -> None:
    write_line(msgspec.json.encode(report).decode(), as_is=True)


if __name__ == "__main__":
    sys.exit(main())
