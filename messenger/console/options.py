"""The options of a client from the command line, and their checks."""

import math
import sys
from pathlib import Path
from typing import Literal, NamedTuple

from messenger.console.streams import is_terminal
from messenger.language import _
from messenger.sdk.server_identity import Encryption
from messenger.start_options import check_start
from messenger.ui.profile_choice import Start


class Options(NamedTuple):
    """The options; `timeout` (seconds) is how long pipes wait for the server.

    `guest`: log in without a password and without asking; `events` are for JSON only. `notice` is a
    text to show after the login. `fingerprint` is the fingerprint of the server's key in an
    invitation, `trust` the one that the user passed, or `authority`. `reset_code` is an
    administrator's code for a new password.
    """

    address: str | None = None
    port: int | None = None
    name: str | None = None
    profile: str | None = None
    mode: Literal["chat", "send", "listen"] = "chat"
    to: str | None = None
    screen: bool = False
    as_json: bool = False
    events: bool = False
    register: bool = False
    guest: bool = False
    invite: str | None = None
    data: Path | None = None
    password_file: Path | None = None
    timeout: float | None = None
    encryption: Encryption | None = None
    fingerprint: str | None = None
    trust: str | None = None
    restore: Path | None = None
    log_level: str = "INFO"
    reset_code: str | None = None
    notice: str = ""

    @property
    def talks(self) -> bool:
        """Whether a user is present, not a program."""
        return self.mode == "chat" and not self.as_json

    @property
    def start(self) -> Start:
        """The options that any user interface could have."""
        return Start(**{name: getattr(self, name) for name in Start._fields})

    def started_as(self, start: Start) -> "Options":
        """Return the options with those of `start` in place of their own."""
        changed = start._asdict()
        del changed["talks"]
        return self._replace(**changed)

    @property
    def is_full_screen(self) -> bool:
        """Whether to run the full-screen client: it is wanted, and there is a terminal."""
        return self.talks and self.screen and at_terminal()


def at_terminal() -> bool:
    """Tell whether both standard input and output are a terminal."""
    return is_terminal(sys.stdin) and is_terminal(sys.stdout)


def check(options: Options) -> None:
    """Raise ValueError with a sentence for the user if an option is invalid."""
    check_start(options.start, options.to)
    timeout = options.timeout
    if timeout is not None and not (math.isfinite(timeout) and timeout >= 0):
        raise ValueError(_("--timeout must be a number of seconds, 0 or more"))
