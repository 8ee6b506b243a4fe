"""A real server in another process, and a client written with nothing but `socket` and `json`."""

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from messenger.crypto import certificates

ROOT = Path(__file__).parent.parent
PASSWORD = "correct horse battery"


class RunningServer:
    """`server.py` in a process of its own, on a free port of the loopback address.

    `said` is what it has written to standard error.
    """

    def __init__(self, data: Path, *arguments: str, port: int = 0) -> None:
        self.data = data
        self.arguments = arguments
        self.port = port
        self.said = ""
        self.start()

    def start(self) -> None:
        """Start the server, on the same port as before if there was one."""
        self.process = subprocess.Popen(
            [
                *(sys.executable, str(ROOT / "server.py"), "-a", "127.0.0.1"),
                *("-p", str(self.port), "--data", str(self.data), *self.arguments),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # Without the terminal that the tests run in: SIGHUP is then the order to reload.
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if "port" not in line:
            self.wait()
            raise AssertionError(f"the server did not start: {line}{self.said}")
        self.port = int(line.split("port ")[1].split()[0])

    def stop(self) -> int:
        """Stop the server as an operator does; return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def kill(self) -> None:
        """Kill the server so that it can't do anything about it."""
        self.process.kill()
        self.wait()

    def wait(self) -> int:
        """Wait for the end of the process; return its exit code."""
        self.said += self.process.communicate(timeout=20)[1]
        return self.process.returncode

    def end(self) -> None:
        """Kill the server if it still runs; whatever was done to it, it complained of nothing."""
        if self.process.poll() is None:
            self.kill()
        assert "Traceback" not in self.said, self.said

    def log(self) -> str:
        """Return what stands in the server's log files."""
        files = sorted((self.data / "log").glob("*"))
        return "".join(file.read_text("utf-8") for file in files)


class Talker:
    """A client with nothing but `socket` and `json`.

    `newline` ends each object with one; without, the client is of the first lessons: one object
    for each `send`, and one `recv(1024)` for each object that it expects.
    """

    def __init__(self, port: int, *, newline: bool = True, host: str = "127.0.0.1") -> None:
        self.socket = socket.create_connection((host, port))
        self.socket.settimeout(10)
        self.newline = newline
        self.name = ""
        self._read = b""

    def __enter__(self) -> "Talker":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the link."""
        self.socket.close()

    def send(self, action: str, **keys: Any) -> None:
        """Send a request."""
        request = {"action": action, "time": time.time(), **keys}
        self.send_raw(json.dumps(request).encode() + (b"\n" if self.newline else b""))

    def send_raw(self, data: bytes) -> None:
        """Send bytes."""
        self.socket.sendall(data)

    def receive(self) -> dict[str, Any]:
        """Return the next object; EOFError if the server has closed the link."""
        if not self.newline:
            data = self.socket.recv(1024)
            if not data:
                raise EOFError
            return dict(json.loads(data))
        while b"\n" not in self._read:
            data = self.socket.recv(65536)
            if not data:
                raise EOFError
            self._read += data
        line, self._read = self._read.split(b"\n", 1)
        return dict(json.loads(line))

    def receive_all(self, silence: float = 0.3) -> list[dict[str, Any]]:
        """Return the objects that come until the server is silent for so many seconds."""
        found = []
        self.socket.settimeout(silence)
        try:
            while True:
                found.append(self.receive())
        except (TimeoutError, EOFError):
            return found
        finally:
            self.socket.settimeout(10)

    def ask(self, action: str, **keys: Any) -> dict[str, Any]:
        """Send a request and return the reply; what else comes meanwhile is dropped."""
        self.send(action, **keys)
        while "response" not in (answer := self.receive()):
            pass
        return answer

    def event(self, action: str) -> dict[str, Any]:
        """Return the next object with this action."""
        while (found := self.receive()).get("action") != action:
            pass
        return found

    def is_closed(self) -> bool:
        """Tell whether the server closes the link (within the time-out)."""
        try:
            while True:
                self.receive()
        except (EOFError, ConnectionResetError):
            return True
        except TimeoutError:
            return False

    # --- logging in ----------------------------------------------------------------------------

    def guest(self, name: str, **more: Any) -> dict[str, Any]:
        """Come as a guest."""
        self.name = name
        return self.ask("presence", user={"account_name": name, "status": ""}, **more)

    def register(self, name: str, password: str = PASSWORD, **more: Any) -> dict[str, Any]:
        """Make an account."""
        user = {"account_name": name, "password": password}
        return self.ask("register", user=user, **more)

    def log_in(self, name: str, password: str = PASSWORD, **more: Any) -> dict[str, Any]:
        """Log in with a password."""
        self.name = name
        user = {"account_name": name, "password": password}
        return self.ask("authenticate", user=user, **more)

    def log_in_fully(
        self, name: str, password: str = PASSWORD, device: str = "d1", **user: Any
    ) -> dict[str, Any]:
        """Log in as a client of ours does: with everything that it understands."""
        self.name = name
        keys = user or {"password": password}
        return self.ask(
            "authenticate", user={"account_name": name, **keys}, **understanding(device)
        )

    def guest_fully(self, name: str) -> dict[str, Any]:
        """Come as a guest with a client of ours."""
        return self.guest(name, **understanding("g1"))


def understanding(device: str) -> dict[str, Any]:
    """Return what a greeting of a client of ours has besides the user."""
    return {
        "jim": 2,
        "features": ["numbers", "events"],
        "device": {"id": device, "name": "test", "program": "tests", "version": "1"},
    }


@contextmanager
def running(data: Path, *arguments: str) -> Iterator[RunningServer]:
    """Run a server for as long as the block."""
    server = RunningServer(data, *arguments)
    try:
        yield server
    finally:
        server.end()


def tls_context(*, newest: bool = True) -> ssl.SSLContext:
    """Return a context that takes any certificate."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    made.set_alpn_protocols(["jim"])
    if not newest:
        made.maximum_version = ssl.TLSVersion.TLSv1_2
    return made


class SecureTalker(Talker):
    """The plainest client, in TLS."""

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
