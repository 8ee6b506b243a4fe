"""A proxy that stands for a lying server: it changes what it forwards to a client."""

import contextlib
import socket
import threading
from collections.abc import Callable

Lie = Callable[[bytes], list[bytes]]


class Liar:
    """Forwards lines, those to the client through `lie`; `say` adds some.

    `said` is what the client has received, a list for each connection: how many lines the client
    had sent before, and the bytes (Latin-1). `heard` is what the real server has sent.
    """

    def __init__(self, server_port: int) -> None:
        self.lie: Lie | None = None
        self.said: list[list[tuple[int, str]]] = [[]]
        self.heard: list[bytes] = []
        self._server_port = server_port
        self._requests = 0
        self._lock = threading.Lock()
        self._client: socket.socket | None = None
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def say(self, data: bytes) -> bool:
        """Send bytes to the client; False if there is no connection."""
        with self._lock, contextlib.suppress(OSError):
            if self._client is not None:
                self._send(self._client, data)
                return True
        return False

    def cut(self) -> None:
        """End the connection."""
        with self._lock:
            if self._client is not None:
                with contextlib.suppress(OSError):
                    self._client.shutdown(socket.SHUT_RDWR)
                self._client = None

    @property
    def is_connected(self) -> bool:
        """Whether the client has a connection."""
        return self._client is not None

    def close(self) -> None:
        """Accept no more connections, and end the current one."""
        self._listening.close()
        self.cut()

    def _send(self, client: socket.socket, data: bytes) -> None:
        self.said[-1].append((self._requests, data.decode("latin-1")))
        client.sendall(data)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                client.settimeout(30)
                server = socket.create_connection(("127.0.0.1", self._server_port))
                with self._lock:
                    self._client, self._requests = client, 0
                    self.said.append([])
                for pump in (self._up, self._down):
                    threading.Thread(target=pump, args=(client, server), daemon=True).start()

    def _up(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError), client.makefile("rb") as lines:
            client.settimeout(None)
            for line in lines:
                self._requests += 1
                server.sendall(line)
        self._end(client, server)

    def _down(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError), server.makefile("rb") as lines:
            for line in lines:
                with self._lock:
                    if len(self.heard) < 2000:
                        self.heard.append(line)
                    for data in [line] if self.lie is None else self.lie(line):
                        self._send(client, data)
        self._end(client, server)

    def _end(self, *ends: socket.socket) -> None:
        with self._lock:
            if self._client is ends[0]:
                self._client = None
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


class Repeater:
    """Sends clients that connect, one after another, what other clients received."""

    def __init__(self, said: list[list[tuple[int, str]]]) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._repeat, args=(said,), daemon=True)
        self._thread.start()

    def wait(self) -> None:
        """Wait until everything has been sent."""
        self._thread.join(60)

    def _repeat(self, said: list[list[tuple[int, str]]]) -> None:
        for one in said:
            client, _ = self._listening.accept()
            with client, contextlib.suppress(OSError):
                self._repeat_to(client, one)
        self._listening.close()

    def _repeat_to(self, client: socket.socket, said: list[tuple[int, str]]) -> None:
        client.settimeout(1)
        heard = 0
        for requests, data in said:
            with contextlib.suppress(TimeoutError):  # it may send fewer requests than the other did
                while heard < requests and (got := client.recv(65536)):
                    heard += got.count(b"\n")
            client.sendall(data.encode("latin-1"))
