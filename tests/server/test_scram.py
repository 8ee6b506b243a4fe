"""Logins that send no password: bound to the server's certificate, proved by both sides."""

import asyncio
import contextlib
import select
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
import trustme
from sqlalchemy import update

from messenger.crypto import passwords
from messenger.crypto.scram import Challenge, ClientExchange, NotProved, ServerExchange
from messenger.jim.errors import ProtocolError, WrongPassword
from messenger.sdk import AsyncClient, Client, Credentials, Store
from messenger.server.store.schema import accounts
from tests.running import PASSWORD, RunningServer, SecureTalker, Talker
from tests.stretching import make_verifier

Names = Callable[[str], str]
Servers = Callable[..., RunningServer]


def begin(link: SecureTalker, name: str, password: str) -> tuple[ClientExchange, dict[str, Any]]:
    exchange = ClientExchange(name, password, link.certificate)
    return exchange, step(link, name, exchange.first())


def step(link: SecureTalker, name: str, data: str, **keys: Any) -> dict[str, Any]:
    return link.ask("scram", user={"account_name": name}, jim=2, data=data, **keys)


def challenge(answer: dict[str, Any]) -> Challenge:
    return Challenge(answer["data"], answer["time_cost"], answer["memory"], answer["parallelism"])


def log_in(link: SecureTalker, name: str, password: str = PASSWORD) -> dict[str, Any]:
    exchange, asked = begin(link, name, password)
    answer = step(link, name, exchange.final(challenge(asked)))
    if answer["response"] == 200:
        exchange.finish(answer["data"])
    return answer


def register(link: Talker, name: str) -> None:
    verifier = passwords.make_verifier(PASSWORD).encode()
    answer = link.ask("register", user={"account_name": name}, verifier=verifier)
    assert answer["response"] == 201, answer


def test_an_account_is_created_and_used_without_sending_the_password(
    server: RunningServer, name: Names
) -> None:
    with SecureTalker(server.port) as link:
        register(link, name("ann"))
        answer = log_in(link, name("ann"))
        assert answer["alert"] == f"Welcome, {name('ann')}"
        assert link.ask("msg", to="#all", message="in", id="1")["response"] == 200

    with Talker(server.port) as plain:
        assert plain.log_in(name("ann"))["response"] == 200


def test_an_account_of_a_plain_client_works_as_well(server: RunningServer, name: Names) -> None:
    with Talker(server.port) as plain:
        plain.register(name("ann"))

    with SecureTalker(server.port) as link:
        assert log_in(link, name("ann"))["response"] == 200


def test_a_wrong_password_and_an_unknown_name_look_the_same(
    server: RunningServer, name: Names
) -> None:
    with SecureTalker(server.port) as link:
        register(link, name("ann"))
        _exchange, known = begin(link, name("ann"), "wrong " + PASSWORD)
    with SecureTalker(server.port) as link:
        wrong = log_in(link, name("ann"), "wrong " + PASSWORD)
        unknown = log_in(link, name("nobody"))
        assert wrong["response"] == unknown["response"] == 402
        assert wrong["error"] == unknown["error"]
        assert log_in(link, name("ann"))["response"] == 200
    salts = set()
    for _ in range(3):
        with SecureTalker(server.port) as link:
            _exchange, asked = begin(link, name("nobody"), PASSWORD)
            assert asked.keys() == known.keys()
            salts.add(asked["data"].split(",")[1])
    assert len(salts) == 1


def test_a_plain_connection_is_refused(server: RunningServer, name: Names) -> None:
    with Talker(server.port) as plain:
        answer = plain.ask("scram", user={"account_name": name("ann")}, data="n,,n=a,r=b")

    assert answer["response"] == 403
    assert "TLS" in answer["error"]


@pytest.mark.parametrize(
    "data", ["", "n,,", "garbage", "n,,n=61,r=nonce", "p=x,,n=61,r=n", "\x00,"]
)
def test_an_invalid_scram_message_is_refused(server: RunningServer, name: Names, data: str) -> None:
    with SecureTalker(server.port) as link:
        assert step(link, name("ann"), data)["response"] == 400
        assert link.guest(name("ann"))["response"] == 200


