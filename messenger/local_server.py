"""A server for as long as its client runs, an account for its user, and a link to invite others."""

import os
import re
import secrets
import shlex
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from messenger.language import _
from messenger.sdk.invitation import DEFAULT_PORT, parse_link
from messenger.sdk.profiles import Profiles, Record, system_name
from messenger.server.config import ConfigError, load_settings
from messenger.server.listener import reached_at
from messenger.server.public_address import is_local
from messenger.ui.profile_choice import Start
from messenger.ui.prompts import NoLogin

GUESTS = 10
"""Accounts that one invitation link allows."""

_HERE = "127.0.0.1"
_STOPPING = 20.0  # seconds for the server to stop before it is killed
_INVITING = 20.0  # seconds for the command that makes an invitation: it starts an interpreter

Say = Callable[[str], None]


class Hosted(NamedTuple):
    """A server on this computer, and how its user's client starts.

    `invitation` is a link for others on this network, empty if there is none for now; `inviting` is
    the command that prints one, empty if somebody else runs the server. `new_account` is the name
    of an account that gets a generated password, if one does.
    """

    start: Start
    invitation: str = ""
    inviting: str = ""
    new_account: str = ""


@contextmanager
def hosting(start: Start, password: str | None, say: Say, complain: Say) -> Iterator[Hosted]:
    """Run a server for as long as the block, unless one runs on the port already.

    `password` is one that the user has given: without it one is generated for a new account. Raises
    NoLogin if the server does not start.
    """
    port = start.port if start.port is not None else DEFAULT_PORT
    start = _to_server(start)._replace(port=port)
    address = start.address or _HERE
    # With port 0 the system chooses a free one: no server can be there already.
    if port and _answers(address, port):
        say(_("A server runs on port {port} already: this client uses it.", port=port))
        yield Hosted(start)
        return
    server = _Server(start.data, port, say, complain)
    with server.running():
        yield _with_account(start._replace(port=server.port), address, server.port, password)


def _to_server(start: Start) -> Start:
    """Return the options with the server's address and encryption from its settings."""
    try:
        settings = load_settings({"data": _data(start.data)})
    except ConfigError:  # The server reports it when it starts.
        return start._replace(address=_HERE)
    address = reached_at(settings.address)
    return start._replace(address=address, encryption="tls" if settings.plain == "off" else None)


def _data(data: Path | None) -> Path | None:
    """Return the server's directory within the one from the command line."""
    return data / "server" if data is not None else None


def _with_account(start: Start, address: str, port: int, password: str | None) -> Hosted:
    """Have an account registered for a new user, with a generated password.

    If an earlier start was interrupted before the login, its profile and password are used.
    """
    inviting = _inviting(start.data, port)
    profiles = Profiles(start.data)
    found = profiles.last(address, port, start.name)
    record = found.record if found is not None else None
    if start.profile is not None or (record is not None and record.confirmed):
        return Hosted(start, inviting=inviting)
    name = start.name or _begun(record) or system_name()
    profile = profiles.of(address, port, name)
    if profile.record is None:
        profile.set_up(address, port, name)
    start = start._replace(name=name, register=True)
    hosted = Hosted(start, invitation=invitation(start.data, port), inviting=inviting)
    if password is not None:
        return hosted
    if profile.password() is None:
        # Stored before the account exists: after a crash the next start registers it.
        profile.remember_password(secrets.token_urlsafe(16), "made")
    return hosted._replace(new_account=name)


def _begun(record: Record | None) -> str | None:
    """Return the account that an interrupted start was about to register."""
    place = record.password if record is not None else None
    return record.account if record is not None and place == "made" else None


class _Server:
    """A server in a subprocess, which is restarted if it is killed."""

    def __init__(self, data: Path | None, port: int, say: Say, complain: Say) -> None:
        self.port = port
        # With --stop-at-eof the server ends with this program, even if that is killed.
        self._command = [sys.executable, "-m", "messenger", "server", "--stop-at-eof"]
        if (its_data := _data(data)) is not None:
            self._command += ["--data", str(its_data)]
        self._say = say
        self._complain = complain
        self._process: subprocess.Popen[str] | None = None
        self._is_stopping = False

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run the server for as long as the block; raises NoLogin if it does not start."""
        self._say(self._start())
        threading.Thread(target=self._keep, name="server", daemon=True).start()
        try:
            yield
        finally:
            self._stop()

    def _start(self) -> str:
        """Start the server; return the line that it prints once it listens."""
        # In a session of its own: Ctrl+C at the client must not stop it.
        self._process = subprocess.Popen(  # noqa: S603  our own program
            [*self._command, "-p", str(self.port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            **_as_text(),
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline().rstrip("\n")
        found = re.search(r"\d+", line)
        if found is None:
            raise NoLogin(_("The server did not start."))
        self.port = int(found[0])
        return line

    def _keep(self) -> None:
        """Restart the server when it ends, unless it is to stop."""
        try:
            while self._process is not None:
                self._process.wait()
                if self._is_stopping:
                    return
                self._start()
        except NoLogin:
            self._complain(_("The server has stopped and cannot be restarted."))

    def _stop(self) -> None:
        # Before the signal, or `_keep` would start the server again.
        self._is_stopping = True
        process = self._process
        if process is None or process.poll() is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_STOPPING)
        except subprocess.TimeoutExpired:
            process.kill()
        self._say(_("The server has stopped."))


# --- invitations -------------------------------------------------------------------------------


def invitation(data: Path | None, port: int) -> str:
    """Return a new invitation link to this computer's server; it takes a second.

    Empty if no other machine could reach this one, or the link cannot be made.
    """
    try:
        settings = load_settings({"data": _data(data)})
    except ConfigError:
        return ""
    link = _link(settings.data, port)
    return link if link and not is_local(parse_link(link).address) else ""


def _inviting(data: Path | None, port: int) -> str:
    """Return the command that prints an invitation link to this server."""
    words = ["messenger", "invite"]
    if port != DEFAULT_PORT:
        words += ["-p", str(port)]
    if (its_data := _data(data)) is not None:
        words += ["--data", str(its_data)]
    return shlex.join(words)


def _link(data: Path, port: int) -> str:
    """Return an invitation link from the operator's command, or nothing if that fails."""
    command = [sys.executable, "-m", "messenger", "invite", "--uses", str(GUESTS)]
    # Without a link the client starts all the same.
    with suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(  # noqa: S603  our own program
            [*command, "-p", str(port), "--data", str(data)],
            check=True,
            capture_output=True,
            timeout=_INVITING,
            **_as_text(),
        )
        found = re.search(r"jim://\S+", done.stdout)
        return found[0] if found else ""
    return ""


def _as_text() -> dict[str, Any]:
    """Return arguments of Popen for a program whose output has the encoding of this one."""
    encoding = getattr(sys.stderr, "encoding", None) or "utf-8"
    return {
        "env": {**os.environ, "PYTHONIOENCODING": encoding},
        "encoding": encoding,
        "errors": "replace",
    }


def _answers(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port), 1).close()
    except OSError:
        return False
    return True
