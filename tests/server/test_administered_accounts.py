"""What administrators do to accounts takes effect at once, for whoever is online."""

import secrets
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from messenger.sdk.invitation import parse_link
from messenger.server.store.schema import (
    accounts,
    contacts,
    devices,
    key_backups,
    logins,
    members,
    receipts,
)
from tests.running import RunningServer, SecureTalker, Talker
from tests.server.administrators import (
    Names,
    OperatorTalker,
    administrator,
    audit_rows,
    operator,
    registered,
)

LoggedIn = Callable[..., Talker]


def test_a_blocked_account_is_told_why_and_cannot_log_in(
    server: RunningServer, logged_in: LoggedIn, name: Names
) -> None:
    eve = logged_in(name("eve"))
    token = eve.ask("logins")  # the session is alive
    assert token["response"] == 200

    assert operator(server, "admin_block", account_name=eve.name)["response"] == 200

    ended = eve.receive()
    assert ended["response"] == 403
    assert "blocked" in ended["error"]
    assert eve.is_closed()
    with Talker(server.port) as again:
        assert again.log_in(eve.name)["response"] == 403
    assert operator(server, "admin_unblock", account_name=eve.name)["response"] == 200
    with Talker(server.port) as again:
        assert again.log_in(eve.name)["response"] == 200


@pytest.mark.parametrize(
    ("action", "exact"),
    [("admin_block", "Глеб"), ("admin_remove", "Галина"), ("admin_account", "Георгий")],
)
def test_a_name_in_another_case_is_told_which_one_there_is(
    server: RunningServer, action: str, exact: str
) -> None:
    registered(server, exact)

    refused = operator(server, action, account_name=exact.swapcase())

    assert refused["response"] == 404
    assert refused["error"].endswith(f"but there is {exact}")
    assert operator(server, action, account_name=exact[1:])["error"].endswith(exact[1:])


def test_requests_that_waited_are_not_done_once_the_account_is_blocked(
    server: RunningServer, logged_in: LoggedIn, name: Names
) -> None:
    """One read may bring many requests: those behind the block are nobody's any more."""
    eve, ann = logged_in(name("eve")), logged_in(name("ann"))
    rooms = [f"{name('#room')}{number}" for number in range(200)]
    for number, room in enumerate(rooms):
        eve.send("join", room=room, id=f"j{number}")
    operator(server, "admin_block", account_name=eve.name)
    assert eve.is_closed()

    joined = {room["room"] for room in ann.ask("rooms")["rooms"] if "creator" in room}
    members = [room for room in rooms if room in joined]
    assert members == rooms[: len(members)]
    assert len(members) < len(rooms)
    person = ann.ask("whois", account_name=eve.name)["people"][0]
    assert "state" not in person  # offline, which is the default


def test_a_removed_account_leaves_its_messages_and_its_name(
    server: RunningServer, logged_in: LoggedIn, name: Names
) -> None:
    eve, ann = logged_in(name("eve")), logged_in(name("ann"))
    room = name("#room")
    eve.ask("join", room=room, encrypted=False)
    ann.ask("join", room=room)
    ann.ask("add_contact", user_id=eve.name, user_login=ann.name)
    eve.ask("add_contact", user_id=ann.name, user_login=eve.name)
    eve.ask("msg", to=ann.name, message="до свидания", id="1")
    ann.event("msg")

    assert operator(server, "admin_remove", account_name=eve.name)["response"] == 200

    changes = [ann.event("room") for _ in range(2)]
    assert [(one["change"], one["account_name"]) for one in changes] == [
        ("removed", eve.name),
        ("creator", ann.name),
    ]
    assert "state" not in ann.event("contact")["person"]  # offline, which is the default
    assert eve.is_closed()
    assert ann.ask("get_contacts", user_login=ann.name)["contacts"] == []
    assert [one["account_name"] for one in ann.ask("members", room=room)["people"]] == [ann.name]
    assert ann.ask("whois", account_name=eve.name)["response"] == 404
    assert "people" not in ann.ask("search", prefix=eve.name)
    assert ann.ask("msg", to=eve.name, message="ау", id="2")["response"] == 404
    assert ann.ask("history", conversation=eve.name)["messages"][0]["message"] == "до свидания"
    with Talker(server.port) as again:
        assert again.log_in(eve.name)["response"] == 402
        assert again.register(eve.name)["response"] == 409
        assert again.guest(eve.name)["response"] == 401
    assert _left_of(server, eve.name) == {}


