"""`messenger log`: shows the last records of the server's log, and new ones as they come."""

import argparse
import time
from contextlib import closing
from pathlib import Path

from messenger.admin.machine import record_line
from messenger.command_line import settings_files
from messenger.language import _
from messenger.operating.ending import DONE, NOT_NOW, fail, write_json
from messenger.output import write_line
from messenger.sdk.administration.results import LogRecord
from messenger.server.config import ConfigError, Settings, load_settings
from messenger.server.log_reading import LogFilter, LogLine, LogReader
from messenger.system_errors import reason_of

_PAUSE = 0.2  # seconds: people do not notice it, and it costs nothing


def log(options: argparse.Namespace) -> int:
    """Print records until there are no more, or with `--follow` until Ctrl+C."""
    directory = _data(options) / "log"
    wanted = LogFilter(options.level, options.text)
    try:
        with closing(LogReader(directory, wanted)) as reader:
            found = reader.last(options.lines)
            is_read = all(_write(options, line) for line in found)
            if options.follow:
                return _follow(options, reader) if is_read else DONE
            if not directory.is_dir():
                said = _("There is no log in {data}: no server has run there", data=directory)
                return fail(said, NOT_NOW)
    except KeyboardInterrupt:
        if not options.follow:
            raise
        return DONE  # that is how it ends
    except OSError as error:
        said = _("The log cannot be read: {reason}", reason=reason_of(error))
        return fail(said, NOT_NOW)
    return DONE


def _follow(options: argparse.Namespace, reader: LogReader) -> int:
    while all(_write(options, line) for line in reader.new()):
        time.sleep(_PAUSE)
    return DONE


def _write(options: argparse.Namespace, line: LogLine) -> bool:
    """Write a record; return whether anybody reads it."""
    if options.json:
        return write_json(line)
    return write_line(record_line(LogRecord(line.time, line.level, line.module, line.text)))


def _data(options: argparse.Namespace) -> Path:
    try:
        return load_settings(settings_files(options)).data
    except ConfigError:
        # The log may say what is wrong with them.
        found: Path | None = options.data
        return found or Settings().data
