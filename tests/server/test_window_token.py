"""The window beside a server logs in with a token that counts once, and is the operator's then."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from messenger.admin_window.opening import Beside, Here
from messenger.jim.errors import Forbidden
from messenger.sdk.administration import by_token
from messenger.sdk.errors import Unreachable
from messenger.sdk.server_identity import ServerChanged
from messenger.server import announcing
from messenger.server.listener import _has_ipv6
from messenger.window_login import WindowLogin, read_login
from tests.in_process import InProcessServer
from tests.running import RunningServer, SecureTalker, Talker
from tests.server.administrators import audit_rows, registered
from tests.stretching import PASSWORD

# A server with this test in the place of its window: what that is given is printed.
_PROGRAM = """
import sys
from messenger.__main__ import main
from messenger.admin.child_process import ChildProcess

def start(command, line):
    print(line.decode(), end="", flush=True)
    return ChildProcess(0)

ChildProcess.start = start
ChildProcess.is_running = False
sys.exit(main(["server", "--gui", *sys.argv[1:]]))
"""


class WithWindow(RunningServer):
    """A server that has opened a window, whose `login` was not used yet."""

    login: WindowLogin

    def start(self) -> None:
        """Start it, and read what its window is given."""
        super().start()
        assert self.process.stdout is not None
        while not (line := self.process.stdout.readline()).startswith("{"):
            assert line
        self.login = read_login(line)


@pytest.fixture
def server(tmp_path: Path, use_new_database: Callable[[Path], None], engine: str) -> Any:
    use_new_database(tmp_path)
    server = WithWindow(tmp_path, "--engine", engine, "--limits", "off", program=("-c", _PROGRAM))
    yield server
    server.end()


def _use(client: Talker, token: str) -> int:
    """Return what the server answers to a token."""
    return int(client.ask("admin_window", token=token)["response"])


def test_the_window_is_the_operators(server: WithWindow) -> None:
    registered(server, "Иван")
    with by_token(*_words(server.login)) as administration:
        administration.block("Иван")
        (own,) = administration.sessions().sessions
    assert (own.operator, own.address, own.tls) == (True, "local", True)
    (row,) = audit_rows(server)
    assert (row["action"], row["actor"], row["origin"]) == ("admin_block", "operator", "local")


def test_a_token_counts_once(server: WithWindow) -> None:
    with by_token(*_words(server.login)), pytest.raises(Forbidden, match="used"):
        by_token(*_words(server.login))
    with pytest.raises(Forbidden, match="used"):
        by_token(*_words(server.login))
    log = server.log()
    assert "The window beside the server has logged in from 127.0.0.1" in log
    assert log.count("wrong token") == 2


def test_nothing_else_opens_it(server: WithWindow) -> None:
    token = server.login.token
    with Talker(server.port) as plain:
        assert _use(plain, token) == 403
    registered(server, "Иван")
    for wrong in ("", "AAAA-AAAA-AAAA-AAAA", token[:-1], token + "A", "名前", "\u0130" * 16):
        with SecureTalker(server.port) as client:
            assert _use(client, wrong) in (400, 403), wrong
    with SecureTalker(server.port) as client:
        assert client.ask("admin_accounts")["response"] == 401
        client.log_in_fully("Иван")
        assert _use(client, token) == 400
        assert client.ask("admin_accounts")["response"] == 403
    # None of these has used it up.
    with by_token(*_words(server.login)) as administration:
        assert administration.accounts().total == 1


def test_the_window_takes_nothing_but_administration(server: WithWindow) -> None:
    registered(server, "Иван")
    user = {"account_name": "Иван", "password": PASSWORD}
    with SecureTalker(server.port) as client:
        assert _use(client, server.login.token) == 200
        for action, keys in (
            ("authenticate", {"user": user}),
            ("msg", {"to": "#all", "message": "Ivan"}),
            ("join", {"room": "#room"}),
            ("admin_window", {"token": server.login.token}),
        ):
            assert client.ask(action, **keys)["response"] == 403, action
        # A greeting is accepted for its language, and logs nobody in.
        assert client.ask("presence", user=user, lang="ru")["response"] == 200
        assert "администрирования" in client.ask("join", room="#room")["error"]


def test_requests_that_come_with_the_token_are_an_operators(server: WithWindow) -> None:
    """The rules for users end with the token itself, not with the bytes in which it arrives."""
    registered(server, "Иван")
    with SecureTalker(server.port) as client:
        client.send_raw(
            _frames(
                ("admin_window", {"token": server.login.token}),
                ("presence", {"user": {"account_name": "Gast"}}),
                ("authenticate", {"user": {"account_name": "Иван", "password": PASSWORD}}),
                ("msg", {"to": "#all", "message": "🍲"}),
                ("admin_accounts", {}),
                ("admin_sessions", {}),
            )
        )
        answers = [client.receive() for _ in range(6)]
    assert [one["response"] for one in answers] == [200, 200, 403, 403, 200, 200]
    assert [one["account_name"] for one in answers[-1]["sessions"]] == ["operator"]


def test_many_wrong_tokens_do_not_fill_the_log(server: WithWindow) -> None:
    with SecureTalker(server.port) as client:
        client.send_raw(_frames(*[("admin_window", {"token": "AAAA"})] * 100))
        assert client.receive()["response"] == 403
        with pytest.raises(EOFError):
            client.receive()
    assert server.log().count("wrong token") == 1


def _frames(*requests: tuple[str, dict[str, Any]]) -> bytes:
    """Return requests as they are sent together."""
    return b"".join(
        json.dumps({"action": action, **keys}).encode() + b"\n" for action, keys in requests
    )


@pytest.mark.parametrize("address", ["", "0.0.0.0", "::", "[::]", "[::1]", "localhost"])
def test_the_window_finds_its_server_wherever_that_listens(tmp_path: Path, address: str) -> None:
    if ":" in address and not _has_ipv6():
        pytest.skip("this machine has no IPv6")
    server = WithWindow(tmp_path, "-a", address, "--limits", "off", program=("-c", _PROGRAM))
    try:
        with by_token(*_words(server.login)) as administration:
            assert administration.accounts().total == 0
    finally:
        server.stop()
        server.end()


def test_the_window_tells_why_it_cannot_log_in(tmp_path: Path) -> None:
    """Not that there is no socket, which nobody has to know of."""
    (tmp_path / "admin.sock").mkdir()
    server = WithWindow(tmp_path, "--limits", "off", program=("-c", _PROGRAM))
    beside = Beside(server.login, Here(tmp_path))
    with beside.open(), pytest.raises(Forbidden, match="used"):
        beside.open()
    server.stop()
    with pytest.raises(Unreachable, match="refused"):
        beside.open()
    server.end()


def test_another_server_at_its_port_gets_no_token(
    server: WithWindow, own_server: Callable[..., RunningServer]
) -> None:
    other = own_server("--limits", "off")
    address, _port, fingerprint, token = _words(server.login)
    with pytest.raises(ServerChanged):
        by_token(address, other.port, fingerprint, token)
    with by_token(*_words(server.login)):
        pass


def test_a_token_that_nobody_uses_expires(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announcing, "_WINDOW_STARTS", 0.0)
    server = InProcessServer(data)
    login = announcing.window_login(server.server)
    token = server.server.services.window_token
    assert token.matches(login.token)
    server.settle()
    assert not token.matches(login.token)
    server.close()


def test_the_token_is_in_no_log_and_no_representation(server: WithWindow) -> None:
    with by_token(*_words(server.login)):
        pass
    assert server.stop() == 0
    assert server.login.token not in server.log() + server.said + repr(server.login)


def _words(login: WindowLogin) -> tuple[str, int, str, str]:
    return login.address, login.port, login.fingerprint, login.token
