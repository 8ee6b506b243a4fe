"""Connections to a server that send anything, log in, and reconnect by themselves."""

import json
import re
import socket
from itertools import count
from typing import Any

from tests.fuzz.findings import Found
from tests.running import PASSWORD, understanding

_PATIENCE = 60.0
_FAILURE = re.compile(rb'^\{"response":500.*', re.MULTILINE)


class Account:
    """The account of a connection; another one replaces it if it cannot be used any more."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._tokens: dict[str, str] = {}
        self._numbers = count(2)

    def log_in(self, link: "Link") -> None:
        """Log in; with a token if there is one, which costs the server less."""
        token = self._tokens.get(link.device)
        if token is not None and self._try(link, token=token):
            return
        while not self._try(link, password=PASSWORD):
            self._register(link)

    def _try(self, link: "Link", **secret: str) -> bool:
        user = {"account_name": self.name, **secret}
        reply = link.ask(action="authenticate", user=user, **link.understands)
        if reply["response"] == 200 and "token" in reply:
            self._tokens[link.device] = reply["token"]
        return bool(reply["response"] == 200)

    def _register(self, link: "Link") -> None:
        user = {"account_name": self.name, "password": PASSWORD}
        while link.ask(action="register", user=user)["response"] != 201:
            user["account_name"] = self.name = f"{self.name[:10]}{next(self._numbers)}"


class Guest(Account):
    """A guest, whose name another connection may be using."""

    def log_in(self, link: "Link") -> None:
        """Log in as a guest."""
        while True:
            user = {"account_name": self.name, "status": "here"}
            if link.ask(action="presence", user=user, **link.understands)["response"] == 200:
                return
            self.name = f"{self.name[:10]}{next(self._numbers)}"


class Link:
    """One connection: `write` anything to it, then `settle`.

    With `plain` it understands no more than a plain client; its device has another connection,
    which gets the token for both. Without an account nobody logs in.
    """

    def __init__(
        self, port: int, account: Account | None = None, device: str = "0", *, plain: bool = False
    ) -> None:
        self._port = port
        self._account = account
        self.device = device
        self.understands = _understands(device, plain=plain)
        self._socket: socket.socket | None = None
        self._ends = count()
        self._read = b""

    def write(self, writes: list[bytes]) -> None:
        """Send bytes, each in a write of its own; the server may close the connection meanwhile."""
        link = self._open()
        try:
            for data in writes:
                link.sendall(data)
        except TimeoutError:
            raise Found(f"the server reads nothing from {self._who}") from None
        except OSError:
            self._socket = None

    def settle(self, *, loose: bool) -> None:
        """Wait until everything is answered; raises Found if something is wrong.

        After `loose` bytes the end of an object is unknown: then the connection is ended.
        """
        if self._socket is None:
            return
        end = f"end {next(self._ends)}"
        try:
            if loose:
                self._socket.shutdown(socket.SHUT_WR)
            else:
                self._socket.sendall(b'{"action":"-","id":"%s"}\n' % end.encode())
            self._read_until(f'"id":"{end}"'.encode())
        except OSError:
            self._socket = None

    def end(self) -> None:
        """Close the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def ask(self, **request: Any) -> Any:
        """Send a valid request and return the reply."""
        link = self._socket
        assert link is not None
        link.sendall(json.dumps(request).encode() + b"\n")
        while True:
            while b"\n" not in self._read:
                data = link.recv(65536)
                if not data:
                    raise ConnectionResetError
                self._read += data
            line, self._read = self._read.split(b"\n", 1)
            if line.startswith(b'{"response"'):
                return json.loads(line)

    @property
    def _who(self) -> str:
        name = self._account.name if self._account is not None else "a stranger"
        return f"{name}, device {self.device}, {len(self.understands)} keys in the greeting"

    def _open(self) -> socket.socket:
        while self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), _PATIENCE)
            self._read = b""
            try:
                if self._account is not None:
                    self._account.log_in(self)
            except TimeoutError:
                raise Found(f"the server does not answer the login of {self._who}") from None
            except OSError:
                self._socket = None
        return self._socket

    def _read_until(self, end: bytes) -> None:
        """Read up to this, or until the connection is closed."""
        assert self._socket is not None
        read, data = [self._read], self._read
        try:
            while end not in data[-1000:] and (data := self._socket.recv(1 << 20)):
                read.append(data)
        except TimeoutError:
            raise Found(f"the server does not answer {self._who}: {data[-200:]!r}") from None
        if not data:
            self.end()
        self._read = b""
        if failure := _FAILURE.search(b"".join(read)):
            raise Found(failure[0].decode("utf-8", "replace"))


def _understands(device: str, *, plain: bool) -> dict[str, Any]:
    found = understanding(device)
    if plain:
        return {"device": found["device"]}
    return {**found, "features": ["numbers", "events", "encryption"]}
