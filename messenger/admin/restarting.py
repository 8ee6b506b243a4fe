"""The verbs after which the server starts anew; on its machine they wait until it is back."""

import argparse
import sys
import time
from pathlib import Path

from messenger.admin.output import Shown, plain
from messenger.admin.secrets import confirm
from messenger.command_line import settings_files
from messenger.jim.errors import ProtocolError
from messenger.language import _, ngettext, own_language
from messenger.offline_restore import restore_offline
from messenger.offline_server import CannotStart, is_in_use, running_server, server_settings
from messenger.output import visible, write_error
from messenger.sdk.administration import Administration, on_socket
from messenger.sdk.administration.results import Backups, Restarting
from messenger.sdk.errors import ClientError
from messenger.sdk.invitation import parse_server
from messenger.terminal_progress import TerminalProgress
from messenger.ui.backup_phases import phase_words
from messenger.ui.wording import server_name

_RESTARTING = 120.0  # seconds: a database of another machine may take 30, an upgrade longer
_RESTORING = 86_400.0  # seconds: as long as the server's service manager waits
_GONE = 30.0  # seconds: whoever starts a server that has failed waits a little before
_INTERVAL = 0.1  # seconds


def restart_server(server: Administration, options: argparse.Namespace) -> Shown:
    """Restart the server, once the operator has confirmed it; on this machine wait for it."""
    _confirm(server, options, _("Restart the server?"))
    before = server.stats().now.started
    found = server.restart()
    if options.server is not None:
        return _far_away(found, options)
    if not options.json:
        write_error(found.alert or "")
    if _when_back(options, before, _RESTARTING) is None:
        return _missing(found)
    return Shown([_("It is back, on port {port}.", port=found.port)], plain(found))


def restore_backup(server: Administration, options: argparse.Namespace) -> Shown:
    """Restore one of the server's backups; on this machine wait until the server is back."""
    _confirm(server, options, _question(options.backup))
    before = server.stats().now.started
    found = server.restore_backup(options.backup)
    if options.server is not None:
        return _far_away(found, options)
    if not options.json:
        write_error(found.alert or "")
    backups = _when_back(options, before, _RESTORING)
    # A kill may have been in between: the server that is back then does not know.
    if backups is None or not (backups.restored or backups.failure):
        return _missing(found)
    return _outcome(options.backup, backups.moved, backups.failure)


def restore_here(options: argparse.Namespace) -> Shown:
    """Restore a backup where no server runs; raises CannotStart."""
    if not options.yes:
        confirm(_question(options.backup))
    line = TerminalProgress(sys.stderr if not options.json else None)

    def show(phase: str, done: int, total: int, is_bytes: bool) -> None:
        line.show(phase_words(phase), done, total, "", is_bytes=is_bytes)

    try:
        moved, failure = restore_offline(settings_files(options), options.backup, show)
    finally:
        line.end()
    return _outcome(options.backup, moved, failure)


def _question(name: str) -> str:
    what = _(
        "Everything after this backup goes: messages, accounts, rooms, passwords. Settings stay. "
        "The data before is moved aside."
    )
    question = _("Restore {name}?", name=name)
    return f"{what} {question}"


def _confirm(server: Administration, options: argparse.Namespace, question: str) -> None:
    """Ask the operator, unless that is not wanted; raises NoLogin."""
    if options.yes:
        return
    online = server.stats().now.online
    people = ngettext("{count} person is online.", "{count} people are online.", online)
    what = _(
        "All connections end, and come back by themselves; clients send again what was not "
        "acknowledged."
    )
    confirm(f"{people} {what} {question}")


def _far_away(found: Restarting, options: argparse.Namespace) -> Shown:
    lines = [found.alert or ""]
    if found.moved:
        address = server_name(parse_server(options.server).address, found.port)
        lines.append(visible(_("From now on use --server {address}", address=address)))
    return Shown(lines, plain(found))


def _missing(found: Restarting) -> Shown:
    said = _("It is not back yet: see its log, by messenger log")
    return Shown([said], plain(found), 2)


def _outcome(name: str, moved: str, failure: str) -> Shown:
    value = {"backup": name, "moved": moved, "failure": failure}
    if failure:
        return Shown([visible(failure)], value, 2)
    lines = [_("{name} is restored.", name=name)]
    if moved:
        lines.append(_("What was there before is in {moved}.", moved=moved))
    return Shown([visible(line) for line in lines], value)


def _when_back(options: argparse.Namespace, before: float, seconds: float) -> Backups | None:
    """Wait until a server answers here that was not started at `before` (unix time).

    Return its backups, None if none answers in time, or if no server is there for a while.
    """
    end = time.monotonic() + seconds
    seen = time.monotonic()
    while (now := time.monotonic()) < end and now - seen < _GONE:
        try:
            # Each time: the settings may name another directory now.
            data = server_settings(settings_files(options)).data
            if is_in_use(data):
                seen = now
            if (found := _asked(data, before)) is not None:
                return found
        except (OSError, CannotStart, ClientError, ProtocolError):
            pass  # it stops, or starts
        time.sleep(_INTERVAL)
    return None


def _asked(data: Path, before: float) -> Backups | None:
    connected = running_server(data)
    if connected is None:
        return None
    with on_socket(connected, own_language()) as server:
        # The one that is to end may still answer.
        return server.backups() if server.stats().now.started != before else None
