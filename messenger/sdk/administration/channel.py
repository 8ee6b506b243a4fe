"""A connection for requests and their answers, one after the other, without a local database."""

import socket
import threading
from typing import Any, TypeVar

from messenger.jim.base import Reply, Request
from messenger.jim.errors import ProtocolError
from messenger.sdk.errors import ConnectionLost, NoReply, NotMessenger
from messenger.sdk.ids import new_id
from messenger.sdk.link import Answer, Link
from messenger.sdk.tls_socket import TlsSocket
from messenger.sdk.verbs.verb import ANSWER_TIMEOUT

_RECEIVE = 64 * 1024  # bytes, as in `client`

_Answer = TypeVar("_Answer", bound=Reply)


class Channel:
    """Asks a server; safe to use from any thread, which waits until the others are answered."""

    def __init__(self, connection: socket.socket | TlsSocket) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._answers: list[Answer] = []
        self._notices: list[Answer] = []
        # Of events only messages to everyone could arrive: they are for other programs.
        self._link = Link(lambda _events: None, self._notices.append)

    def ask(self, request: Request[_Answer], timeout: float = ANSWER_TIMEOUT) -> _Answer:
        """Send a request and return its reply.

        Raises the ProtocolError that the server answers with, and ConnectionLost if the connection
        is lost or no reply arrives within `timeout` seconds.
        """
        request.id = request.id or new_id()
        with self._lock:
            self._answers.clear()
            self._link.send(request, self._answers.append)
            try:
                self._connection.settimeout(timeout)
                self._connection.sendall(self._link.data_to_send())
                self._wait()
            except TimeoutError:
                # A reply that comes later would be taken for that to the next request.
                self.close()
                raise NoReply from None
            except OSError as error:
                raise ConnectionLost from error
            answer: Any = self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer  # type: ignore[no-any-return]  # of the type that the request names

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _wait(self) -> None:
        while not self._answers:
            if not (data := self._connection.recv(_RECEIVE)):
                raise ConnectionLost
            try:
                self._link.receive(data)
            except ProtocolError as error:
                raise NotMessenger(error) from error
            # The server ends the connection, and says why, unless it has answered before.
            if not self._answers and self._notices:
                notice = self._notices[-1]
                if isinstance(notice, Exception):
                    raise notice
