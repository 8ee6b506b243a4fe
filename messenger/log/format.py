"""The lines that both sides write: `<date-time> <level> <module name> <message>`."""

import logging
from pathlib import Path

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


def attach(logger: logging.Logger, handler: logging.FileHandler, level: str) -> None:
    """Have the logger write to the file and nowhere else, from the level on."""
    for old in list(logger.handlers):
        logger.removeHandler(old)
        old.close()
    handler.setFormatter(LineFormatter())
    Path(handler.baseFilename).chmod(0o600)
    logger.addHandler(handler)
    logger.setLevel(level)
    logger.propagate = False