@pytest.mark.parametrize("data", ["", "garbage", "c=,r=,p=", "c=biws,r=x,p=AAAA", "c=biws,p=\x01"])
def test_an_invalid_proof_is_a_wrong_password(
    server: RunningServer, name: Names, data: str
) -> None:
    with SecureTalker(server.port) as link:
        register(link, name("ann"))
        begin(link, name("ann"), PASSWORD)
        assert step(link, name("ann"), data)["response"] == 402
        assert step(link, name("ann"), data)["response"] == 400


def test_a_proof_holds_for_one_name_one_time_and_one_connection(
    server: RunningServer, name: Names
) -> None:
    with SecureTalker(server.port) as link, SecureTalker(server.port) as other:
        register(link, name("ann"))
        register(link, name("bob"))
        exchange, asked = begin(link, name("ann"), PASSWORD)
        proof = exchange.final(challenge(asked))
        begin(other, name("ann"), PASSWORD)
        assert step(other, name("ann"), proof)["response"] == 402
        assert step(link, name("bob"), proof)["response"] == 402
        assert step(link, name("ann"), proof)["response"] == 400


def test_a_logged_in_connection_cannot_become_another_account(
    server: RunningServer, name: Names
) -> None:
    with SecureTalker(server.port) as link:
        register(link, name("ann"))
        register(link, name("bob"))
        log_in(link, name("ann"))
        _exchange, answer = begin(link, name("bob"), PASSWORD)

        assert answer["response"] == 400


@pytest.mark.parametrize(
    "spoil",
    [
        {"time": 1},
        {"memory": 8},
        {"iterations": 1},
        {"salt": b"short"},
        {"stored_key": b""},
        {"server_key": b"x" * 31},
    ],
)
def test_a_verifier_that_would_be_easy_to_guess_is_refused(
    server: RunningServer, name: Names, spoil: dict[str, Any]
) -> None:
    weak = msgspec.structs.replace(passwords.make_verifier(PASSWORD), **spoil)
    with SecureTalker(server.port) as link:
        user = {"account_name": name("ann")}
        assert link.ask("register", user=user, verifier=weak.encode())["response"] == 400
        assert link.ask("register", user=user, verifier="garbage")["response"] == 400


@pytest.mark.parametrize("cost", [(1, 19456, 1), (2, 8, 1), (2, 10_000_000, 1), (999, 19456, 1)])
def test_a_server_cannot_have_the_password_stretched_too_little_or_too_much(
    cost: tuple[int, int, int],
) -> None:
    certificate = der(trustme.CA().issue_cert("localhost"))
    client = ClientExchange("ann", PASSWORD, certificate)
    server = ServerExchange("ann", passwords.make_verifier(PASSWORD), certificate)
    asked = server.first(client.first())

    with pytest.raises(NotProved, match="too little, or too much"):
        client.final(Challenge(asked.data, *cost))


def test_a_server_that_does_not_know_the_password_is_detected() -> None:
    certificate = der(trustme.CA().issue_cert("localhost"))
    client = ClientExchange("ann", PASSWORD, certificate)
    server = ServerExchange("ann", passwords.fake_verifier(b"secret", "ann"), certificate)
    proof = client.final(server.first(client.first()))

    with pytest.raises(NotProved):
        server.final(proof)
    with pytest.raises(NotProved):
        client.finish("v=" + "A" * 43 + "=")


