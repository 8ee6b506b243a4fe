"""A forgotten password: a code of an administrator sets a new one, once; nothing else does."""

import json
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import func, select, update

from messenger.crypto import passwords
from messenger.server.store.schema import accounts, password_resets
from tests.running import PASSWORD, RunningServer, SecureTalker, Talker
from tests.server.administrators import Names, administrator, audit_rows, operator, registered

NEW = "ein neues Passwort"
VERIFIER = passwords.make_verifier(NEW).encode()
LoggedIn = Callable[..., Talker]
OwnServer = Callable[..., RunningServer]


def made(server: RunningServer, name: str) -> dict[str, Any]:
    """Return the answer to the request for a code."""
    answer = operator(server, "admin_reset", account_name=name)
    assert answer["response"] == 201, answer
    return answer


def use(server: RunningServer, name: str, code: str, verifier: str = VERIFIER) -> dict[str, Any]:
    """Use a code on a connection of its own."""
    with Talker(server.port) as client:
        return client.ask("use_reset", account_name=name, code=code, verifier=verifier)


def log_in(server: RunningServer, name: str, password: str) -> int:
    """Return the response to a login."""
    with Talker(server.port) as client:
        return int(client.log_in(name, password)["response"])


def is_refused(answer: dict[str, Any]) -> bool:
    """Tell whether it is the one answer to any code that does not hold."""
    return (answer["response"], answer["kind"], answer["error"]) == (
        402,
        "wrong_code",
        "This code is wrong, used or expired: ask an administrator for another",
    )


def test_a_code_sets_a_new_password_once(server: RunningServer, name: Names) -> None:
    ivan = registered(server, name("Иван"))
    reset = made(server, ivan)
    assert 23 * 3600 < reset["expires"] - time.time() <= 24 * 3600
    assert log_in(server, ivan, PASSWORD) == 200  # until it is used nothing changes
    shown = operator(server, "admin_account", account_name=ivan)
    assert shown["reset_expires"] == reset["expires"]

    typed = reset["reset_code"].lower().replace("-", " ")
    assert use(server, ivan, typed)["response"] == 200

    assert log_in(server, ivan, PASSWORD) == 402
    assert log_in(server, ivan, NEW) == 200
    assert is_refused(use(server, ivan, reset["reset_code"]))
    assert "reset_expires" not in operator(server, "admin_account", account_name=ivan)


def test_no_code_or_token_is_in_the_log(own_server: OwnServer, name: Names) -> None:
    """Administrators far away read the log, and may set its level."""
    server = own_server("--log-level", "DEBUG")
    reset = made(server, registered(server, name("Иван")))
    link = operator(server, "admin_invite")["link"]
    use(server, name("Иван"), reset["reset_code"])

    log = server.log()
    assert "PasswordReset" in log
    for secret in (reset["reset_code"], parse_qs(urlsplit(link).query)["invite"][0]):
        assert secret not in log


@pytest.mark.parametrize("end", ["admin_demote", "admin_block", "admin_remove"])
def test_who_is_no_administrator_any_more_has_no_codes_for_others(
    server: RunningServer, name: Names, end: str
) -> None:
    eve, ivan = name("Eve"), name("Иван")
    with administrator(server, ivan), administrator(server, eve) as client:
        code = client.ask("admin_reset", account_name=ivan)["reset_code"]
        kept = made(server, registered(server, name("名前")))["reset_code"]
        assert operator(server, end, account_name=eve)["response"] == 200

        assert is_refused(use(server, ivan, code))
    assert use(server, name("名前"), kept)["response"] == 200


