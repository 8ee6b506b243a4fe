"""TLS on the port of plain JIM: the first byte decides, and the same server answers both."""

import datetime as dt
import json
import signal
import socket
import ssl
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from messenger.crypto import certificates
from tests.running import RunningServer, SecureTalker, Talker, tls_context, until

Servers = Callable[..., RunningServer]
Talkers = Callable[..., Talker]
Names = Callable[[str], str]


def test_tls_and_plain_connections_talk_to_each_other(server: RunningServer, name: Names) -> None:
    with SecureTalker(server.port) as ann, Talker(server.port) as bob:
        ann.guest_fully(name("ann"))
        bob.guest_fully(name("bob"))
        assert ann.socket.version() == "TLSv1.3"
        assert ann.socket.selected_alpn_protocol() == "jim"

        for number in range(100):
            ann.send("msg", to=bob.name, message=f"encrypted {number}", id=number)
        texts = [bob.event("msg")["message"] for _ in range(100)]
        assert texts == [f"encrypted {number}" for number in range(100)]
        bob.send("msg", to=ann.name, message="x" * 15_000)
        assert ann.event("msg")["message"] == "x" * 15_000


def test_a_plain_client_may_use_tls(server: RunningServer, name: Names) -> None:
    with SecureTalker(server.port, newline=False) as ann:
        assert ann.guest(name("ann"))["response"] == 200
        ann.send("msg", to="#all", message="hi")
        assert ann.receive()["response"] == 200


def test_the_client_hello_may_arrive_in_any_pieces(server: RunningServer, name: Names) -> None:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = tls_context().wrap_bio(incoming, outgoing)
    with pytest.raises(ssl.SSLWantReadError):
        tls.do_handshake()
    hello = outgoing.read()
    with socket.create_connection(("127.0.0.1", server.port), 10) as link:
        for byte in hello:
            link.sendall(bytes([byte]))
        incoming.write(link.recv(65536))
        tls.do_handshake()
        link.sendall(outgoing.read())
        tls.write(b'{"action": "presence", "user": {"account_name": "%s"}}\n' % name("a").encode())
        link.sendall(outgoing.read())
        incoming.write(link.recv(65536))
        assert b'"response":200' in tls.read(1000)


@pytest.mark.parametrize(
    "first", [b"\x16", b"\x16\x03\x01\x02\x00", b"\x16" + b"garbage" * 100, b"\x16\x00" * 9000]
)
def test_an_invalid_handshake_ends_only_its_connection(
    server: RunningServer, name: Names, first: bytes
) -> None:
    with Talker(server.port) as ann:
        ann.guest(name("ann"))
        with socket.create_connection(("127.0.0.1", server.port), 10) as link:
            link.sendall(first)
        with socket.create_connection(("127.0.0.1", server.port), 10) as link:
            link.sendall(first)
            link.settimeout(7)
            try:
                while link.recv(1000):
                    pass
            except ConnectionError:
                pass
        assert ann.ask("msg", to="#all", message="here")["response"] == 200


def test_an_older_tls_is_refused(server: RunningServer) -> None:
    with (
        socket.create_connection(("127.0.0.1", server.port), 10) as link,
        pytest.raises(OSError, match=r"(?i)version|reset|eof"),
    ):
        tls_context(newest=False).wrap_socket(link)


def test_closed_connections_are_forgotten(own_server: Servers) -> None:
    server = own_server("--limits", "off", toml="[limits]\nconnections = 20\n")
    for _ in range(60):
        with socket.create_connection(("127.0.0.1", server.port), 10) as link:
            link.sendall(b"\x16\x03\x01")
        with SecureTalker(server.port):
            pass
    until(lambda: lets_in(server))


def lets_in(server: RunningServer) -> bool:
    with SecureTalker(server.port) as ann:
        return bool(ann.guest("ann")["response"] == 200)


def test_the_servers_key_is_its_own_and_stays(own_server: Servers) -> None:
    server = own_server()
    with SecureTalker(server.port) as ann:
        fingerprint = ann.fingerprint
    key = server.data / "key.pem"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert fingerprint in server.log()
    server.stop()
    (server.data / "certificate.pem").unlink()  # a new certificate, the same key

    server.start()
    with SecureTalker(server.port) as ann:
        assert ann.fingerprint == fingerprint


def test_a_configured_certificate_is_reloaded_without_dropping_connections(
    own_server: Servers, tmp_path: Path
) -> None:
    files = tmp_path / "mine.pem", tmp_path / "mine.key"

    def renew() -> str:
        key = certificates.make_key()
        now = dt.datetime.now(dt.UTC)
        files[1].write_bytes(key)
        files[0].write_bytes(certificates.make_certificate(key, "example.org", now))
        return certificates.fingerprint(files[0].read_bytes())

    first = renew()
    server = own_server(toml=f"certificate = '{files[0]}'\nprivate_key = '{files[1]}'\n")
    with SecureTalker(server.port) as ann:
        ann.guest("ann")
        assert ann.fingerprint == first
        second = renew()
        server.process.send_signal(signal.SIGHUP)
        until(lambda: second in server.log())
        with SecureTalker(server.port) as bob:
            assert bob.fingerprint == second
        files[0].write_text("no certificate", "utf-8")
        server.process.send_signal(signal.SIGHUP)
        until(lambda: "The old certificate stays in use" in server.log())
        with SecureTalker(server.port) as bob:
            assert bob.fingerprint == second
        assert ann.ask("msg", to="#all", message="still here")["response"] == 200


def test_plain_connections_are_refused_where_the_operator_forbids_them(own_server: Servers) -> None:
    server = own_server(toml='plain = "off"\n')
    with Talker(server.port) as ann:
        answer = ann.guest("ann")
        assert answer["response"] == 403
        assert "TLS" in answer["error"]
        assert ann.is_closed()
    with SecureTalker(server.port) as ann:
        assert ann.guest("ann")["response"] == 200


def test_a_stop_says_goodbye_over_tls_too(own_server: Servers) -> None:
    server = own_server()
    with SecureTalker(server.port) as ann:
        ann.guest("ann")
        assert server.stop() == 0
        assert ann.receive()["response"] == 503
        assert ann.is_closed()


@pytest.mark.parametrize("request_", [b'{"action":"logins"}\n', b'{"action":1}\n', b"no JSON\n"])
def test_a_request_in_the_same_segment_as_the_end_of_the_handshake_is_answered_over_tls(
    server: RunningServer, request_: bytes
) -> None:
    """The answer must not be written before the TLS protocol is in place."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = tls_context().wrap_bio(incoming, outgoing)
    with socket.create_connection(("127.0.0.1", server.port)) as plain:
        plain.settimeout(60)
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                plain.sendall(outgoing.read())
                incoming.write(plain.recv(65536))
        tls.write(request_)
        plain.sendall(outgoing.read())  # the client's last part of the handshake is in it, too
        answer = b""
        while b"\n" not in answer:
            try:
                answer += tls.read(65536)
            except ssl.SSLWantReadError:
                incoming.write(plain.recv(65536))

    assert json.loads(answer)["response"] in (400, 401)
