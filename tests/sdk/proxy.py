"""Proxies between client and server: one cuts connections, one lies."""

import contextlib
import json
import random
import socket
import threading
from collections.abc import Callable
from typing import Any


def _stop(listening: socket.socket) -> None:
    """Close a listening socket, and end the thread that waits in `accept` with all that it has."""
    with contextlib.suppress(OSError):
        listening.shutdown(socket.SHUT_RDWR)
    listening.close()


class CuttingProxy:
    """Forwards bytes; cuts a connection after `budget` of them, both directions together."""

    def __init__(self, server_port: int, budget: Callable[[], int | None]) -> None:
        self._server_port = server_port
        self._budget = budget
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.connections = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Accept no more connections."""
        _stop(self._listening)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                self.connections += 1
                server = socket.create_connection(("127.0.0.1", self._server_port))
                left = [self._budget()]
                for source, sink in ((client, server), (server, client)):
                    threading.Thread(
                        target=self._pump, args=(source, sink, left), daemon=True
                    ).start()

    def _pump(self, source: socket.socket, sink: socket.socket, left: list[int | None]) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(random.choice((1, 7, 100, 4096))):
                if left[0] is not None:
                    data = data[: max(0, left[0])]
                    left[0] -= len(data)
                sink.sendall(data)
                if left[0] is not None and left[0] <= 0:
                    break
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


Frame = dict[str, Any]


class LyingProxy:
    """A lying server: `lie` gets each object for the client, and returns what to deliver.

    `overheard` has the client's objects; `hear` gets each, too, and returns what the server gets.
    `say` sends the client an object that is not the server's.
    """

    def __init__(self, server_port: int, lie: Callable[[Frame], list[Frame]]) -> None:
        self.lie = lie
        self.hear: Callable[[Frame], list[Frame]] = lambda frame: [frame]
        self.overheard: list[Frame] = []
        self._clients: list[socket.socket] = []
        self._writing = threading.Lock()
        self._server_port = server_port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Accept no more connections."""
        _stop(self._listening)

    def say(self, frame: Frame) -> None:
        """Send an object to the client that connected last."""
        with self._writing:
            self._clients[-1].sendall(json.dumps(frame).encode() + b"\n")

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                self._clients.append(client)
                server = socket.create_connection(("127.0.0.1", self._server_port))
                for source, sink, change in (
                    (client, server, self._overhear),
                    (server, client, self._tell),
                ):
                    threading.Thread(
                        target=self._pump, args=(source, sink, change), daemon=True
                    ).start()

    def _overhear(self, frame: Frame) -> list[Frame]:
        self.overheard.append(frame)
        return self.hear(frame)

    def _tell(self, frame: Frame) -> list[Frame]:
        return self.lie(frame)

    def _pump(
        self, source: socket.socket, sink: socket.socket, change: Callable[[Frame], list[Frame]]
    ) -> None:
        with contextlib.suppress(OSError), source.makefile("rb") as lines:
            for line in lines:
                for frame in change(json.loads(line)):
                    with self._writing:
                        sink.sendall(json.dumps(frame).encode() + b"\n")
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
