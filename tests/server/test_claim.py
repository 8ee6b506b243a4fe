"""The first administrator: whoever has the code that a server without one prints."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.running import RunningServer, SecureTalker, Talker
from tests.server.administrators import audit_rows, operator, registered


class Watched(RunningServer):
    """A server whose standard output is read."""

    code = ""

    def start(self) -> None:
        """Start it; `code` is the one that it has printed."""
        super().start()
        assert self.process.stdout is not None
        self.process.stdout.readline()  # the fingerprint
        self.has_code = self._has_administrator()
        self.code = ""
        if not self.has_code:
            line = self.process.stdout.readline()
            found = re.search(r"\b[A-Z2-7]{4}(-[A-Z2-7]{4}){3}\b", line)
            assert found, line
            self.code = found[0]

    def _has_administrator(self) -> bool:
        found = operator(self, "admin_accounts", role="administrator", filter="active")
        return bool(found.get("total"))


@pytest.fixture
def watched(tmp_path: Path, use_new_database: Any, engine: str) -> Any:
    use_new_database(tmp_path)
    server = Watched(tmp_path, "--engine", engine, "--limits", "off")
    yield server
    server.end()


def test_whoever_has_the_code_becomes_the_first_administrator(watched: Watched) -> None:
    registered(watched, "Иван")
    registered(watched, "名前")
    code = watched.code
    with Talker(watched.port) as plain:
        plain.log_in_fully("Иван")
        assert plain.ask("admin_claim", code=code)["response"] == 403  # without TLS
    with SecureTalker(watched.port) as ivan, SecureTalker(watched.port) as other:
        assert ivan.ask("admin_claim", code=code)["response"] == 401
        ivan.guest_fully("гость")
        assert ivan.ask("admin_claim", code=code)["response"] == 403
    with SecureTalker(watched.port) as ivan, SecureTalker(watched.port) as other:
        ivan.log_in_fully("Иван")
        other.log_in_fully("名前")
        assert ivan.ask("admin_claim", code="AAAA-AAAA-AAAA-AAAA")["response"] == 403
        assert ivan.ask("admin_claim", code="")["response"] == 403
        assert ivan.ask("admin_accounts")["response"] == 403

        assert ivan.ask("admin_claim", code=code.lower().replace("-", " "))["response"] == 200

        assert ivan.ask("admin_accounts")["response"] == 200
        assert other.ask("admin_claim", code=code)["response"] == 403
    (row,) = audit_rows(watched)
    assert (row["action"], row["actor"], row["target"]) == ("admin_claim", "Иван", "Иван")
    assert code not in watched.log()
    assert code not in str(row)
    watched.stop()
    watched.start()
    assert not watched.code


def test_each_start_has_another_code_until_there_is_an_administrator(watched: Watched) -> None:
    first = watched.code
    watched.stop()
    watched.start()
    assert watched.code not in ("", first)
    registered(watched, "Иван")
    with SecureTalker(watched.port) as ivan:
        ivan.log_in_fully("Иван")
        assert ivan.ask("admin_claim", code=first)["response"] == 403
        operator(watched, "admin_add", account_name="名前", verifier=_verifier(), role="user")
        operator(watched, "admin_promote", account_name="名前")
        assert ivan.ask("admin_claim", code=watched.code)["response"] == 403


def test_a_code_is_not_valid_again_without_the_administrator(watched: Watched) -> None:
    registered(watched, "Иван")
    with SecureTalker(watched.port) as ivan:
        ivan.log_in_fully("Иван")
        operator(
            watched, "admin_add", account_name="名前", verifier=_verifier(), role="administrator"
        )
        assert operator(watched, "admin_demote", account_name="名前")["response"] == 200

        assert ivan.ask("admin_claim", code=watched.code)["response"] == 403


def test_a_socket_that_a_killed_server_has_left_is_replaced(watched: Watched) -> None:
    watched.kill()
    assert (watched.data / "admin.sock").exists()

    watched.start()

    assert operator(watched, "admin_accounts")["response"] == 200
    watched.stop()
    assert not (watched.data / "admin.sock").exists()


def _verifier() -> str:
    from messenger.crypto import passwords
    from tests.stretching import PASSWORD

    return passwords.make_verifier(PASSWORD).encode()
