"""The server's logger, and its file, which rotates daily."""

import logging
from logging.handlers import TimedRotatingFileHandler
from pathlib import Path

from messenger.log.decorator import log_calls
from messenger.log.format import attach

LOGGER = logging.getLogger("messenger.server")


def configure(directory: Path, level: str = "INFO", *, keep_days: int = 14) -> None:
    """Write `server.log` in the directory; keep the files of the last days. Raises OSError."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = TimedRotatingFileHandler(
        directory / "server.log", when="midnight", backupCount=keep_days, encoding="utf-8"
    )
    attach(LOGGER, file, level)
    log_calls(LOGGER)
