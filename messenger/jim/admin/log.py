"""The server's log, as administrators read and follow it."""

from typing import Literal

from msgspec import Struct, field

from messenger.jim.base import Reply, Request
from messenger.jim.fields import Name, Number, Word

LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]
"""The least level of the records that are shown."""


class LogRecord(Struct, omit_defaults=True):
    """A record of the log: `time` in the server's local time, `text` with its traceback."""

    time: str
    level: str
    module: str
    text: str


class LogPage(Reply):
    """The reply to `admin_log`, oldest first; with `next` as `after` new records are requested."""

    records: list[LogRecord] = field(default_factory=list)
    next: str = ""


class ReadLog(Request[LogPage], tag="admin_log", kw_only=True):
    """Request the last records from a level up that contain a text, or those `after` a page.

    The latest of the new ones comes with the next request. Who is more than 4 MB behind skips some.
    """

    answer = LogPage
    level: LogLevel = "DEBUG"
    text: Name = ""
    limit: Number = 100
    after: Word = ""
