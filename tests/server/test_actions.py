"""The table of actions: its conditions are data, and agree with the guards of handlers."""

import inspect
from types import SimpleNamespace
from typing import Any

import pytest

from messenger.jim.accounts import Register, UseReset
from messenger.jim.admin.window import OpenWindow
from messenger.jim.base import Reply
from messenger.jim.codec import AnyRequest, Confirmation
from messenger.jim.errors import Forbidden, Unauthorized
from messenger.jim.messages import SendMessage
from messenger.jim.rooms import Leave
from messenger.jim.session import Authenticate, Presence, Quit, Scram
from messenger.server import handlers
from messenger.server.actions import TABLE, action, is_guarded, login_required
from messenger.server.records import Account, Session
from tests.running import RunningServer, Talker

WITHOUT_LOGIN = {
    *(Authenticate, Confirmation, Presence, Quit, Register, Scram),
    *(OpenWindow, UseReset),  # They need a token or a code instead.
}


def session(account: Account | None) -> Session:
    encrypted = SimpleNamespace(certificate=b"of the server")
    made = Session(encrypted, "127.0.0.1", 1024)  # type: ignore[arg-type]  # nothing is sent
    made.account = account
    return made


def leave(services: Any, session: Session, account: Account, request: Leave) -> Reply:
    return Reply(200, alert=account.name)


def test_every_action_has_a_handler() -> None:
    assert handlers
    assert set(TABLE) == {*AnyRequest.__args__, Confirmation}


def test_r27_the_table_and_the_guards_agree_on_which_actions_require_a_login() -> None:
    assert {request for request, entry in TABLE.items() if not entry.login} == WITHOUT_LOGIN
    for entry in TABLE.values():
        assert is_guarded(entry.handler) == entry.login


@pytest.mark.parametrize(("guard", "login"), [(login_required, False), (lambda one: one, True)])
def test_r27_a_handler_whose_guard_contradicts_its_entry_is_refused(
    guard: Any, login: bool
) -> None:
    before = dict(TABLE)

    with pytest.raises(TypeError, match="leave"):
        action(Leave, login=login)(guard(leave))

    assert before == TABLE


def test_r27_a_guarded_handler_gets_the_account() -> None:
    guarded = login_required(leave)
    ivan = Account("Иван", 1, guest=False)

    assert guarded(None, session(ivan), Leave(room="#a/b%41")).alert == "Иван"  # type: ignore[union-attr]
    with pytest.raises(Unauthorized):
        guarded(None, session(None), Leave(room="#a/b%41"))


def test_an_action_for_a_role_is_refused_to_accounts_without_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(TABLE, Leave, TABLE[Leave])
    action(Leave, role="administrator")(login_required(leave))
    handler = TABLE[Leave].handler
    account = Account("名前", 1, guest=False)

    with pytest.raises(Forbidden):
        handler(None, session(account), Leave(room="#🍲"))
    with pytest.raises(Unauthorized):
        handler(None, session(None), Leave(room="#🍲"))
    account.roles = frozenset({"administrator"})
    assert handler(None, session(account), Leave(room="#🍲")).alert == "名前"  # type: ignore[union-attr]


def test_only_messages_count_as_messages() -> None:
    assert [one for one, entry in TABLE.items() if entry.rate == "message"] == [SendMessage]


def test_a_message_that_is_refused_counts_too(own_server: Any) -> None:
    server: RunningServer = own_server(toml="[limits]\nmessage_burst = 2\nmessage_interval = 60\n")
    with Talker(server.port) as ivan:
        ivan.guest("Иван")
        answers = [ivan.ask("msg", to="#all", message="да", **{"from": "名前"}) for _ in range(3)]

    assert [answer["response"] for answer in answers] == [403, 403, 429]


def test_r11_the_log_names_the_arguments_of_handlers_as_they_are_called() -> None:
    for entry in TABLE.values():
        called_with = list(inspect.signature(entry.handler).parameters)
        assert called_with[:3] == ["services", "session", "request"]
