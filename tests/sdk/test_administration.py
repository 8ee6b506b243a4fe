"""The verbs of administration over a client of the SDK, and connections that end."""

import socket
import threading
from pathlib import Path

import pytest

from messenger.jim.errors import BadRequest, Conflict, Forbidden, NotFound, Unauthorized
from messenger.sdk import Client, Credentials, Store
from messenger.sdk.administration import Administration, at_server, at_socket, on_socket
from messenger.sdk.administration.known_servers import KnownServer
from messenger.sdk.errors import ConnectionLost, NotMessenger
from messenger.sdk.server_identity import SERVER_KEY
from tests.running import PASSWORD, RunningServer
from tests.server.administrators import Names, operator, registered


@pytest.fixture
def admin(one_server: RunningServer, name: Names) -> str:
    registered(one_server, name("admin"))
    operator(one_server, "admin_promote", account_name=name("admin"))
    return name("admin")


def test_a_client_that_is_online_administers(
    one_server: RunningServer, name: Names, admin: str
) -> None:
    client = Client(
        "127.0.0.1", one_server.port, Credentials(admin, PASSWORD), Store(), encryption="tls"
    )
    client.start()
    assert client.wait_until_online(60)
    verbs = Administration(client.ask)
    eve = registered(one_server, name("eve"))

    assert verbs.account(eve).account is not None
    assert eve in verbs.block(eve)
    with pytest.raises(Conflict):
        verbs.block(eve)
    with pytest.raises(NotFound):
        verbs.account("nobody at all")
    assert verbs.audit(actor=admin).entries[0].after == {"blocked": True}
    client.close()


def test_an_account_administers_without_being_a_device(
    one_server: RunningServer, name: Names, admin: str, tmp_path: Path
) -> None:
    known = KnownServer(tmp_path, "127.0.0.1", one_server.port)
    with at_server("127.0.0.1", one_server.port, admin, PASSWORD, known) as verbs:
        found = verbs.account(admin)
        assert found.account is not None
        assert (found.account.sessions, found.devices) == (1, [])
        assert found.logins[0].program.startswith("messenger admin")
        assert known.get(SERVER_KEY)
        with pytest.raises(BadRequest):
            verbs.add_account(name("eve"), "short")
        verbs.add_account(name("eve"), PASSWORD)
        number = verbs.sessions(admin).sessions[0].number
        with at_socket(one_server.data / "admin.sock") as local:
            local.end_session(number)
        with pytest.raises((Unauthorized, ConnectionLost)):
            verbs.accounts()
    with (
        at_server("127.0.0.1", one_server.port, name("eve"), PASSWORD, known) as verbs,
        pytest.raises(Forbidden),
    ):
        verbs.accounts()


def test_errors_are_in_the_language_of_whoever_administers(
    one_server: RunningServer, tmp_path: Path, admin: str
) -> None:
    known = KnownServer(tmp_path, "127.0.0.1", one_server.port)
    with (
        at_socket(one_server.data / "admin.sock", "ru") as local,
        at_server("127.0.0.1", one_server.port, admin, PASSWORD, known, language="ru") as away,
    ):
        for verbs in (local, away):
            with pytest.raises(NotFound, match="Нет учётной записи никто"):
                verbs.block("никто")


@pytest.mark.parametrize(
    ("sent", "error"), [(b"", ConnectionLost), (b"HTTP/1.1 400\r\n\r\n", NotMessenger)]
)
def test_a_peer_that_does_not_answer_as_a_server_is_an_error(
    sent: bytes, error: type[Exception]
) -> None:
    ours, theirs = socket.socketpair()

    def answer() -> None:
        theirs.recv(65536)
        theirs.sendall(sent)
        theirs.close()

    thread = threading.Thread(target=answer)
    thread.start()
    with pytest.raises(error):
        on_socket(ours)
    thread.join()
    assert ours.fileno() == -1