def test_nothing_of_a_removed_account_that_was_offline_is_left(
    server: RunningServer, logged_in: LoggedIn, name: Names
) -> None:
    eve, ann = logged_in(name("eve")), logged_in(name("ann"))
    room = name("#room")
    eve.ask("join", room=room, encrypted=False)
    ann.ask("join", room=room)
    eve.ask("receipt", conversation="#all", read=0)
    eve.leave()

    assert operator(server, "admin_remove", account_name=eve.name)["response"] == 200

    assert [ann.event("room")["change"] for _ in range(2)] == ["removed", "creator"]
    assert _left_of(server, eve.name) == {}
    (row,) = [row for row in audit_rows(server) if row["target"] == eve.name]
    assert row["before"] == '{"role":"user","blocked":false,"devices":1,"rooms":1}'
    again = operator(server, "admin_remove", account_name=eve.name)
    assert again["response"] == 404
    assert "was removed" in again["error"]


def test_a_role_is_in_effect_at_once(server: RunningServer, name: Names) -> None:
    with administrator(server, name("admin")) as admin, SecureTalker(server.port) as eve:
        eve.log_in_fully(registered(server, name("eve")))
        assert eve.ask("admin_accounts")["response"] == 403

        assert admin.ask("admin_promote", account_name=eve.name)["response"] == 200
        assert eve.ask("admin_accounts")["response"] == 200
        assert eve.ask("admin_demote", account_name=admin.name)["response"] == 200
        assert admin.ask("admin_accounts")["response"] == 403


def test_an_account_that_is_logged_out_needs_its_password(
    server: RunningServer, name: Names
) -> None:
    registered(server, name("eve"))
    with Talker(server.port) as eve, Talker(server.port) as other:
        token = eve.log_in_fully(name("eve"))["token"]
        other.log_in_fully(name("eve"), device="d2")

        assert (
            operator(server, "admin_logout", account_name=name("eve"), device="d2")["response"]
            == 200
        )
        assert other.receive()["response"] == 401
        assert other.is_closed()
        assert eve.ask("logins")["response"] == 200
        operator(server, "admin_logout", account_name=name("eve"))
        assert eve.is_closed()
    with Talker(server.port) as again:
        assert again.log_in_fully(name("eve"), token=token)["response"] == 402
        assert again.log_in_fully(name("eve"))["response"] == 200
    missing = operator(server, "admin_logout", account_name=name("eve"), device="d3")
    assert missing["response"] == 404


def test_administrators_do_not_lock_themselves_out(server: RunningServer, name: Names) -> None:
    with administrator(server, name("admin")) as admin, administrator(server, name("eve")) as eve:
        for action in ("admin_block", "admin_remove", "admin_demote"):
            answer = admin.ask(action, account_name=admin.name)
            assert answer["response"] == 409
            assert "another administrator" in answer["error"]
            assert "server's machine" in answer["error"]
        assert admin.ask("admin_stats")["response"] == 200
        assert [row for row in audit_rows(server) if row["actor"] == admin.name] == []

        assert eve.ask("admin_demote", account_name=admin.name)["response"] == 200
        assert admin.ask("admin_demote", account_name=eve.name)["response"] == 403
    assert operator(server, "admin_demote", account_name=eve.name)["response"] == 200


def _usable(admin: Talker) -> list[str]:
    return [one["invitation"] for one in admin.ask("admin_invites").get("invitations", [])]


@pytest.mark.parametrize("action", ["admin_block", "admin_remove"])
def test_invitations_of_an_account_that_is_blocked_or_removed_are_revoked(
    own_server: Any, action: str
) -> None:
    server: RunningServer = own_server("--limits", "off")
    with administrator(server, "Иван") as admin, administrator(server, "名前") as other:
        kept = other.ask("admin_invite")["invitation"]
        links = [admin.ask("admin_invite", uses=5)["link"] for _ in range(2)]
        entries = other.ask("admin_invites")["invitations"]
        assert sorted(one["creator"] for one in entries) == ["Иван", "Иван", "名前"]

        assert other.ask(action, account_name="Иван")["response"] == 200

        assert _usable(other) == [kept]
        with Talker(server.port) as eve:
            token = parse_link(links[0]).token
            assert eve.register("Ева", invite=token)["response"] == 403
        row = audit_rows(server)[-1]
        assert row["action"] == action
        assert '"invitations":2' in row["before"]
        assert (action != "admin_block") or '"invitations":0' in row["after"]
        assert other.ask("admin_account", account_name="名前")["invitations"] == 1


