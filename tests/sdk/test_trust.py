"""The server's identity: the first key is trusted, another one ends the connection at once."""

import asyncio
import queue
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

from messenger.crypto.certificates import fingerprint, grouped, ungrouped
from messenger.jim.errors import ProtocolError
from messenger.sdk import AsyncClient, Client, Credentials, MessageReceived, StateChanged, Store
from messenger.sdk.errors import LoginEnded, NoTls
from messenger.sdk.events import ConnectionState
from messenger.sdk.server_identity import AUTHORITY, SERVER_KEY, CertificateRenewed, ServerChanged
from tests.running import PASSWORD, RunningServer, running, until

SECRET = Credentials("ann", PASSWORD, register=True)


@pytest.fixture
def one_server(tmp_path: Path) -> Iterator[RunningServer]:
    with running(tmp_path / "server", "--limits", "off") as server:
        yield server


@contextmanager
def client(
    port: int,
    store: Store,
    credentials: Credentials = SECRET,
    address: str = "127.0.0.1",
    fingerprint: str | None = None,
) -> Iterator[Client]:
    made = Client(address, port, credentials, store, encryption="tls", fingerprint=fingerprint)
    made.start()
    try:
        yield made
    finally:
        made.close()


def key_of(server: RunningServer) -> str:
    return fingerprint((server.data / "certificate.pem").read_bytes())


