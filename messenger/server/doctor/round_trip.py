"""Sends something round: from one temporary guest through the server's TLS port to another.

It is a typing notice, which takes the way of a message and is not stored: nothing is left behind.
"""

import json
import secrets
import socket
import ssl
import time
from typing import Any, NamedTuple

from messenger.language import _
from messenger.server.doctor.checks import Found, milliseconds
from messenger.system_errors import reason_of

TIMEOUT = 5.0  # seconds, half of what a login may take
_SLOW = 1.0  # seconds: people notice that
_MAX_BYTES = 1_000_000  # of one object: the server's longest answer


class Place(NamedTuple):
    """Where a server listens."""

    host: str
    port: int


class Refused(Exception):
    """The server answers, but refuses something; `code` is that of the answer."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


def send_round(place: Place) -> Found:
    """Log two guests in and measure how long one's notice takes to the other."""
    name = f"doctor{secrets.token_hex(4)}"
    try:
        with _Guest(place, f"{name}a") as sender, _Guest(place, f"{name}b") as receiver:
            began = time.perf_counter()
            sender.send(action="typing", to=receiver.name)
            receiver.wait_for("typing")
            seconds = time.perf_counter() - began
            login = (sender.login_seconds + receiver.login_seconds) / 2
    except Refused as error:
        return _refused(error)
    except (OSError, EOFError, ValueError) as error:
        reason = reason_of(error) if str(error) else _("it ends the connection")
        return Found(
            "failed",
            _("A notice does not come through: {reason}", reason=reason),
            _("See the server's log; if it does not answer at all, restart it"),
        )
    said = _(
        "A notice reaches another guest in {time} ms; a login takes {login} ms",
        time=milliseconds(seconds),
        login=milliseconds(login),
    )
    if max(seconds, login) < _SLOW:
        return Found("ok", said)
    return Found("warning", said, _("The server is busy: look at the processor and the disk"))


def tls_context() -> ssl.SSLContext:
    """Return a context that accepts any certificate: its key is compared by its fingerprint."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["jim"])
    return context


def _refused(error: Refused) -> Found:
    if error.code == 401:
        said = _("Not tried: guests are not allowed from this machine ({reason})", reason=error)
        return Found("ok", said)
    return Found(
        "warning",
        _("Not tried: the server refuses a guest ({reason})", reason=error),
        _("Try again later"),
    )


class _Guest:
    """A guest of the server, over TLS, until the end of the block."""

    def __init__(self, place: Place, name: str) -> None:
        self.name = name
        self._rest = b""
        raw = socket.create_connection(place, TIMEOUT)
        try:
            self._socket = tls_context().wrap_socket(raw)
        except BaseException:
            raw.close()
            raise
        began = time.perf_counter()
        try:
            user = {"account_name": name, "status": ""}
            self.send(action="presence", user=user, jim=2, features=["events"])
            answer = self._wait(lambda one: "response" in one)
            if int(answer["response"]) != 200:
                raise Refused(int(answer["response"]), str(answer.get("error", "")))
        except BaseException:
            self._socket.close()
            raise
        self.login_seconds = time.perf_counter() - began

    def __enter__(self) -> "_Guest":
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.send(action="quit")
        except OSError:
            pass
        finally:
            self._socket.close()

    def send(self, **request: Any) -> None:
        """Send a request; raises OSError."""
        self._socket.sendall(json.dumps(request | {"time": time.time()}).encode() + b"\n")

    def wait_for(self, action: str) -> None:
        """Wait for an event; raises OSError, EOFError or ValueError."""
        self._wait(lambda one: one.get("action") == action)

    def _wait(self, is_wanted: Any) -> dict[str, Any]:
        end = time.monotonic() + TIMEOUT
        while not is_wanted(found := self._receive(end)):
            pass
        return found

    def _receive(self, end: float) -> dict[str, Any]:
        while b"\n" not in self._rest:
            self._socket.settimeout(max(0.001, end - time.monotonic()))
            data = self._socket.recv(65536)
            if not data:
                raise EOFError
            self._rest += data
            if len(self._rest) > _MAX_BYTES:
                raise ValueError("not JIM")
        line, self._rest = self._rest.split(b"\n", 1)
        found = json.loads(line)
        if not isinstance(found, dict):
            raise ValueError("not JIM")  # noqa: TRY004  the value is wrong
        return found
