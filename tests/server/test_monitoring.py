"""Metrics and health over HTTP: true figures, no names, and no way to hurt the server."""

import http.client
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from messenger.server.store import database
from tests.ports import free_port
from tests.running import RunningServer, Talker, until

Start = Callable[..., RunningServer]


@pytest.fixture
def monitored(own_server: Start) -> Iterator[Callable[[], tuple[RunningServer, int]]]:
    """Start a server with a port for monitoring, and return that."""

    def start() -> tuple[RunningServer, int]:
        port = free_port()
        return own_server("--limits", "off", toml=f"metrics_port = {port}"), port

    return start


def get(port: int, path: str, method: str = "GET") -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path)
        found = connection.getresponse()
        return found.status, found.read().decode()
    finally:
        connection.close()


def figures(port: int) -> dict[str, float]:
    """Return the values by names, with the labels if there are any."""
    status, page = get(port, "/metrics")
    assert status == 200
    return {
        "".join((one.name, *(f"{{{label}={value}}}" for label, value in one.labels.items()))): (
            one.value
        )
        for family in text_string_to_metric_families(page)
        for one in family.samples
    }


@contextmanager
def locked(server: RunningServer) -> Iterator[None]:
    """Keep the server from writing into its database for as long as the block."""
    engine = server.open_database()
    with database.writer(engine) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
            connection.execute(text("LOCK TABLE settings IN ACCESS EXCLUSIVE MODE"))
        yield
    engine.dispose()


Monitored = Callable[[], tuple[RunningServer, int]]


def test_metrics_count_what_a_busy_server_does(monitored: Monitored) -> None:
    server, port = monitored()
    with ExitStack() as stack:
        ann, bob, eve = (stack.enter_context(Talker(server.port)) for _ in range(3))
        ann.register_quickly("ann")
        ann.log_in_fully("ann")
        bob.guest("bob")
        before = figures(port)
        for number in range(300):
            ann.send("msg", to="bob", message="hello", id=f"id{number}")
            bob.send("msg", to="#all", message="busy")
            if number % 100 == 0:
                figures(port)
        ann.send("msg", to="#all", message="over")
        bob.before("over")
        until(lambda: figures(port)["messenger_messages_stored_total"] == 601)
        now = figures(port)

        assert before["messenger_messages_stored_total"] == 0
        assert now["messenger_delivery_seconds_count"] == 601
        assert 0 < now["messenger_delivery_seconds_sum"] < 601 * 30
        assert now["messenger_delivery_seconds_bucket{le=+Inf}"] == 601
        assert now["messenger_stored_bytes_total"] > 601 * 50
        assert now["messenger_online_accounts{kind=registered}"] == 1
        assert now["messenger_online_accounts{kind=guest}"] == 1
        assert now["messenger_sessions"] == 3
        committed = "messenger_database_transactions_total{result=committed}"
        assert now[committed] > before[committed]
        assert now["messenger_database_size_bytes"] > 2**16
        assert now["messenger_disk_free_bytes"] > 2**20
        assert now["process_resident_memory_bytes"] > 10 * 2**20
        assert 0 < now["process_cpu_seconds_total"] < 60
        assert 0 <= time.time() - now["process_start_time_seconds"] < 120
        until(lambda: figures(port)["messenger_event_loop_lag_seconds_count"])
        page = get(port, "/metrics")[1]
        assert not [name for name in ("ann", "bob", "#all", "127.0.0.1") if name in page]
        eve.close()


def test_every_metric_has_a_conventional_name_and_a_help(monitored: Monitored) -> None:
    _, port = monitored()

    families = list(text_string_to_metric_families(get(port, "/metrics")[1]))

    assert all(one.documentation for one in families)
    assert all(one.name.startswith(("messenger", "process_")) for one in families)
    for one in families:
        assert not one.name.endswith("_total")
        if one.type == "counter":
            assert all(sample.name.endswith("_total") for sample in one.samples)
        if one.type == "histogram":
            assert one.name.endswith("_seconds")
    assert {label for one in families for sample in one.samples for label in sample.labels} == {
        *("database", "event_loop", "kind", "le", "result", "version")
    }


def test_health_is_good_while_the_database_commits(monitored: Monitored) -> None:
    server, port = monitored()

    assert get(port, "/healthz") == (200, "ok\n")
    with locked(server):
        until(lambda: get(port, "/healthz")[0] == 503)
        status, line = get(port, "/healthz")
        assert status == 503
        assert line.startswith("The database cannot be written")
        assert line.count("\n") == 1
        # Clients that only read are served meanwhile, and so are the figures.
        assert figures(port)["messenger_sessions"] == 0
    until(lambda: get(port, "/healthz") == (200, "ok\n"))


@pytest.mark.sqlite
def test_other_requests_are_refused_in_words(monitored: Monitored) -> None:
    _, port = monitored()

    assert get(port, "/healthz?x=1")[0] == 200
    assert get(port, "/metrics", "HEAD") == (200, "")
    assert get(port, "/")[0] == 404
    assert get(port, "/metrics", "POST")[0] == 405
    assert answer(port, b"nonsense\r\n\r\n").startswith(b"HTTP/1.1 400 ")
    assert answer(port, b"GET /metrics HTTP/2\r\n\r\n").startswith(b"HTTP/1.1 400 ")
    assert answer(port, b"GET /\xff\xfe\r\n HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 400 ")
    assert answer(port, b"GET / HTTP/1.1\r\nX: " + b"x" * 9000).startswith(b"HTTP/1.1 431 ")
    # It asks twice, and is answered once: the connection is for one request.
    twice = answer(port, b"GET /healthz HTTP/1.1\r\n\r\n" * 2)
    assert twice.count(b"HTTP/1.1 200 OK") == 1


@pytest.mark.sqlite
def test_hostile_connections_end_and_keep_nobody_out(monitored: Monitored) -> None:
    server, port = monitored()
    with ExitStack() as stack:
        ann = stack.enter_context(Talker(server.port))
        ann.guest("ann")
        silent = [
            stack.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(100)
        ]
        for one in silent:
            one.settimeout(30)
            one.send(b"GET /metr") if one.fileno() % 2 else None
        assert get(port, "/healthz")[0] == 200
        assert ann.ask("msg", to="#all", message="on")["response"] == 200
        # Those beyond the limit are cut off at once, the others after some seconds.
        assert all(is_cut_off(one) for one in silent)
        # One that asks, and never reads nor closes.
        lazy = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
        lazy.settimeout(30)
        lazy.send(b"GET /metrics HTTP/1.1\r\n\r\n")
        flood(lazy)
        assert get(port, "/healthz")[0] == 200


@pytest.mark.sqlite
def test_without_the_setting_there_is_no_port(own_server: Start) -> None:
    server = own_server()

    with pytest.raises(ConnectionRefusedError):
        get(9477, "/metrics")
    assert "Metrics and health" not in server.log()


@pytest.mark.sqlite
def test_a_port_that_is_taken_is_named_with_its_setting(own_server: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        with pytest.raises(AssertionError) as failed:
            own_server(toml=f"metrics_port = {port}")

    assert f"metrics_port: Another program listens on port {port}" in str(failed.value)


def answer(port: int, request: bytes) -> bytes:
    """Return everything that the server answers to these bytes."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.settimeout(30)
        connection.sendall(request)
        found = b""
        while data := connection.recv(65536):
            found += data
        return found


def is_cut_off(connection: socket.socket) -> bool:
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def flood(connection: socket.socket) -> None:
    """Write until the server has cut the connection off."""
    with suppress(ConnectionResetError, BrokenPipeError):
        while True:
            connection.sendall(b"x" * 4096)
