"""The verb that restarts the server, and waits until it is back where that can be seen."""

import argparse
import time

from messenger.admin.output import Shown, plain
from messenger.admin.secrets import agrees
from messenger.jim.errors import ProtocolError
from messenger.language import _, ngettext, own_language
from messenger.offline_server import CannotStart, running_server, server_settings
from messenger.output import visible, write_error
from messenger.sdk.administration import Administration, on_socket
from messenger.sdk.errors import ClientError
from messenger.sdk.invitation import parse_server
from messenger.ui.prompts import NoLogin
from messenger.ui.wording import server_name

_PATIENCE = 120.0  # seconds: a database of another machine may take 30, an upgrade longer
_INTERVAL = 0.1  # seconds


def restart_server(server: Administration, options: argparse.Namespace) -> Shown:
    """Restart the server, once the operator has confirmed it; on this machine wait for it."""
    if not options.yes and not agrees(_question(server.stats().now.online)):
        raise NoLogin(_("Nothing was done."))
    found = server.restart()
    if options.server is not None:
        lines = [found.alert or ""]
        if found.moved:
            address = server_name(parse_server(options.server).address, found.port)
            lines.append(visible(_("From now on use --server {address}", address=address)))
        return Shown(lines, plain(found))
    if not options.json:
        write_error(found.alert or "")
    if not _is_back(options):
        said = _("It is not back yet: see its log, by messenger log")
        return Shown([said], plain(found), 2)
    said = _("It is back, on port {port}.", port=found.port)
    return Shown([said], plain(found))


def _question(online: int) -> str:
    people = ngettext("{count} person is online.", "{count} people are online.", online)
    what = _(
        "All connections end, and come back by themselves; clients send again what was not "
        "acknowledged."
    )
    question = _("Restart the server?")
    return f"{people} {what} {question}"


def _is_back(options: argparse.Namespace) -> bool:
    """Wait until a server answers on this machine; False if none does in time."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        if _answers(options):
            return True
        time.sleep(_INTERVAL)
    return False


def _answers(options: argparse.Namespace) -> bool:
    try:
        # Each time: the settings may name another directory now.
        settings = server_settings({"data": options.data, "config": options.config})
        connected = running_server(settings.data)
        if connected is None:
            return False
        with on_socket(connected, own_language()):
            return True
    except (OSError, CannotStart, ClientError, ProtocolError):
        return False
