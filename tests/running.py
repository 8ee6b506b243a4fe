"""A real server in another process, and a client written with nothing but `socket` and `json`."""

import contextlib
import json
import signal
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from messenger.crypto import certificates, passwords
from messenger.server.config import load_settings
from messenger.server.program import open_database
from tests.forking import Python
from tests.stretching import PASSWORD


class RunningServer:
    """The server in a process of its own, on a free port of the loopback address.

    `said` is its standard error so far. `program` are the words after `python`.
    """

    def __init__(
        self, data: Path, *arguments: str, port: int = 0, program: Sequence[str] = ("server.py",)
    ) -> None:
        self.data = data
        self.program = program
        self.arguments = arguments
        self.port = port
        self.said = ""
        self.start()

    def start(self) -> None:
        """Start the server, on the same port as before if there was one."""
        options = ("-a", "127.0.0.1", "-p", str(self.port), "--data", str(self.data))
        self.process = Python(*self.program, *options, *self.arguments)
        line = self.process.stdout.readline() if self.process.stdout else ""
        if "port" not in line:
            self.wait()
            raise AssertionError(f"the server did not start: {line}{self.said}")
        self.port = int(line.split("port ")[1].split()[0])

    def stop(self) -> int:
        """Stop the server as an operator does; return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def kill(self) -> None:
        """Kill the server (SIGKILL)."""
        self.process.kill()
        self.wait()

    def wait(self) -> int:
        """Wait for the end of the process; return its exit code."""
        self.said += self.process.communicate(timeout=60)[1]
        return self.process.wait()

    def end(self) -> None:
        """Kill the server if it still runs; fail if it has ever written a traceback."""
        if self.process.poll() is None:
            self.kill()
        assert "Traceback" not in self.said, self.said

    def open_database(self) -> Engine:
        """Return the server's database, whichever it is; the caller disposes of it."""
        return open_database(load_settings({"data": self.data}, {}))

    def log(self) -> str:
        """Return the text of the server's log files."""
        files = sorted((self.data / "log").glob("*"))
        return "".join(file.read_text("utf-8") for file in files)


