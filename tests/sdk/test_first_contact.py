"""The key of a server can be looked at before a login, and that can be cancelled."""

import socket
import threading
from collections.abc import Iterator

import pytest

from messenger.crypto.certificates import fingerprint
from messenger.sdk import Cancellation, Cancelled
from messenger.sdk.errors import NoTls, Unreachable
from messenger.sdk.first_contact import look_at_server
from messenger.sdk.server_identity import ServerChanged
from tests.running import RunningServer, Talker


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """A server that accepts a connection, and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


def test_the_fingerprint_is_that_of_the_certificate(one_server: RunningServer) -> None:
    certificate = (one_server.data / "certificate.pem").read_bytes()

    found = look_at_server("127.0.0.1", one_server.port, "tls")

    assert found == fingerprint(certificate)


def test_without_tls_there_is_no_key(one_server: RunningServer) -> None:
    assert look_at_server("127.0.0.1", one_server.port) is None


def test_an_invitation_that_names_another_key_is_told(one_server: RunningServer) -> None:
    with pytest.raises(ServerChanged):
        look_at_server("127.0.0.1", one_server.port, "tls", "ab" * 32)


def test_nobody_is_logged_in_by_a_look(one_server: RunningServer) -> None:
    look_at_server("127.0.0.1", one_server.port, "tls")

    with Talker(one_server.port) as link:
        assert link.log_in("nobody")["response"] != 200


def test_what_is_no_server_is_an_error_with_a_sentence(silent: socket.socket) -> None:
    host, port = silent.getsockname()

    def refuse() -> None:
        connection, _address = silent.accept()
        connection.sendall(b"hello\r\n")
        connection.close()

    thread = threading.Thread(target=refuse)
    thread.start()
    with pytest.raises((NoTls, Unreachable)):
        look_at_server(host, port, "tls")
    thread.join()


def test_a_look_can_be_cancelled(silent: socket.socket) -> None:
    host, port = silent.getsockname()
    cancellation, caught = Cancellation(), []

    def look() -> None:
        try:
            with cancellation:
                look_at_server(host, port, "tls")
        except Cancelled as error:
            caught.append(error)

    thread = threading.Thread(target=look)
    thread.start()
    connection, _address = silent.accept()
    with connection:
        cancellation.cancel()
        thread.join(30)

    assert len(caught) == 1
