"""What a server and the process that makes its backup tell each other, as lines of JSON."""

from pathlib import Path
from typing import Any

import msgspec

from messenger.server.backup.progress import Progress
from messenger.server.backup.source import Source


class Job(msgspec.Struct):
    """A backup to make in a directory, where so many of the newest stay afterwards.

    Or the backup `verified` is verified, and nothing is made.
    """

    source: Source
    directory: Path
    keep: int
    verified: Path | None = None


class Report(msgspec.Struct, omit_defaults=True):
    """How far a backup is; or at last the file that was made, or a sentence that says why not."""

    progress: Progress | None = None
    made: str = ""
    failed: str = ""


def encode_job(job: Job) -> bytes:
    """Return a job as a line."""
    return msgspec.json.encode(job, enc_hook=str) + b"\n"


def decode_job(line: bytes) -> Job:
    """Return the job in a line."""
    return msgspec.json.decode(line, type=Job, dec_hook=_path)


def _path(_kind: Any, value: Any) -> Any:
    return Path(value)
