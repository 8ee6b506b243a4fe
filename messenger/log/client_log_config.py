"""The client's logger and its file."""

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

from messenger.files import private_directory
from messenger.log.decorator import log_calls
from messenger.log.format import PrivateFile, attach

LOGGER = logging.getLogger("messenger.client")

_MAX_BYTES = 5_000_000  # with the older file at most 10 MB of a user's disk


class _LimitedFile(PrivateFile, RotatingFileHandler):
    """A file that is rotated when it has grown large."""


def configure(directory: Path, level: str = "INFO") -> None:
    """Write `client.log` in the directory, and keep one older file. Raises OSError."""
    private_directory(directory)
    file = _LimitedFile(
        directory / "client.log",
        maxBytes=_MAX_BYTES,
        backupCount=1,
        encoding="utf-8",
        # File names that are not UTF-8 have lone surrogates (PEP 383), which cannot be encoded.
        errors="backslashreplace",
    )
    attach(LOGGER, file, level)
    log_calls(LOGGER)
