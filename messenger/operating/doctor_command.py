"""`messenger doctor`: examines a server and its machine, and says what to do."""

import argparse
import sys

import msgspec

from messenger.admin.machine import check_lines
from messenger.command_line import settings_files
from messenger.operating.ending import DONE, NOT_NOW, WRONG, write_json
from messenger.output import write_line
from messenger.sdk.administration.results import DoctorCheck
from messenger.server.doctor.checks import Check, worst
from messenger.server.doctor.examination import examine
from messenger.ui.server_words import level_name

_CODES = {"ok": DONE, "warning": NOT_NOW, "failed": WRONG}
_COLOURS = {"ok": "32", "warning": "33", "failed": "31"}


def doctor(options: argparse.Namespace) -> int:
    """Print each check as soon as it is made."""
    levels = []
    for check in examine(settings_files(options)):
        levels.append(check.level)
        if options.json:
            write_json(check)
        else:
            _write(check)
    return _CODES[worst(levels)]


def _write(check: Check) -> None:
    word = level_name(check.level)
    if sys.stdout.isatty():
        word = f"\x1b[{_COLOURS[check.level]}m{word}\x1b[0m"
    shown = DoctorCheck(**msgspec.structs.asdict(check))
    for line in check_lines(shown, word):
        write_line(line, as_is=True)
