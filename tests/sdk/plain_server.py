"""A server like the course's public ones: sockets and JSON, without our extensions."""

import contextlib
import json
import socket
import threading
from collections.abc import Callable
from typing import Any

Object = dict[str, Any]


class PlainServer:
    """Answers each request with what `answer` returns, with nothing for None; b"" hangs up.

    Like its models it takes what one `recv` returns for one object, which needs a numeric `time`.
    `heard` are the objects that came, one list for each connection.
    """

    def __init__(self, answer: Callable[[Object], Object | bytes | None]) -> None:
        self.heard: list[list[Object]] = []
        self.changed = threading.Condition()
        self._answer = answer
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.connections: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> "PlainServer":
        return self

    def __exit__(self, *_: object) -> None:
        for one in (self._listening, *self.connections):
            one.close()

    def say(self, **keys: Any) -> None:
        """Send an object to the client that connected last."""
        self.connections[-1].sendall(json.dumps(keys).encode())

    def wait(self, condition: Callable[[list[list[str]]], bool]) -> None:
        """Wait until the condition holds for the received actions."""
        with self.changed:
            assert self.changed.wait_for(lambda: condition(self.actions()), 60), self.heard

    def actions(self) -> list[list[str]]:
        """Return the received actions, by connection."""
        return [[str(one.get("action")) for one in connection] for connection in self.heard]

    def _accept(self) -> None:
        while True:
            try:
                connection, _address = self._listening.accept()
            except OSError:
                return
            self.connections.append(connection)
            with self.changed:
                self.heard.append([])
            threading.Thread(
                target=self._serve, args=(connection, self.heard[-1]), daemon=True
            ).start()

    @staticmethod
    def _received(connection: socket.socket) -> bytes:
        """Return received bytes; none once the test has closed the connection."""
        with contextlib.suppress(OSError):
            return connection.recv(10_000)
        return b""

    def _serve(self, connection: socket.socket, heard: list[Object]) -> None:
        while data := self._received(connection):
            found = json.loads(data)
            with self.changed:
                heard.append(found)
                self.changed.notify_all()
            good = isinstance(found.get("time"), float | int)
            answer = self._answer(found) if good else {"response": 400, "error": "no time"}
            if answer == b"":
                connection.shutdown(socket.SHUT_RDWR)
                return
            if answer is not None:
                connection.sendall(json.dumps(answer).encode())
