"""Checks that the log can be written, and counts the latest errors in it."""

import os
from datetime import datetime
from pathlib import Path

from messenger.language import _, ngettext
from messenger.server.doctor.checks import Found
from messenger.server.log_reading import LogFilter, last_lines
from messenger.system_errors import reason_of

_DAY = 24 * 60 * 60  # seconds
_COUNTED = 100  # of the latest errors: more would say nothing new


def check_log(directory: Path, now: float) -> Found:
    """Check the log in a directory; `now` is unix time."""
    file = directory / "server.log"
    if not file.exists():
        return Found("ok", _("There is no log yet: the server's start makes it"))
    if not file.is_file() or not os.access(file, os.W_OK) or not os.access(directory, os.W_OK):
        said = _("The log {file} cannot be written", file=file)
        return Found("failed", said, _("Give it to the server's user, and look at the disk"))
    try:
        errors = last_lines(directory, _COUNTED, LogFilter("ERROR"))
    except OSError as error:
        said = _("The log {file} cannot be read: {reason}", file=file, reason=reason_of(error))
        return Found("warning", said, _("Give it to the server's user, and look at the disk"))
    recent = [one for one in errors if now - _time(one.time) < _DAY]
    if not recent:
        return Found("ok", _("The log has no errors of the last 24 hours"))
    said = ngettext(
        "The log has {count} error of the last 24 hours; the latest: {text}",
        "The log has {count} errors of the last 24 hours; the latest: {text}",
        len(recent),
        text=recent[-1].text.partition("\n")[0][:200],
    )
    return Found("warning", said, _("Read the log"))


def _time(text: str) -> float:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S,%f").timestamp()  # noqa: DTZ007  local time