@contextmanager
def imposter(certificate: trustme.LeafCert) -> Iterator[tuple[int, list[bytes]]]:
    """Listen with another key; yield the port, and what clients send after the handshake."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    said: list[bytes] = []

    def heard(connection: socket.socket) -> bytes:
        try:
            with context.wrap_socket(connection, server_side=True) as tls:
                return tls.recv(1000)
        except OSError:
            return b""

    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            try:
                while True:
                    connection, _address = listening.accept()
                    said.append(heard(connection))
            except OSError:
                return

        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1], said


def test_the_key_that_is_seen_first_is_kept(one_server: RunningServer) -> None:
    store = Store()
    with client(one_server.port, store) as ann:
        assert ann.wait_until_online(60)
        assert ann.trust.fingerprint == key_of(one_server)
    with client(one_server.port, store) as ann:
        assert ann.wait_until_online(60)


def test_connections_to_this_machine_are_plain_by_default() -> None:
    for address, encrypts in (
        ("127.0.0.1", False), ("::1", False), ("localhost", False),
        ("10.0.0.1", True), ("fe80::1%eth0", True), ("example.org", True),
    ):  # fmt: skip
        assert Client(address, 7777, SECRET).trust.encrypts == encrypts, address
    assert not Client("example.org", 7777, SECRET, encryption="plain").trust.encrypts


def test_another_key_ends_it_before_a_word_is_said(one_server: RunningServer) -> None:
    store = Store()
    with client(one_server.port, store) as ann:
        assert ann.wait_until_online(60)
    other = trustme.CA().issue_cert("127.0.0.1")
    found = fingerprint(other.cert_chain_pems[0].bytes())

    with imposter(other) as (port, said), client(port, store) as ann:
        with pytest.raises(ServerChanged) as refused:
            ann.wait_until_online(60)
        until(lambda: said)
        assert set(said) == {b""}

    assert grouped(key_of(one_server)) in str(refused.value)
    assert grouped(found) in str(refused.value)
    assert ann.core.state is ConnectionState.CLOSED
    assert ann.trust.fingerprint == key_of(one_server)


def test_an_invitation_makes_the_first_use_safe(one_server: RunningServer) -> None:
    with imposter(trustme.CA().issue_cert("127.0.0.1")) as (port, said):
        key = key_of(one_server)
        with client(port, Store(), fingerprint=key) as ann, pytest.raises(ServerChanged):
            ann.wait_until_online(60)
        until(lambda: said)
        assert set(said) == {b""}
    with client(one_server.port, Store(), fingerprint=key) as ann:
        assert ann.wait_until_online(60)


def test_what_the_operator_confirms_is_trusted_from_then_on(one_server: RunningServer) -> None:
    store = Store()
    store.put("server_key", "0" * 64)
    with client(one_server.port, store) as ann, pytest.raises(ServerChanged):
        ann.wait_until_online(60)

    with accepting(one_server.port, store, key_of(one_server)) as ann:
        assert ann.wait_until_online(60)
    with client(one_server.port, store) as ann:
        assert ann.wait_until_online(60)


@pytest.mark.parametrize("known", ["0" * 64, AUTHORITY])
def test_an_invitation_does_not_replace_a_known_key(
    one_server: RunningServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: str
) -> None:
    """Nor if an authority has signed for the server: both have to be right."""
    authority = trusted_authority(tmp_path, monkeypatch)
    store = Store()
    store.put(SERVER_KEY, known)
    named = key_of(one_server)
    with imposter(authority.issue_cert("localhost")) as (port, said):
        with (
            client(port, store, address="localhost", fingerprint=named) as ann,
            pytest.raises(ServerChanged, match="than you were given") as refused,
        ):
            ann.wait_until_online(60)
        assert set(said) <= {b""}
    assert grouped(named) in str(refused.value)
    assert store.get(SERVER_KEY) == known


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_known_key_is_not_given_up_for_an_authority(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asynchronous: bool
) -> None:
    authority = trusted_authority(tmp_path, monkeypatch)
    store = Store()
    store.put(SERVER_KEY, "0" * 64)
    with imposter(authority.issue_cert("localhost")) as (port, said):
        with pytest.raises(CertificateRenewed, match="has signed the new key"):
            come("localhost", port, store, asynchronous)
        until(lambda: len(said) == 2)  # once more, to see whether an authority has signed it
        assert set(said) == {b""}
    assert store.get(SERVER_KEY) == "0" * 64


@pytest.mark.parametrize("asynchronous", [False, True])
def test_an_authority_that_has_not_signed_is_not_mentioned(asynchronous: bool) -> None:
    store = Store()
    store.put(SERVER_KEY, "0" * 64)
    with imposter(trustme.CA().issue_cert("localhost")) as (port, said):
        with pytest.raises(ProtocolError) as refused:
            come("localhost", port, store, asynchronous)
        until(lambda: said)
        assert set(said) == {b""}
    assert "authority" not in str(refused.value)


def test_the_operators_new_certificate_is_accepted_and_the_password_asked_for_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trusted_authority(tmp_path, monkeypatch)
    data, store = tmp_path / "data", Store()
    with running(data) as server, client(server.port, store, address="localhost") as ann:
        assert ann.wait_until_online(60)

    issue(authority, "localhost", data)
    nothing = Credentials("ann")
    with running(data) as server:
        with accepting(server.port, store, AUTHORITY, nothing, "localhost") as ann:
            with pytest.raises(LoginEnded, match="another server"):
                ann.wait_until_online(60)
            ann.log_in(Credentials("ann", PASSWORD))
            assert ann.wait_until_online(60)
        with client(server.port, store, nothing, "localhost") as ann:
            assert ann.wait_until_online(60)


def test_a_login_is_worth_nothing_on_another_server(one_server: RunningServer) -> None:
    """Its token is not even sent there; nor without TLS, where servers cannot be told apart."""
    store, plain = Store(), Store()
    with client(one_server.port, store) as ann:
        assert ann.wait_until_online(60)
    other = trustme.CA().issue_cert("127.0.0.1")
    with imposter(other) as (port, said):
        found = fingerprint(other.cert_chain_pems[0].bytes())
        with accepting(port, store, found, Credentials("ann", PASSWORD)):
            until(lambda: said)
    token = (store.get("token") or "").split(" ")[0].encode()
    assert token
    assert b"scram" in said[0]
    assert token not in said[0]

    plain.take_over(store)
    ann = Client("127.0.0.1", one_server.port, Credentials("ann"), plain, encryption="plain")
    ann.start()
    with pytest.raises(LoginEnded):
        ann.wait_until_online(60)
    ann.close()


def come(address: str, port: int, store: Store, asynchronous: bool) -> None:
    """Be online once, by a client of either kind."""
    if not asynchronous:
        with client(port, store, address=address) as ann:
            ann.wait_until_online(60)
        return

    async def be_online() -> None:
        async with AsyncClient(address, port, SECRET, store, encryption="tls") as ann:
            await ann.wait_until_online()

    asyncio.run(asyncio.wait_for(be_online(), 60))


@contextmanager
def accepting(
    port: int,
    store: Store,
    server: str,
    credentials: Credentials = SECRET,
    address: str = "127.0.0.1",
) -> Iterator[Client]:
    made = Client(address, port, credentials, store, encryption="tls")
    made.trust.accept(server)
    made.start()
    try:
        yield made
    finally:
        made.close()


def trusted_authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "roots.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "roots.pem"))
    return authority


def issue(authority: trustme.CA, name: str, data: Path) -> None:
    """Give the server in a directory a certificate of the authority."""
    made = authority.issue_cert(name)
    certificate, key = data / "cert.pem", data / "cert.key"
    made.private_key_pem.write_to_path(str(key))
    made.cert_chain_pems[0].write_to_path(str(certificate))
    toml = f"certificate = '{certificate}'\nprivate_key = '{key}'\n"
    (data / "messenger.toml").write_text(toml, "utf-8")


def test_a_server_that_an_authority_has_signed_may_change_its_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trusted_authority(tmp_path, monkeypatch)
    data = tmp_path / "data"
    data.mkdir()
    store = Store()

    for _ in range(2):
        issue(authority, "localhost", data)
        with running(data) as server, client(server.port, store, address="localhost") as ann:
            assert ann.wait_until_online(60)
            assert ann.trust.fingerprint == AUTHORITY
    issue(authority, "another.example", data)
    with (
        running(data) as server,
        client(server.port, store, address="localhost") as ann,
        pytest.raises(ServerChanged, match="authority"),
    ):
        ann.wait_until_online(60)


def test_a_server_without_tls_is_said_to_be(one_server: RunningServer) -> None:
    states: queue.Queue[StateChanged] = queue.Queue()
    with socket.create_server(("127.0.0.1", 0)) as plain:
        threading.Thread(target=_answer_plainly, args=(plain,), daemon=True).start()
        ann = Client("127.0.0.1", plain.getsockname()[1], SECRET, encryption="tls")
        ann.on(StateChanged)(states.put)
        ann.start()
        while (change := states.get(timeout=60)).state is not ConnectionState.OFFLINE:
            pass
        ann.close()

    assert isinstance(change.error, NoTls)


def _answer_plainly(listening: socket.socket) -> None:
    connection, _address = listening.accept()
    with connection:
        connection.recv(1000)
        connection.sendall(b'{"response": 400, "time": 1, "error": "what?"}\n')


@pytest.mark.soak
def test_two_threads_of_a_client_share_a_tls_connection(
    one_server: RunningServer, size: Callable[[int, int], int]
) -> None:
    """Reading and writing at full speed at the same time, in both directions."""
    count = size(80, 1000)
    stores = Store(), Store()
    with (
        client(one_server.port, stores[0], Credentials("ann")) as ann,
        client(one_server.port, stores[1], Credentials("bob")) as bob,
    ):
        heard: dict[str, list[str]] = {"ann": [], "bob": []}
        for one in (ann, bob):
            name = one.core.credentials.name

            def take(event: MessageReceived, name: str = name) -> None:
                if event.message.sender != name:
                    heard[name].append(event.message.text)

            one.on(MessageReceived)(take)
            assert one.wait_until_online(60)
        for number in range(count):
            ann.send_text("bob", f"{number} " + "a" * (number * 17 % 3000))
            bob.send_text("ann", f"{number} " + "b" * (number * 17 % 3000))
        assert ann.wait_until_sent(60)
        assert bob.wait_until_sent(60)
        until(lambda: min(map(len, heard.values())) == count, 60)

    for texts in heard.values():
        assert [int(text.split()[0]) for text in texts] == list(range(count))


def test_bots_trust_in_the_same_way(one_server: RunningServer) -> None:
    async def come(store: Store, fingerprint: str | None = None) -> None:
        bot = AsyncClient(
            "127.0.0.1", one_server.port, Credentials("bot"), store,
            encryption="tls", fingerprint=fingerprint,
        )  # fmt: skip
        async with bot:
            await asyncio.wait_for(bot.wait_until_online(), 60)

    store = Store()
    asyncio.run(come(store))
    assert store.get("server_key") == key_of(one_server)
    with pytest.raises(ProtocolError, match="another key"):
        asyncio.run(come(store, "0" * 64))


@pytest.mark.parametrize("text", ["", "ab", "z" * 64, "a" * 65])
def test_what_is_no_fingerprint_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="64"):
        ungrouped(text)


def test_a_fingerprint_is_read_as_it_is_shown() -> None:
    found = "0123456789abcdef" * 4

    assert ungrouped(grouped(found)) == found
    assert ungrouped(grouped(found).upper().replace(" ", ":")) == found
