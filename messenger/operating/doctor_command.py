"""`messenger doctor`: examines a server and its machine, and says what to do."""

import argparse
import sys

from messenger.language import N_, _
from messenger.operating.ending import DONE, NOT_NOW, WRONG, given, level_word, write_json
from messenger.output import visible, write_line
from messenger.server.doctor.checks import Check, milliseconds, worst
from messenger.server.doctor.examination import examine

_NAMES = {
    "settings": N_("settings"),
    "port": N_("port"),
    "public_address": N_("public address"),
    "tls": N_("TLS"),
    "certificate": N_("certificate"),
    "round_trip": N_("round trip"),
    "clock": N_("clock"),
    "disk": N_("disk"),
    "database": N_("database"),
    "integrity": N_("integrity"),
    "rights": N_("rights of files"),
    "open_files": N_("open files"),
    "log": N_("log"),
}
_CODES = {"ok": DONE, "warning": NOT_NOW, "failed": WRONG}
_COLOURS = {"ok": "32", "warning": "33", "failed": "31"}


def doctor(options: argparse.Namespace) -> int:
    """Print each check as soon as it is made."""
    levels = []
    for check in examine(given(options)):
        levels.append(check.level)
        if options.json:
            write_json(check)
        else:
            _write(check)
    return _CODES[worst(levels)]


def _write(check: Check) -> None:
    word = level_word(check.level)
    if sys.stdout.isatty():
        word = f"\x1b[{_COLOURS[check.level]}m{word}\x1b[0m"
    name = _(_NAMES[check.name])
    line = visible(f"{name}: {check.text} ({milliseconds(check.seconds)} ms)")
    write_line(f"{word}: {line}", as_is=True)
    if check.advice:
        write_line("    " + visible(check.advice))
