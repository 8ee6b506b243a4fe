"""The client's logger and its file."""

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

from messenger.log.decorator import log_calls
from messenger.log.format import attach

LOGGER = logging.getLogger("messenger.client")

_MOST_BYTES = 5_000_000


def configure(directory: Path, level: str = "INFO") -> None:
    """Write `client.log` in the directory, and keep one older file. Raises OSError."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = RotatingFileHandler(
        directory / "client.log", maxBytes=_MOST_BYTES, backupCount=1, encoding="utf-8"
    )
    attach(LOGGER, file, level)
    log_calls(LOGGER)
