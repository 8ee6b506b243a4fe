"""The verbs for the log and the doctor, as the command line has them."""

import argparse
from collections.abc import Iterator

from messenger.admin.output import Shown, plain
from messenger.language import _
from messenger.output import visible
from messenger.sdk.administration import Administration
from messenger.sdk.administration.results import DoctorCheck, LogPage, LogRecord
from messenger.ui.quantities import milliseconds
from messenger.ui.server_words import check_name, level_name

_CODES = {"ok": 0, "warning": 1, "failed": 2}


def examine(server: Administration, options: argparse.Namespace) -> Iterator[Shown]:
    """Show each check as soon as it is made; a program gets all of them at the end."""
    checks = []
    for check in server.doctor():
        checks.append(check)
        if not options.json:
            yield Shown(check_lines(check), None, _CODES[check.level])
    if options.json:
        worst = max(_CODES[check.level] for check in checks)
        yield Shown([], {"checks": plain(checks)}, worst)


def show_log(server: Administration, options: argparse.Namespace) -> Iterator[Shown]:
    """Show the last records, and with `follow` new ones until Ctrl+C."""
    page = server.log(options.level, options.text, limit=options.lines)
    yield _records(page)
    if not options.follow:
        return
    for new in server.follow_log(options.level, options.text, page.next):
        yield _records(new)


def check_lines(check: DoctorCheck, level: str = "") -> list[str]:
    """Return a check for people; `level` is its word if that is to look otherwise."""
    name = check_name(check.name)
    took = _("{count} ms", count=milliseconds(check.seconds))
    text = visible(f"{name}: {check.text} ({took})")
    line = f"{level or level_name(check.level)}: {text}"
    return [line, *(["    " + visible(check.advice)] if check.advice else [])]


def record_line(record: LogRecord) -> str:
    """Return a record of the log, with its traceback, for people."""
    head = f"{record.time} {record.level} {record.module} "
    return visible(head + record.text, lines=True)


def _records(page: LogPage) -> Shown:
    return Shown([record_line(one) for one in page.records], plain(page))
