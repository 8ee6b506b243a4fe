"""Starts the administration window if there can be one here; imports no Qt before that is known."""

import argparse
import sys

from messenger.language import _
from messenger.output import visible, write_error
from messenger.window_login import WindowLogin, read_login
from messenger.windows.platform import Probe


def start(options: argparse.Namespace) -> int:
    """Run the window, and end the process; where there can be none, return 2 after a sentence."""
    login = _given_login() if options.login_from_input else None
    probe = Probe("admin")  # Another process: this one goes on meanwhile.
    from messenger.given_secrets import given_password
    from messenger.sdk.server_identity import parse_trust

    fingerprint = parse_trust(options.trust) if options.trust is not None else None
    # Without an account nobody is asked for a password: the file's rights are the login.
    password = given_password(options.password_file) if options.server else None
    if trouble := probe.trouble():
        write_error(visible(f"{trouble}."))
        write_error(
            _("The command line does all of it, too, without a window: messenger admin --help")
        )
        return 2
    from messenger.admin_window.program import Options, run

    return run(
        Options(
            options.server,
            options.user or "",
            password or "",
            fingerprint,
            options.data,
            options.config,
            login,
        )
    )


def _given_login() -> WindowLogin | None:
    """Return what the server has written to this process; without it, the socket is there."""
    try:
        return read_login(sys.stdin.readline())
    except ValueError:
        return None
