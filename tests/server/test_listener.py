"""The listening socket and its port (R20)."""

import socket
import threading
from contextlib import suppress

import pytest

from messenger.server.listener import CannotListen, Listener, Port


class Door:
    """A class with a port, like that of a listening socket."""

    port = Port()

    def __init__(self, port: object = 7777) -> None:
        self.port = port


def test_r20_the_default_is_7777() -> None:
    assert Door().port == 7777


@pytest.mark.parametrize("port", [0, 1, 7777, 65535])
def test_r20_a_port_is_a_number_from_0_to_65535(port: int) -> None:
    assert Door(port).port == port


@pytest.mark.parametrize("port", [-1, 65536, "7777", 7777.0, True, None])
def test_r20_anything_else_is_refused_with_a_reason(port: object) -> None:
    with pytest.raises((TypeError, ValueError), match="port"):
        Door(port)


def test_r20_two_servers_have_a_port_each() -> None:
    one, two = Door(1), Door(2)

    assert (one.port, two.port) == (1, 2)


def test_port_0_is_any_free_one() -> None:
    listener = Listener("127.0.0.1", 0)
    listener.open()

    assert listener.port > 0
    socket.create_connection(("127.0.0.1", listener.port), 5).close()
    listener.close()


def test_without_an_address_all_are_listened_on() -> None:
    listener = Listener("", 0)
    listener.open()

    assert len({listening.getsockname()[1] for listening in listener.sockets}) == 1
    socket.create_connection(("127.0.0.1", listener.port), 5).close()
    listener.close()


def test_a_port_in_use_is_distinguished_from_other_errors() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(CannotListen, match="Another program"),
    ):
        Listener("127.0.0.1", taken.getsockname()[1]).open()
    with pytest.raises(CannotListen, match=r"192\.0\.2\.1"):
        Listener("192.0.2.1", 0).open()


def test_connections_whose_peer_is_gone_are_ended_by_the_system() -> None:
    listener = Listener("127.0.0.1", 0)
    (listening,) = listener.open()
    with socket.create_connection(("127.0.0.1", listener.port), 5):
        listening.setblocking(True)
        accepted, _ = listening.accept()

        assert accepted.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        accepted.close()
    listener.close()


def test_a_check_says_what_opening_would_say() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(CannotListen, match="Another program listens"):
            Listener("127.0.0.1", port).check()
    Listener("127.0.0.1", port).check()
    with pytest.raises(CannotListen, match="Cannot listen on"):
        Listener("192.0.2.1", 0).check()


@pytest.mark.io
def test_checks_keep_no_server_from_starting() -> None:
    port, ends = Listener("127.0.0.1", 0), threading.Event()
    port.open()
    port.close()

    def check() -> None:
        while not ends.is_set():
            with suppress(CannotListen):  # the server has it by now
                Listener("127.0.0.1", port.port).check()

    checking = threading.Thread(target=check)
    checking.start()
    try:
        for _turn in range(200):
            server = Listener("127.0.0.1", port.port)
            server.open()
            server.close()
    finally:
        ends.set()
        checking.join()
