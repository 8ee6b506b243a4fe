"""The first login: whoever is let in is known the next time, and others hear why they are not."""

import socket
from pathlib import Path

import pytest

from messenger.crypto.certificates import fingerprint
from messenger.jim.errors import TooMany
from messenger.sdk import Store
from messenger.sdk.credentials import Credentials
from messenger.sdk.events import ConnectionState
from messenger.sdk.server_identity import SERVER_KEY
from messenger.ui.first_run import Newcomer, introduce, strength
from messenger.ui.login import next_step
from tests.running import PASSWORD, Talker, running


def test_a_password_that_is_the_name_is_weak() -> None:
    assert strength("annabella", "annabella").score < strength("annabella").score + 1
    assert strength("annabella", "annabella").score <= 1


def test_a_password_that_is_too_short_says_how_much_is_missing() -> None:
    assert strength("").score == 0
    assert "more characters at least" in strength("名前").text


def test_a_long_password_is_strong_in_any_language() -> None:
    assert strength("колбаса верблюд 名前 прыгает").score == 4


def test_a_limit_of_the_server_is_told_as_what_it_is(tmp_path: Path) -> None:
    """It is no reason to correct the address."""
    with running(tmp_path / "server") as server, Talker(server.port) as link:
        made = [link.register_quickly(f"имя {number}")["response"] for number in range(30)]
        assert made[-1] == TooMany.code
        credentials = Credentials("Иван", PASSWORD, register=True)
        newcomer = Newcomer("127.0.0.1", server.port, credentials)

        with pytest.raises(TooMany) as refused:
            introduce(newcomer, Store())
    said = next_step(refused.value, credentials).reason
    assert "Login refused: Too many registrations" in said


def test_a_second_try_may_be_at_another_server(tmp_path: Path) -> None:
    """The key of the first one is not that of the second."""
    store = Store()
    store.put(SERVER_KEY, "0" * 64)
    credentials = Credentials("вторая", PASSWORD, register=True)

    with running(tmp_path / "server") as server:
        newcomer = Newcomer("127.0.0.1", server.port, credentials)
        assert introduce(newcomer, store, "tls") is None
        certificate = (server.data / "certificate.pem").read_bytes()

    assert store.get(SERVER_KEY) == fingerprint(certificate)


def test_a_server_that_is_away_is_no_refusal() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]

    failed = introduce(Newcomer("127.0.0.1", port, Credentials("名前")), Store())

    assert failed is not None
    assert failed.state is ConnectionState.OFFLINE
    assert "cannot be reached" in str(failed.error)
