"""The lines that both sides write: `<date-time> <level> <module name> <message>`."""

import logging
import sys
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from typing import cast

from messenger.files import make_private, private_opener
from messenger.language import _
from messenger.output import write_error

FORMAT = "%(asctime)s %(levelname)s %(module)s %(message)s"


class LineFormatter(logging.Formatter):
    """Formats a record; a call logged by `@log` bears the module of the function called.

    What others wrote cannot begin a line of its own: line breaks in a message are shown escaped,
    those of a traceback are kept.
    """

    def __init__(self) -> None:
        super().__init__(FORMAT)

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        record.module = getattr(record, "function_module", record.module)
        return super().format(record)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  its name there
        """Return the line without a traceback."""
        record.message = record.message.replace("\r", "\\r").replace("\n", "\\n")
        return super().formatMessage(record)


class PrivateFile(logging.FileHandler):
    """Writes to a file that nobody else can read, whatever the umask, also after a rotation.

    A log that cannot be written stops nobody: standard error is told, once.
    """

    _complained = False

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
        """Close the file, whether or not what is left can be written."""
        with suppress(OSError):
            super().close()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802, ARG002  its name there
        """Take notice that a line could not be written."""
        if not self._complained:
            self._complained = True
            error = sys.exc_info()[1]
            reason = getattr(error, "strerror", None) or error
            write_error(
                _(
                    "The log {file} cannot be written ({reason}): lines are missing in it",
                    file=self.baseFilename,
                    reason=reason,
                )
            )


def attach(logger: logging.Logger, handler: logging.FileHandler, level: str) -> None:
    """Have the logger write to the file and nowhere else, from the level on."""
    for old in list(logger.handlers):
        logger.removeHandler(old)
        old.close()
    handler.setFormatter(LineFormatter())
    make_private(Path(handler.baseFilename))
    logger.addHandler(handler)
    logger.setLevel(level)
    logger.propagate = False