def test_a_link_has_the_code_the_name_and_the_key_of_the_server(
    own_server: OwnServer, name: Names
) -> None:
    server = own_server()
    ivan = registered(server, name("Иван & Ко"))
    without = made(server, ivan)
    server.stop()
    with (server.data / "messenger.toml").open("a", encoding="utf-8") as file:
        file.write('public_address = "chat.example.org"\n')
    server.start()
    reset = made(server, ivan)
    link = urlsplit(reset["link"])
    assert (link.scheme, link.hostname) == ("jim", "chat.example.org")
    query = parse_qs(link.query, strict_parsing=True)
    assert query["reset"] == [reset["reset_code"]]
    assert query["user"] == [ivan]
    assert len(query["key"][0]) == 43
    assert "warning" not in reset
    assert "public_address" in without["warning"]  # It listens on this machine only.


def test_all_sessions_end_and_all_tokens_are_revoked(server: RunningServer, name: Names) -> None:
    eve = registered(server, name("eve"))
    with Talker(server.port) as first, SecureTalker(server.port) as second:
        token = first.log_in_fully(eve)["token"]
        second.log_in_fully(eve, device="d2")
        code = made(server, eve)["reset_code"]

        assert use(server, eve, code)["response"] == 200

        for client in (first, second):
            ended = client.receive_reply()
            assert ended["response"] == 401
            assert "password of this account was reset" in ended["error"]
            assert client.is_closed()
    with Talker(server.port) as again:
        assert again.log_in_fully(eve, token=token)["response"] == 402
        assert again.log_in_fully(eve, NEW)["response"] == 200
        devices = again.ask("own_devices")["devices"]
    assert sorted(one["device"] for one in devices) == ["d1", "d2"]


def test_a_code_of_another_account_or_none_is_refused_alike(
    server: RunningServer, name: Names
) -> None:
    ann, eve = registered(server, name("ann")), registered(server, name("eve"))
    code = made(server, ann)["reset_code"]
    made(server, eve)
    wrong = [
        use(server, eve, code),
        use(server, ann, "AAAA-AAAA-AAAA-AAAA"),
        use(server, ann, ""),
        use(server, ann, "-"),
        use(server, name("nobody"), code),
        use(server, name("nobody"), ""),
        use(server, registered(server, name("bob")), code),
        use(server, "server", code),
        use(server, ann, "ключ 名前 \U0001f511"),
    ]
    assert all(is_refused(one) for one in wrong), wrong
    assert {frozenset(one) for one in wrong} == {frozenset(wrong[0])}
    assert use(server, ann, code)["response"] == 200


def test_a_verifier_that_is_none_uses_nothing_up(server: RunningServer, name: Names) -> None:
    ann = registered(server, name("ann"))
    code = made(server, ann)["reset_code"]
    weak = json.loads(VERIFIER) | {"iterations": 1}
    for verifier in ("", "{}", "null", json.dumps(weak)):
        assert use(server, ann, code, verifier)["response"] == 400
    assert use(server, ann, code)["response"] == 200


def test_a_code_expires(server: RunningServer, name: Names) -> None:
    ann = registered(server, name("ann"))
    code = made(server, ann)["reset_code"]
    engine = server.open_database()
    with engine.begin() as connection:
        same = select(accounts.c.id).where(accounts.c.name == ann).scalar_subquery()
        connection.execute(
            update(password_resets)
            .where(password_resets.c.account_id == same)
            .values(expires_at=time.time() - 1)
        )
    engine.dispose()
    assert is_refused(use(server, ann, code))
    assert log_in(server, ann, PASSWORD) == 200


def test_a_new_code_replaces_the_old_one(server: RunningServer, name: Names) -> None:
    ann = registered(server, name("ann"))
    first, second = made(server, ann)["reset_code"], made(server, ann)["reset_code"]
    assert is_refused(use(server, ann, first))
    assert use(server, ann, second)["response"] == 200
    assert use(server, ann, made(server, ann)["reset_code"])["response"] == 200


