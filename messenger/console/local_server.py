"""`messenger run`: a server for as long as its client runs, and an account for its user."""

import os
import re
import secrets
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from messenger.console import program
from messenger.console.options import Options
from messenger.console.prompting import given_password
from messenger.console.qr import qr_lines
from messenger.console.shutdown import guarded
from messenger.console.streams import complain, say
from messenger.language import _
from messenger.sdk.invitation import DEFAULT_PORT, parse_link
from messenger.sdk.profiles import Profiles, Record, system_name
from messenger.server.config import ConfigError, load_settings
from messenger.server.public_address import is_local
from messenger.ui.prompts import NoLogin

_HERE = "127.0.0.1"
_EVERYWHERE = {"": _HERE, "0.0.0.0": _HERE, "::": "::1"}  # noqa: S104  where a client finds it
_STOPPING = 20.0  # seconds for the server to stop before it is killed
_INVITING = 20.0  # seconds for the command that makes an invitation: it starts an interpreter
_GUESTS = 10
"""Accounts that one invitation link allows."""
_ROOM_FOR_QR = 45
"""Lines of a terminal that shows the QR code and its text at once."""


def run(options: Options) -> int:
    """Start a server if there is none on the port, and a client that is logged into it."""
    return guarded(lambda: _run(options))


def _run(options: Options) -> int:
    port = options.port if options.port is not None else DEFAULT_PORT
    options = _to_server(options)._replace(port=port)
    address = options.address or _HERE
    # With port 0 the system chooses a free one: no server can be there already.
    if port and _answers(address, port):
        say(_("A server runs on port {port} already: this client uses it.", port=port))
        return program.run_client(options)
    server = _Server(options.data, port)
    with server.running():
        return program.run_client(_with_account(options, address, server.port))


def _to_server(options: Options) -> Options:
    """Return the options with the server's address and encryption from its settings."""
    try:
        settings = load_settings({"data": _data(options.data)})
    except ConfigError:  # The server reports it when it starts.
        return options._replace(address=_HERE)
    address = _EVERYWHERE.get(settings.address, settings.address)
    return options._replace(address=address, encryption="tls" if settings.plain == "off" else None)


def _data(data: Path | None) -> Path | None:
    """Return the server's directory within the one from the command line."""
    return data / "server" if data is not None else None


def _with_account(options: Options, address: str, port: int) -> Options:
    """Have an account registered for a new user, with a generated password.

    If an earlier start was interrupted before the login, its profile and password are used.
    """
    options = options._replace(port=port)
    profiles = Profiles(options.data)
    found = profiles.last(address, port, options.name)
    record = found.record if found is not None else None
    if options.profile is not None or (record is not None and record.confirmed):
        said = _("To invite others: {command}", command=_inviting(options, port))
        return options._replace(notice=said)
    name = options.name or _begun(record) or system_name()
    profile = profiles.of(address, port, name)
    if profile.record is None:
        profile.set_up(address, port, name)
    notice = [_invitation(options, port)]
    if given_password(options.password_file) is None:
        if profile.password() is None:
            # Stored before the account exists: after a crash the next start registers it.
            profile.remember_password(secrets.token_urlsafe(16), "made")
        said = _(
            "Your account is {name}, with a generated password: /password show shows it, /password "
            "changes it.",
            name=name,
        )
        notice.append(said)
    return options._replace(name=name, register=True, notice="\n".join(filter(None, notice)))


def _begun(record: Record | None) -> str | None:
    """Return the account that an interrupted start was about to register."""
    place = record.password if record is not None else None
    return record.account if record is not None and place == "made" else None


class _Server:
    """A server in a subprocess, which is restarted if it is killed."""

    def __init__(self, data: Path | None, port: int) -> None:
        self.port = port
        # With --stop-at-eof the server ends with this program, even if that is killed.
        self._command = [sys.executable, "-m", "messenger", "server", "--stop-at-eof"]
        if (its_data := _data(data)) is not None:
            self._command += ["--data", str(its_data)]
        self._process: subprocess.Popen[str] | None = None
        self._is_stopping = False

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run the server for as long as the block; raises NoLogin if it does not start."""
        say(self._start())
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
            complain(_("The server has stopped and cannot be restarted."))

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
        say(_("The server has stopped."))


# --- invitations -------------------------------------------------------------------------------


def _invitation(options: Options, port: int) -> str:
    """Return how to invite others on this network: a link, and its QR code if that fits.

    Empty if no other machine could reach this one.
    """
    try:
        settings = load_settings({"data": _data(options.data)})
    except ConfigError:
        return ""
    link = _link(settings.data, port)
    if not link or is_local(parse_link(link).address):
        return ""
    said = _(
        "Up to {count} others may join within a week: messenger chat --invite LINK. More links, "
        "and their QR codes: {command}. The link:",
        count=_GUESTS,
        command=_inviting(options, port),
    )
    is_small = options.is_full_screen and shutil.get_terminal_size().lines < _ROOM_FOR_QR
    return "\n".join([*([] if is_small else qr_lines(link)), said, link])


def _inviting(options: Options, port: int) -> str:
    """Return the command that prints an invitation link to this server."""
    words = ["messenger", "invite"]
    if port != DEFAULT_PORT:
        words += ["-p", str(port)]
    if (data := _data(options.data)) is not None:
        words += ["--data", str(data)]
    return shlex.join(words)


def _link(data: Path, port: int) -> str:
    """Return an invitation link from the operator's command, or nothing if that fails."""
    command = [sys.executable, "-m", "messenger", "invite", "--uses", str(_GUESTS)]
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
