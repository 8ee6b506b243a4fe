"""`messenger run`: a server for as long as its user talks, and an account made for the user."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from messenger.console import program
from messenger.console.login import NoLogin, given_password
from messenger.console.pipes import complain
from messenger.console.profiles import Profiles, system_name
from messenger.language import _
from messenger.sdk.errors import StoreUnusable

_STOPPING = 20.0


def run(options: program.Options) -> int:
    """Start a server if there is none on the port, and a client that is logged into it."""
    try:
        name = options.name or _name(options)
        with _server(options) as port:
            options = options._replace(name=name, port=port or options.port)
            return program.run(_with_account(options, started=port is not None))
    except (NoLogin, StoreUnusable) as error:
        complain(str(error))
        return 2


def _name(options: program.Options) -> str:
    return Profiles(options.data, options.address, options.port).last_name() or system_name()


def _with_account(options: program.Options, *, started: bool) -> program.Options:
    """Have an account made for a user who is new here, with a password that is made up."""
    profiles = Profiles(options.data, options.address, options.port)
    name = options.name or system_name()
    if not started or profiles.remembers(name):
        return options
    if given_password(options.password_file) is None:
        profiles.make_password(name)
        said = _(
            "Your account is {name}; its password is in {file} (/password changes it).",
            name=name,
            file=profiles.password_file(name),
        )
        print(said)
    return options._replace(register=True)


@contextmanager
def _server(options: program.Options) -> Iterator[int | None]:
    """Run a server in a process of its own, on the port given; None if there is one already."""
    if _answers(options.address, options.port):
        said = _("A server runs on port {port} already: this client uses it.", port=options.port)
        print(said)
        yield None
        return
    # It stops when its standard input ends: however this program does, the server goes with it.
    command = [sys.executable, "-m", "messenger", "server", "--stop-at-eof"]
    command += ["-p", str(options.port)]
    if options.data is not None:
        command += ["--data", str(options.data / "server")]
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
