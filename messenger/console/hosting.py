"""`messenger run` at a terminal: a client with a server of its own, and how to invite others."""

import shutil

from messenger.console import program
from messenger.console.options import Options
from messenger.console.shutdown import guarded
from messenger.console.streams import complain, say
from messenger.given_secrets import given_password
from messenger.language import _
from messenger.local_server import GUESTS, Hosted, hosting
from messenger.ui.qr import qr_lines

_ROOM_FOR_QR = 45
"""Lines of a terminal that shows the QR code and its text at once."""


def run(options: Options) -> int:
    """Start a server if there is none on the port, and a client that is logged into it."""
    return guarded(lambda: _run(options))


def _run(options: Options) -> int:
    password = given_password(options.password_file)
    with hosting(options.start, password, say, complain) as hosted:
        notice = "\n".join(_notice(hosted, options))
        return program.run_client(options.started_as(hosted.start)._replace(notice=notice))


def _notice(hosted: Hosted, options: Options) -> list[str]:
    """Return how to invite others on this network, and what a new user should know."""
    if not hosted.inviting:
        return []
    if not hosted.start.register:
        return [_("To invite others: {command}", command=hosted.inviting)]
    notice = _invitation(hosted, options) if hosted.invitation else []
    if hosted.new_account:
        said = _(
            "Your account is {name}, with a generated password: /password show shows it, /password "
            "changes it.",
            name=hosted.new_account,
        )
        notice.append(said)
    return notice


def _invitation(hosted: Hosted, options: Options) -> list[str]:
    """Return a link, and its QR code if that fits."""
    said = _(
        "Up to {count} others may join within a week: messenger chat --invite LINK. More links, "
        "and their QR codes: {command}. The link:",
        count=GUESTS,
        command=hosted.inviting,
    )
    is_small = options.is_full_screen and shutil.get_terminal_size().lines < _ROOM_FOR_QR
    return [*([] if is_small else qr_lines(hosted.invitation)), said, hosted.invitation]
