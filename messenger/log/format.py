"""The log format of both sides, `<date-time> <level> <module name> <message>`, and its files."""

import logging
import sys
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from typing import cast

from messenger.files import make_private, private_opener
from messenger.language import _
from messenger.output import write_error
from messenger.system_errors import reason_of

FORMAT = "%(asctime)s %(levelname)s %(module)s %(message)s"


class LineFormatter(logging.Formatter):
    """Formats a record; a call logged by `@log` shows the module of the called function.

    Line breaks in a message are escaped, so that no peer can fake a log line; those of a traceback
    are kept.
    """

    def __init__(self) -> None:
        super().__init__(FORMAT)

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        record.module = getattr(record, "function_module", record.module)
        return super().format(record)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  logging's name
        """Return the line without a traceback."""
        record.message = record.message.replace("\r", "\\r").replace("\n", "\\n")
        return super().formatMessage(record)


class PrivateFile(logging.FileHandler):
    """Writes to a file that nobody else can read, whatever the umask, also after a rotation.

    If it cannot be written, the program goes on: standard error gets one warning.
    """

    _reported = False

    def _open(self) -> TextIOWrapper:
        stream = open(  # noqa: SIM115  the handler closes it
            self.baseFilename,
            self.mode,
            encoding=self.encoding,
            errors=self.errors,
            opener=private_opener,
        )
        return cast("TextIOWrapper", stream)

    def close(self) -> None:
        """Close the file, even if its buffer cannot be written."""
        # On a full disk the last lines cannot be flushed, which must not end the program otherwise.
        with suppress(OSError):
            super().close()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802, ARG002  logging's name
        """Report, once, that a line could not be written."""
        # On a full disk every line fails.
        if not self._reported:
            self._reported = True
            error = sys.exc_info()[1]
            reason = reason_of(error)
            write_error(
                _(
                    "The log {file} cannot be written ({reason}) and is incomplete",
                    file=self.baseFilename,
                    reason=reason,
                )
            )


def attach(logger: logging.Logger, handler: logging.FileHandler, level: str) -> None:
    """Make the logger write records from `level` up to the file, and nowhere else."""
    # With two handlers each line would be written twice.
    for old in list(logger.handlers):
        logger.removeHandler(old)
        old.close()
    handler.setFormatter(LineFormatter())
    # An opener gives its mode to new files only: this one may exist, readable by others.
    make_private(Path(handler.baseFilename))
    logger.addHandler(handler)
    logger.setLevel(level)
    # Handlers of the root logger may write to standard error, into a full-screen client.
    logger.propagate = False
