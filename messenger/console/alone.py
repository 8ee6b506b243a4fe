"""`messenger run`: a server for as long as its user talks, and an account made for the user."""

import os
import re
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from messenger.console import program
from messenger.console.login import NoLogin, given_password
from messenger.console.pipes import complain
from messenger.language import _
from messenger.sdk.errors import StoreUnusable
from messenger.sdk.invitation import DEFAULT_PORT
from messenger.sdk.profiles import Profiles, system_name

_HERE = "127.0.0.1"
_STOPPING = 20.0


def run(options: program.Options) -> int:
    """Start a server if there is none on the port, and a client that is logged into it."""
    try:
        port = options.port or DEFAULT_PORT
        options = options._replace(address=_HERE, port=port)
        with _server(options.data, port) as started:
            return program.run(_with_account(options, started))
    except (NoLogin, StoreUnusable) as error:
        complain(str(error))
        return 2


def _with_account(options: program.Options, started: int | None) -> program.Options:
    """Have an account made for a user who is new here, with a password that is made up."""
    profiles = Profiles(options.data)
    port = started or options.port
    profile = profiles.last(_HERE, port, options.name)
    if started is None or options.profile is not None or profile is not None:
        return options._replace(port=port)
    name = options.name or system_name()
    profile = profiles.of(_HERE, started, name)
    profile.set_up(_HERE, started, name)
    if given_password(options.password_file) is None:
        profile.remember_password(secrets.token_urlsafe(16), "made")
        said = _(
            "Your account is {name}; its password is in {file} (/password changes it).",
            name=name,
            file=profile.password_file,
        )
        print(said)
    return options._replace(name=name, port=started, register=True)


@contextmanager
def _server(data: Path | None, port: int) -> Iterator[int | None]:
    """Run a server in a process of its own, on the port given; None if there is one already."""
    if _answers(_HERE, port):
        said = _("A server runs on port {port} already: this client uses it.", port=port)
        print(said)
        yield None
        return
    # It stops when its standard input ends: however this program does, the server goes with it.
    command = [sys.executable, "-m", "messenger", "server", "--stop-at-eof"]
    command += ["-p", str(port)]
    if data is not None:
        command += ["--data", str(data / "server")]
    # In a session of its own: Ctrl+C at the client must not stop it.
    process = subprocess.Popen(  # noqa: S603  our own program
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"\d+", line)
        if found is None:
            raise NoLogin(_("The server did not start."))
        print(line, end="", flush=True)
        yield int(found[0])
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_STOPPING)
        except subprocess.TimeoutExpired:
            process.kill()
        print(_("The server has stopped."))


def _answers(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port), 1).close()
    except OSError:
        return False
    return True