def test_a_block_a_removal_and_a_changed_password_withdraw_the_code(
    server: RunningServer, name: Names
) -> None:
    for number, action in enumerate(("admin_block", "admin_remove", "password")):
        ann = registered(server, name(f"ann{number}"))
        code = made(server, ann)["reset_code"]
        if action == "password":
            with Talker(server.port) as client:
                client.log_in_fully(ann)
                changed = client.ask("password", old=PASSWORD, new="a third one")
                assert changed["response"] == 200
        else:
            assert operator(server, action, account_name=ann)["response"] == 200
        assert is_refused(use(server, ann, code)), action
        if action == "admin_block":
            assert operator(server, "admin_reset", account_name=ann)["response"] == 409
            operator(server, "admin_unblock", account_name=ann)
            assert is_refused(use(server, ann, code))
        elif action == "admin_remove":
            assert operator(server, "admin_reset", account_name=ann)["response"] == 404


def test_of_many_who_use_a_code_at_once_one_sets_the_password(
    server: RunningServer, name: Names
) -> None:
    ann = registered(server, name("ann"))
    code = made(server, ann)["reset_code"]
    chosen = [f"password number {number}" for number in range(8)]
    answers: dict[str, int] = {}
    together = threading.Barrier(len(chosen))

    def try_it(password: str) -> None:
        verifier = passwords.make_verifier(password).encode()
        with Talker(server.port) as client:
            together.wait(60)
            answer = client.ask("use_reset", account_name=ann, code=code, verifier=verifier)
            answers[password] = answer["response"]

    threads = [threading.Thread(target=try_it, args=(one,)) for one in chosen]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers.values()) == [200] + [402] * 7
    (set_by,) = [one for one in chosen if answers[one] == 200]
    assert log_in(server, ann, set_by) == 200


def test_codes_are_guessed_no_faster_than_passwords(own_server: OwnServer) -> None:
    server = own_server("--limits", "on")
    ann = registered(server, "ann")
    code = made(server, ann)["reset_code"]
    with Talker(server.port) as client:
        guesses = [
            client.ask("use_reset", account_name=ann, code=f"GUESS{number}", verifier=VERIFIER)
            for number in range(30)
        ]
        # Whoever has used up the guesses has no more tries with the right code, or a password.
        last = client.ask("use_reset", account_name=ann, code=code, verifier=VERIFIER)
        login = client.log_in(ann)
    refused = [one["response"] for one in guesses]
    assert refused.count(402) <= 6
    assert set(refused) == {402, 429}
    assert last["response"] == login["response"] == 429
    assert last["retry_after"] > 0


def test_whoever_is_logged_in_uses_no_code(
    server: RunningServer, logged_in: LoggedIn, name: Names
) -> None:
    ann = logged_in(name("ann"))
    code = made(server, ann.name)["reset_code"]
    answer = ann.ask("use_reset", account_name=ann.name, code=code, verifier=VERIFIER)
    assert answer["response"] == 400
    assert use(server, ann.name, code)["response"] == 200


def test_administrators_are_reset_too_and_the_log_has_no_code(
    server: RunningServer, name: Names
) -> None:
    with administrator(server, name("admin")) as admin:
        other = registered(server, name("админ"))
        operator(server, "admin_promote", account_name=other)
        reset = admin.ask("admin_reset", account_name=other)
        assert reset["response"] == 201
        assert admin.ask("admin_reset", account_name=other)["response"] == 201
        assert admin.ask("admin_reset", account_name=name("nobody"))["response"] == 404
        assert admin.ask("admin_reset", account_name="server")["response"] == 404
    first, second = [
        row
        for row in audit_rows(server)
        if row["target"] == other and row["action"] == "admin_reset"
    ]
    assert first["actor"] == name("admin")
    assert first["before"] is None
    assert json.loads(second["before"]) == json.loads(first["after"])
    assert json.loads(first["after"]) == {"expires": reset["expires"]}
    assert reset["reset_code"] not in server.log()
    engine = server.open_database()
    with engine.connect() as connection:
        hashes = connection.scalars(select(password_resets.c.code_hash)).all()
        assert connection.scalar(select(func.count()).select_from(password_resets)) == len(hashes)
    engine.dispose()
    letters = reset["reset_code"].replace("-", "").encode()
    assert all(letters not in one and len(one) == 32 for one in hashes)
