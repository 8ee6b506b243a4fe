"""The rights of every administrative request: walked along the table of actions."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from messenger.server import handlers
from messenger.server.actions import TABLE
from tests.running import RunningServer, SecureTalker, Talker
from tests.server.admin_examples import ACTS, AFTER, ENDS, READS, Examples
from tests.server.administrators import (
    Names,
    OperatorTalker,
    administrator,
    audit_rows,
    operator,
    registered,
)
from tests.stretching import PASSWORD

assert handlers
TAGS = sorted(
    str(request.__struct_config__.tag)
    for request, entry in TABLE.items()
    if entry.role == "administrator"
)
TEXT = "a text that only its reader should see"

every_action = pytest.mark.parametrize("tag", TAGS)
every_answer = pytest.mark.parametrize("tag", [tag for tag in TAGS if tag not in ENDS])


@pytest.fixture
def keys_of(server: RunningServer, name: Names) -> Iterator[Callable[[str], dict[str, Any]]]:
    """Return the keys of an example request that will succeed."""
    examples = Examples(server, name)

    def make(tag: str) -> dict[str, Any]:
        if tag not in AFTER:
            return (READS | ACTS | ENDS)[tag](examples)
        first, keys = AFTER[tag][0], AFTER[tag][1](examples)
        assert operator(server, first, **keys)["response"] == 200
        return keys

    yield make
    examples.close()


def test_every_administrative_request_has_an_example() -> None:
    assert sorted([*READS, *ACTS, *AFTER, *ENDS]) == TAGS


@every_action
def test_whoever_lacks_the_role_is_refused_and_learns_nothing(
    server: RunningServer, name: Names, keys_of: Callable[[str], dict[str, Any]], tag: str
) -> None:
    keys = keys_of(tag)
    before = audit_rows(server)
    with SecureTalker(server.port) as stranger:
        assert _refused(stranger.ask(tag, **keys), 401)
        stranger.guest(name("guest"))
        assert _refused(stranger.ask(tag, **keys), 403)
    with SecureTalker(server.port) as user:
        user.log_in_fully(registered(server, name("user")))
        assert _refused(user.ask(tag, **keys), 403)

    assert _new(before, audit_rows(server), keys) == []


@every_action
def test_an_administrator_without_tls_is_refused(
    server: RunningServer, name: Names, keys_of: Callable[[str], dict[str, Any]], tag: str
) -> None:
    keys = keys_of(tag)
    administrator(server, name("admin")).close()
    before = audit_rows(server)
    with Talker(server.port) as plain:
        plain.log_in_fully(name("admin"))

        assert _refused(plain.ask(tag, **keys), 403)
    assert _new(before, audit_rows(server), keys) == []


@every_answer
def test_each_act_leaves_one_row_and_reading_none(
    server: RunningServer, name: Names, keys_of: Callable[[str], dict[str, Any]], tag: str
) -> None:
    keys = keys_of(tag)
    with administrator(server, name("admin")) as client:
        answer = client.ask(tag, **keys)
        assert answer["response"] < 300, answer
        again = client.ask(tag, **keys) if tag in AFTER else {"response": 409}
        assert again["response"] == 409
    rows = [row for row in audit_rows(server) if row["actor"] == name("admin")]

    assert [row["action"] for row in rows] == ([] if tag in READS else [tag])
    for row in rows:
        assert row["origin"] == "127.0.0.1"
        assert keys.get("account_name", row["target"]) == row["target"]
        assert row["before"] or row["after"]


@every_answer
def test_the_operator_may_do_it_at_the_servers_socket(
    server: RunningServer, keys_of: Callable[[str], dict[str, Any]], tag: str
) -> None:
    keys = keys_of(tag)
    before = audit_rows(server)
    answer = operator(server, tag, **keys)
    assert answer["response"] < 300, answer
    rows = _new(before, audit_rows(server), keys)

    assert [(row["actor"], row["origin"]) for row in rows] == (
        [] if tag in READS else [("operator", "local")]
    )


@every_action
def test_nothing_shows_a_text_or_a_secret(
    server: RunningServer, name: Names, keys_of: Callable[[str], dict[str, Any]], tag: str
) -> None:
    keys = keys_of(tag)
    about = keys.get("account_name", name("writer"))
    with Talker(server.port) as writer:
        if writer.log_in_fully(about)["response"] != 200:
            writer.guest_fully(name("writer"))
        writer.ask("msg", to="#all", message=TEXT, id="1")

        with administrator(server, name("admin")) as client:
            shown = [client.ask(tag, **keys)]
    shown += [row for row in audit_rows(server) if row["actor"] == name("admin")]
    said = json.dumps(shown, ensure_ascii=False)

    for secret in (TEXT, PASSWORD, keys.get("verifier", PASSWORD)):
        assert secret not in said
    assert not any(key in said for key in ("verifier", "token_hash", "SCRAM", "argon2"))


def test_the_operators_socket_takes_nothing_but_administration(server: RunningServer) -> None:
    user = {"account_name": "Иван", "password": PASSWORD}
    with OperatorTalker(server.data) as client:
        for action, keys in (
            ("authenticate", {"user": user}),
            ("register", {"user": user}),
            ("msg", {"to": "#all", "message": TEXT}),
            ("join", {"room": "#room"}),
            ("admin_claim", {"code": "AAAA"}),
            ("quit", {}),
        ):
            assert _refused(client.ask(action, **keys), 403), action
        # A greeting is accepted for its language, and logs nobody in.
        assert client.ask("presence", user=user, lang="ru")["response"] == 200
        assert "администрирования" in client.ask("join", room="#room")["error"]
        assert client.ask("admin_accounts")["response"] == 200


def test_only_the_owner_can_use_the_socket(server: RunningServer) -> None:
    file = server.data / "admin.sock"

    assert file.stat().st_mode & 0o777 == 0o600
    assert server.data.stat().st_mode & 0o777 == 0o700


def _refused(answer: dict[str, Any], code: int) -> bool:
    """Tell whether it is a refusal with this code, and nothing else."""
    return answer["response"] == code and answer.keys() <= {"response", "time", "error", "id"}


def _new(
    before: list[dict[str, Any]], after: list[dict[str, Any]], keys: dict[str, Any]
) -> list[dict[str, Any]]:
    """Return the rows that were added about the example: other tests use the server, too."""
    target = keys.get("account_name")
    return [row for row in after[len(before) :] if target in (None, row["target"])]
