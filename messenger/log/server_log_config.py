"""The server's logger, and its file, which rotates daily."""

import logging
from logging.handlers import TimedRotatingFileHandler
from pathlib import Path

from messenger.files import private_directory
from messenger.log.decorator import log_calls
from messenger.log.format import PrivateFile, attach

LOGGER = logging.getLogger("messenger.server")


class _DailyFile(PrivateFile, TimedRotatingFileHandler):
    """A new file each day."""


def configure(directory: Path, level: str = "INFO", *, keep_days: int = 14) -> None:
    """Write `server.log` in the directory; keep old files for `keep_days`. Raises OSError."""
    private_directory(directory)
    file = _DailyFile(
        directory / "server.log",
        when="midnight",
        backupCount=keep_days,
        encoding="utf-8",
        # File names that are not UTF-8 have lone surrogates (PEP 383), which cannot be encoded.
        errors="backslashreplace",
    )
    attach(LOGGER, file, level)
    log_calls(LOGGER)


def set_level(level: str) -> None:
    """Write records from this level up from now on."""
    LOGGER.setLevel(level)
    log_calls(LOGGER)