def test_clients_log_in_and_change_the_password_without_sending_it(own_server: Servers) -> None:
    server = own_server("--limits", "off")
    changed = "another " + PASSWORD
    with client(server.port, Credentials("ann", PASSWORD, register=True)) as ann:
        assert ann.wait_until_online(60)
        with pytest.raises(WrongPassword):
            ann.change_password("wrong " + PASSWORD, changed)
        with pytest.raises(ProtocolError, match="at least"):
            ann.change_password(PASSWORD, "short")
        ann.change_password(PASSWORD, changed)
    with client(server.port, Credentials("ann", PASSWORD)) as ann, pytest.raises(WrongPassword):
        ann.wait_until_online(60)
    with client(server.port, Credentials("ann", changed)) as ann:
        assert ann.wait_until_online(60)


def test_bots_do_the_same(server: RunningServer, name: Names) -> None:
    async def come(password: str, *, register: bool) -> None:
        credentials = Credentials(name("bot"), password, register=register)
        bot = AsyncClient("127.0.0.1", server.port, credentials, Store(), encryption="tls")
        async with bot:
            await asyncio.wait_for(bot.wait_until_online(), 60)
            await bot.change_password(password, password + "!")

    asyncio.run(come(PASSWORD, register=True))
    asyncio.run(come(PASSWORD + "!", register=False))


def test_an_outdated_verifier_is_renewed_at_login(
    own_server: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = own_server("--limits", "off")
    with SecureTalker(server.port) as link:
        register(link, "ann")
    monkeypatch.setattr(passwords, "_TIME_COST", 3)
    older = make_verifier(PASSWORD).encode()
    monkeypatch.undo()
    server.stop()
    database = server.open_database()
    with database.begin() as connection:
        connection.execute(update(accounts).values(verifier=older))
    database.dispose()
    server.start()

    for expected in (3, 2):
        with SecureTalker(server.port) as link:
            _exchange, asked = begin(link, "ann", PASSWORD)
            assert asked["time_cost"] == expected
        with client(server.port, Credentials("ann", PASSWORD)) as ann:
            assert ann.wait_until_online(60)


def test_a_man_in_the_middle_learns_nothing_and_cannot_log_in(
    server: RunningServer, name: Names
) -> None:
    with client(server.port, Credentials(name("ann"), PASSWORD, register=True)) as ann:
        assert ann.wait_until_online(60)

    with man_in_the_middle(server.port) as (port, overheard):
        with client(port, Credentials(name("ann"), PASSWORD)) as ann, pytest.raises(WrongPassword):
            ann.wait_until_online(60)
        assert overheard
        assert PASSWORD.encode() not in b"".join(overheard)


def der(certificate: trustme.LeafCert) -> bytes:
    return ssl.PEM_cert_to_DER_cert(certificate.cert_chain_pems[0].bytes().decode())


@contextlib.contextmanager
def client(port: int, credentials: Credentials) -> Iterator[Client]:
    made = Client("127.0.0.1", port, credentials, Store(), encryption="tls")
    made.start()
    try:
        yield made
    finally:
        made.close()


@contextlib.contextmanager
def man_in_the_middle(server: int) -> Iterator[tuple[int, list[bytes]]]:
    """Relay with a certificate of its own; yield the port, and the bytes that were overheard."""
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(own)
    overheard: list[bytes] = []

    def relay(link: socket.socket) -> None:
        with (
            contextlib.suppress(OSError, ValueError),
            own.wrap_socket(link, server_side=True) as tls,
            SecureTalker(server) as onward,
        ):
            pump({tls: onward.socket, onward.socket: tls})

    # One thread for both directions: two must not use a TLS connection at the same time.
    def pump(sinks: dict[ssl.SSLSocket, ssl.SSLSocket]) -> None:
        poll = select.poll()
        for source in sinks:
            poll.register(source, select.POLLIN)
        while poll.poll():
            for source, sink in sinks.items():
                source.settimeout(0)
                with contextlib.suppress(ssl.SSLWantReadError):
                    while data := source.recv(65536):
                        overheard.append(data)
                        sink.settimeout(60)
                        sink.sendall(data)
                    return

    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            try:
                while True:
                    link, _address = listening.accept()
                    threading.Thread(target=relay, args=(link,), daemon=True).start()
            except OSError:
                return

        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1], overheard