def test_invitations_of_an_administrator_who_is_demoted_stay_and_are_counted(
    own_server: Any,
) -> None:
    server: RunningServer = own_server("--limits", "off")
    with administrator(server, "Иван") as admin:
        link, used = (admin.ask("admin_invite")["link"] for _ in range(2))
        with Talker(server.port) as eve:
            assert eve.register("Ева", invite=parse_link(used).token)["response"] == 201
    assert operator(server, "admin_account", account_name="Иван")["invitations"] == 1

    answer = operator(server, "admin_demote", account_name="Иван")

    assert answer["alert"].endswith("stay valid: 1")
    assert audit_rows(server)[-1]["after"] == '{"role":"user","invitations":1}'
    with Talker(server.port) as ann:
        assert ann.register("Анна", invite=parse_link(link).token)["response"] == 201
    operator(server, "admin_promote", account_name="Иван")
    last = operator(server, "admin_demote", account_name="Иван")
    assert last["alert"] == "Иван is no longer an administrator"


def test_the_list_is_filtered_sorted_and_paged_at_the_server(server: RunningServer) -> None:
    common = f"{secrets.randbelow(10**8):08}"
    names = sorted(registered(server, f"список {number} {common}") for number in range(7))
    operator(server, "admin_block", account_name=names[3])
    operator(server, "admin_remove", account_name=names[5])
    with OperatorTalker(server.data) as client, Talker(server.port) as online:
        online.log_in_fully(names[1])

        def listed(**keys: Any) -> list[str]:
            answer = client.ask("admin_accounts", search=common, **keys)
            assert answer["response"] == 200, answer
            return [one["account_name"] for one in answer.get("accounts", ())]

        assert sorted(listed(filter="all")) == names
        present = [one for one in names if one != names[5]]
        assert sorted(listed()) == present
        assert listed(descending=True) == list(reversed(listed()))
        assert [*listed(limit=4), *listed(limit=4, offset=4)] == listed()
        for down in (False, True):
            pages = [listed(limit=1, offset=at, descending=down) for at in range(7)]
            assert [one for page in pages for one in page] == listed(descending=down)
        assert client.ask("admin_accounts", search=common, limit=1)["total"] == 6
        assert listed(filter="blocked") == [names[3]]
        assert listed(filter="removed") == [names[5]]
        assert listed(online=True) == [names[1]]
        assert names[1] not in listed(online=False)
        assert listed(sort="last_login", descending=True)[0] == names[1]
        for order in ("role", "state", "created", "last_seen", "address", "messages", "bytes"):
            assert sorted(listed(sort=order)) == present
        shown = client.ask("admin_account", account_name=names[1])
        assert shown["account"]["sessions"] == 1
        assert shown["account"]["address"] == "127.0.0.1"
        assert [one["device"] for one in shown["devices"]] == ["d1"]
        assert len(shown["logins"]) == 1


def _left_of(server: RunningServer, name: str) -> dict[str, object]:
    """Return what the database still has of an account, besides its name and its messages."""
    engine = server.open_database()
    try:
        with engine.connect() as connection:
            row = (
                connection.execute(select(accounts).where(accounts.c.name == name)).mappings().one()
            )
            kept = {"id", "name", "name_key", "created_at", "removed_at"}
            left: dict[str, object] = {
                key: value for key, value in row.items() if key not in kept and value
            }
            del left["role"]
            for table in (devices, key_backups, logins, members, receipts):
                query = select(func.count()).where(table.c.account_id == row["id"])
                left[table.name] = connection.scalar(query)
            both = (contacts.c.owner_id == row["id"]) | (contacts.c.contact_id == row["id"])
            left["contacts"] = connection.scalar(select(func.count()).where(both))
        return {key: value for key, value in left.items() if value}
    finally:
        engine.dispose()