class Talker:
    """A client with nothing but `socket` and `json`.

    With `newline` each object ends with one; without, it is a client as in the first lessons: one
    `send` for each object, and one `recv(1024)` for each object that it expects.
    """

    def __init__(
        self, port: int, *, newline: bool = True, host: str = "127.0.0.1", source: str = ""
    ) -> None:
        self.socket = socket.create_connection((host, port), source_address=(source, 0))
        self.socket.settimeout(60)
        self.newline = newline
        self.name = ""
        self._read = b""

    def __enter__(self) -> "Talker":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self.socket.close()

    def send(self, action: str, **keys: Any) -> None:
        """Send a request."""
        request = {"action": action, "time": time.time(), **keys}
        self.send_raw(json.dumps(request).encode() + (b"\n" if self.newline else b""))

    def send_raw(self, data: bytes) -> None:
        """Send bytes."""
        self.socket.sendall(data)

    def receive(self) -> dict[str, Any]:
        """Return the next object; raises EOFError if the server has closed the connection."""
        if not self.newline:
            return self._receive_object()
        while b"\n" not in self._read:
            data = self.socket.recv(65536)
            if not data:
                raise EOFError
            self._read += data
        line, self._read = self._read.split(b"\n", 1)
        return dict(json.loads(line))

    def _receive_object(self) -> dict[str, Any]:
        """Return the next object; another may come with it, of somebody who writes just then."""
        while True:
            with contextlib.suppress(ValueError):  # It has not arrived whole.
                text = self._read.decode().lstrip()
                found, end = json.JSONDecoder().raw_decode(text)
                self._read = text[end:].lstrip().encode()
                return dict(found)
            data = self.socket.recv(1024)
            if not data:
                raise EOFError
            self._read += data

    def receive_all(self) -> list[dict[str, Any]]:
        """Return the objects that arrive before the reply to a request that is sent now.

        The connection is read by lines from now on.
        """
        self.newline = True
        self.send("get_contacts", id="that is all")
        found = []
        with contextlib.suppress(EOFError):
            while (one := self.receive()).get("id") != "that is all":
                found.append(one)
        return found

    def is_answered(self, to: str, question: str, answer: str) -> bool:
        """Write to somebody, and tell whether this answer has arrived by now."""
        self.send("msg", to=to, message=question)
        return answer in [one.get("message") for one in self.receive_all()]

    def before(self, text: str) -> list[dict[str, Any]]:
        """Return the objects that arrive before the message with this text."""
        found = []
        while (one := self.receive()).get("message") != text:
            found.append(one)
        return found

    def ask(self, action: str, **keys: Any) -> dict[str, Any]:
        """Send a request and return the reply; everything else that arrives is dropped."""
        self.send(action, **keys)
        return self.receive_reply()

    def receive_reply(self) -> dict[str, Any]:
        """Return the next reply; everything else that arrives is dropped."""
        while "response" not in (answer := self.receive()):
            pass
        return answer

    def event(self, action: str) -> dict[str, Any]:
        """Return the next object with this action."""
        while (found := self.receive()).get("action") != action:
            pass
        return found

    def is_closed(self) -> bool:
        """Tell whether the server closes the connection (within the timeout)."""
        try:
            while True:
                self.receive()
        except (EOFError, ConnectionResetError):
            return True
        except TimeoutError:
            return False

    def leave(self) -> None:
        """Say goodbye, and wait until the server has closed the connection."""
        self.send("quit")
        assert self.is_closed()
        self.close()

    # --- logging in ----------------------------------------------------------------------------

    def guest(self, name: str, **more: Any) -> dict[str, Any]:
        """Log in as a guest."""
        self.name = name
        return self.ask("presence", user={"account_name": name, "status": ""}, **more)

    def register(self, name: str, password: str = PASSWORD, **more: Any) -> dict[str, Any]:
        """Register an account."""
        user = {"account_name": name, "password": password}
        return self.ask("register", user=user, **more)

    def register_quickly(self, name: str) -> dict[str, Any]:
        """Register an account with the usual password, by a verifier: that costs no hashing."""
        return self.ask(
            "register",
            user={"account_name": name},
            verifier=passwords.make_verifier(PASSWORD).encode(),
        )

    def log_in(self, name: str, password: str = PASSWORD, **more: Any) -> dict[str, Any]:
        """Log in with a password."""
        self.name = name
        user = {"account_name": name, "password": password}
        return self.ask("authenticate", user=user, **more)

    def log_in_fully(
        self, name: str, password: str = PASSWORD, device: str = "d1", **user: Any
    ) -> dict[str, Any]:
        """Log in as our client does: with all features that it understands."""
        self.name = name
        keys = user or {"password": password}
        return self.ask(
            "authenticate", user={"account_name": name, **keys}, **understanding(device)
        )

    def guest_fully(self, name: str) -> dict[str, Any]:
        """Log in as a guest with our client."""
        return self.guest(name, **understanding("g1"))


def understanding(device: str) -> dict[str, Any]:
    """Return the keys that a greeting of our client has besides the user."""
    return {
        "jim": 2,
        "features": ["numbers", "events"],
        "device": {"id": device, "name": "test", "program": "tests", "version": "1"},
    }


def until(condition: Callable[[], object], seconds: float = 60) -> None:
    """Wait until the condition holds; fail after so many seconds.

    It does not hold either while a list that it looks into is too short.
    """
    end = time.monotonic() + seconds
    began = time.monotonic()
    while not _holds(condition):
        looked = time.monotonic()
        assert looked < end, "the condition never held"
        # An expensive condition is checked less often: it takes time from what is waited for.
        time.sleep(min(max(0.005, 10 * (looked - began)), 0.1))
        began = time.monotonic()


def _holds(condition: Callable[[], object]) -> bool:
    try:
        return bool(condition())
    except IndexError:
        return False


@contextmanager
def running(data: Path, *arguments: str) -> Iterator[RunningServer]:
    """Run a server for as long as the block."""
    server = RunningServer(data, *arguments)
    try:
        yield server
    finally:
        server.end()


def tls_context(*, newest: bool = True) -> ssl.SSLContext:
    """Return a context that accepts any certificate."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    made.set_alpn_protocols(["jim"])
    if not newest:
        made.maximum_version = ssl.TLSVersion.TLSv1_2
    return made


class SecureTalker(Talker):
    """The same client over TLS."""

    def __init__(self, port: int, *, newline: bool = True) -> None:
        super().__init__(port, newline=newline)
        self.socket: ssl.SSLSocket = tls_context().wrap_socket(self.socket)

    @property
    def certificate(self) -> bytes:
        """The server's certificate, DER."""
        return self.socket.getpeercert(binary_form=True) or b""

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the server's key."""
        return certificates.fingerprint(self.certificate)
