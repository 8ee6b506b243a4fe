"""The socket calls of a client and of a server are checked when the class is made (R18, R19)."""

import socket
from typing import Any

import pytest

from messenger.log import log
from messenger.sdk.client import Client
from messenger.server.listener import Listener
from messenger.verifiers import ClientVerifier, ServerVerifier


def test_r18_the_client_is_verified() -> None:
    assert isinstance(Client, ClientVerifier)


def test_r19_the_servers_listener_is_verified() -> None:
    assert isinstance(Listener, ServerVerifier)


@pytest.mark.parametrize("name", ["listen", "accept"])
def test_r18_a_client_neither_listens_nor_accepts(name: str) -> None:
    def wrong(self: Any) -> None:
        connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        getattr(connection, "close")()  # noqa: B009  a string is no use of a name

    def listens(self: Any) -> None:
        self.connection.listen()

    def accepts(self: Any) -> None:
        self.connection.accept()

    forbidden = {"listen": listens, "accept": accepts}[name]
    with pytest.raises(TypeError, match=rf"Wrong\.go, line \d+, uses '{name}'"):
        ClientVerifier("Wrong", (), {"make": wrong, "go": forbidden})


def test_r19_a_server_does_not_connect() -> None:
    with pytest.raises(TypeError, match=r"Wrong\.call, line \d+, uses 'connect'"):

        class Wrong(metaclass=ServerVerifier):
            def __init__(self) -> None:
                self.connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM)

            def call(self) -> None:
                self.connection.connect(("127.0.0.1", 7777))


def test_the_line_that_is_named_is_the_line_that_is_wrong() -> None:
    def call(self: Any) -> None:
        connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        connection.connect(("127.0.0.1", 7777))

    line = call.__code__.co_firstlineno + 2
    with pytest.raises(TypeError, match=f"line {line},"):
        ServerVerifier("Wrong", (), {"call": call})


@pytest.mark.parametrize("verifier", [ClientVerifier, ServerVerifier])
def test_sockets_are_for_tcp(verifier: Any) -> None:
    def udp(self: Any) -> None:
        self.connection = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    with pytest.raises(TypeError, match="SOCK_DGRAM"):
        verifier("Wrong", (), {"make": udp})


@pytest.mark.parametrize("verifier", [ClientVerifier, ServerVerifier])
def test_a_class_without_a_tcp_socket_is_wrong(verifier: Any) -> None:
    with pytest.raises(TypeError, match="no TCP socket"):
        verifier("Wrong", (), {"nothing": lambda _: None})


def test_a_decorator_hides_nothing() -> None:
    @log
    def hidden(self: Any) -> None:
        socket.create_connection(("127.0.0.1", 1)).listen()

    for member in (hidden, staticmethod(hidden), classmethod(hidden), property(hidden)):
        with pytest.raises(TypeError, match="listen"):
            ClientVerifier("Wrong", (), {"member": member})


def test_a_nested_function_hides_nothing() -> None:
    def outer(self: Any) -> Any:
        socket.create_connection(("127.0.0.1", 1))
        return lambda: [connection.listen() for connection in self.connections]

    with pytest.raises(TypeError, match="listen"):
        ClientVerifier("Wrong", (), {"outer": outer})


def test_a_subclass_needs_no_socket_of_its_own_but_cannot_make_forbidden_calls() -> None:
    class Quiet(Client):
        """Adds nothing."""

    assert issubclass(Quiet, Client)
    with pytest.raises(TypeError, match="listen"):

        class Listening(Client):
            def wait(self) -> None:
                self.connection.listen()  # type: ignore[attr-defined]  # it is to be refused
