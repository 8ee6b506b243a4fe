"""Sessions, rooms, invitations, logins, notices and the audit log, as administrators see them."""

from collections.abc import Callable
from typing import Any

import pytest

from messenger.sdk.invitation import parse_link
from tests.running import RunningServer, Talker
from tests.server.administrators import Names, OperatorTalker, administrator, operator, registered

LoggedIn = Callable[..., Talker]


def test_an_administrator_sees_and_ends_a_connection(
    server: RunningServer, logged_in: LoggedIn, name: Names
) -> None:
    eve = logged_in(name("eve"))
    with administrator(server, name("admin")) as admin:
        (found,) = admin.ask("admin_sessions", search=eve.name)["sessions"]
        assert (found["account_name"], found["address"]) == (eve.name, "127.0.0.1")
        assert (found["device"], found["program"]) == ("d1", "tests 1")
        assert "tls" not in found
        (own,) = admin.ask("admin_sessions", search=admin.name)["sessions"]
        assert own["tls"]
        assert admin.ask("admin_end", number=own["number"])["response"] == 409

        assert admin.ask("admin_end", number=found["number"])["response"] == 200

        assert eve.receive()["response"] == 401
        assert eve.is_closed()
        assert admin.ask("admin_end", number=found["number"])["response"] == 404
        (row,) = admin.ask("admin_audit", actor=admin.name)["entries"]
        assert (row["target"], row["before"]["device"]) == (eve.name, "d1")


def test_the_list_of_connections_is_sorted_and_paged(server: RunningServer, name: Names) -> None:
    with OperatorTalker(server.data) as client:
        names = [registered(server, name(f"eve{number}")) for number in range(4)]
        clients = [Talker(server.port) for _ in names]
        for one, its_name in zip(clients, names, strict=True):
            one.log_in_fully(its_name)

        def listed(**keys: Any) -> list[int]:
            return [one["number"] for one in client.ask("admin_sessions", **keys)["sessions"]]

        assert [*listed(limit=3), *listed(limit=300, offset=3)] == listed(limit=303)
        for order in ("account_name", "address", "program", "since", "idle"):
            assert len(listed(sort=order)) == len(listed(sort=order, descending=True))
        latest = client.ask("admin_sessions", sort="since", descending=True, limit=4)["sessions"]
        assert {one["account_name"] for one in latest} == set(names)
        assert client.ask("admin_sessions", search="operator")["sessions"][0]["operator"]
        for one in clients:
            one.close()


def test_logins_of_all_accounts_are_listed_page_by_page(server: RunningServer, name: Names) -> None:
    registered(server, name("eve"))
    for _ in range(3):
        with Talker(server.port) as eve:
            eve.log_in(name("eve"))
            eve.leave()
    with OperatorTalker(server.data) as client:
        theirs = {"account_name": name("eve")}
        first = client.ask("admin_logins", limit=2, **theirs)
        second = client.ask("admin_logins", limit=2, before=first["next"], **theirs)
        logins = [*first["logins"], *second["logins"]]

        assert "next" not in second
        assert [one["account_name"] for one in logins] == [name("eve")] * 3
        assert sorted(one["time"] for one in logins) == [one["time"] for one in reversed(logins)]
        assert len(client.ask("admin_logins", address="127.0.0.1", limit=1)["logins"]) == 1
        assert "logins" not in client.ask("admin_logins", address="10.0.0.1")


@pytest.mark.parametrize("action", ["admin_room", "admin_close"])
def test_a_room_whose_name_is_not_quite_right_is_found(
    server: RunningServer, name: Names, action: str
) -> None:
    room = f"#Комната.{action}"
    with Talker(server.port) as client:
        client.log_in_fully(registered(server, name("ann")))
        assert client.ask("join", room=room)["response"] == 200

    for wrong in (room.swapcase(), room.removeprefix("#")):
        refused = operator(server, action, room=wrong)
        assert refused["response"] == 404
        assert refused["error"].endswith(f"but there is {room}")


def test_a_room_that_an_administrator_closes_is_closed_for_everybody(
    server: RunningServer, logged_in: LoggedIn, name: Names
) -> None:
    eve, ann = logged_in(name("eve")), logged_in(name("ann"))
    room = name("#room")
    eve.ask("join", room=room, encrypted=False)
    ann.ask("join", room=room)
    eve.ask("topic", room=room, topic="о чём")
    with OperatorTalker(server.data) as client:
        (entry,) = client.ask("admin_rooms", search=room)["rooms"]
        assert (entry["creator"], entry["members"], entry["online"]) == (eve.name, 2, 2)
        assert client.ask("admin_rooms", search="о чём")["rooms"] == [entry]
        shown = client.ask("admin_room", room=room)
        assert {one["account_name"] for one in shown["members"]} == {eve.name, ann.name}
        assert client.ask("admin_close", room="#all")["response"] == 400
        assert client.ask("admin_close", room="#")["response"] == 400

        assert client.ask("admin_close", room=room)["response"] == 200

        while ann.event("room")["change"] != "closed":
            pass
        assert ann.ask("msg", to=room, message="ау", id="1")["response"] == 404
        assert client.ask("admin_close", room=room)["response"] == 404
        assert client.ask("admin_room", room=room)["response"] == 404
        for order in ("room", "creator", "members", "created"):
            assert client.ask("admin_rooms", sort=order, descending=True)["rooms"]


def test_invitations_are_listed_in_pages_the_latest_first(own_server: Any) -> None:
    server: RunningServer = own_server("--limits", "off")
    with OperatorTalker(server.data) as client:
        made = [client.ask("admin_invite")["invitation"] for _ in range(7)]
        client.ask("admin_revoke", invitation=made[3])
        usable = [made[number] for number in (6, 5, 4, 2, 1, 0)]

        pages = [client.ask("admin_invites", offset=start, limit=4) for start in (0, 4, 8)]

        found = [one for page in pages for one in page.get("invitations", [])]
        assert [one["invitation"] for one in found] == usable
        assert [page["total"] for page in pages] == [6, 6, 6]
        assert {one["creator"] for one in found} == {"operator"}
        every = client.ask("admin_invites", all=True, limit=1000)
        assert [one["invitation"] for one in every["invitations"]] == made[::-1]
        assert every["total"] == 7


def test_an_invitation_is_made_used_and_revoked(own_server: Any, name: Names) -> None:
    server: RunningServer = own_server("--limits", "off", toml='registration = "invitation"')
    with OperatorTalker(server.data) as client:
        made = client.ask("admin_invite", uses=2, days=1)
        link = parse_link(made["link"])
        assert link.port == server.port
        token = link.token
        assert token
        with Talker(server.port) as eve:
            assert eve.register("Ева", invite=token)["response"] == 201
        (found,) = client.ask("admin_invites")["invitations"]
        assert (found["invitation"], found["uses_left"]) == (made["invitation"], 1)
        assert token not in str(client.ask("admin_invites", all=True))

        assert client.ask("admin_revoke", invitation=found["invitation"])["response"] == 200

        with Talker(server.port) as ann:
            assert ann.register("Анна", invite=token)["response"] == 403
        assert "invitations" not in client.ask("admin_invites")
        assert len(client.ask("admin_invites", all=True)["invitations"]) == 1
        assert client.ask("admin_revoke", invitation=found["invitation"])["response"] == 404
        assert client.ask("admin_invite", uses=0)["response"] == 409
        assert token not in str(client.ask("admin_audit"))
        assert token not in server.log()


def test_a_notice_reaches_everyone_online_or_not(own_server: Any) -> None:
    server: RunningServer = own_server("--limits", "off")
    text = "Сервер остановится в пять"
    for one in ("Иван", "Ева", "名前"):
        registered(server, one)
    with Talker(server.port) as ours, Talker(server.port, newline=False) as plain:
        ours.log_in_fully("Иван")
        plain.log_in("Ева")
        for number in range(2):
            assert operator(server, "admin_notice", text=f"{text} {number}")["response"] == 200

        found = ours.event("msg")
        assert (found["from"], found["to"], found["message"]) == ("server", "#all", f"{text} 0")
        assert "guest" not in found
        assert plain.event("msg")["message"] == f"{text} 0"
        assert plain.event("msg")["message"] == f"{text} 1"
        assert operator(server, "admin_notice", text=" ")["response"] == 400
        assert operator(server, "admin_notice", text="x" * 16_001)["response"] == 413
    with Talker(server.port) as late:
        late.log_in_fully("名前")
        page = late.ask("history", conversation="#all")["messages"]
        assert [one["message"] for one in page] == [f"{text} 0", f"{text} 1"]
        assert [one["from"] for one in page] == ["server"] * 2
        assert late.register("server")["response"] == 400
    listed = operator(server, "admin_accounts", filter="all")
    assert [one["account_name"] for one in listed["accounts"]] == ["Ева", "Иван", "名前"]
    assert operator(server, "admin_promote", account_name="server")["response"] == 404
    rows = operator(server, "admin_audit", action_name="admin_notice")["entries"]
    assert [row["after"] for row in rows] == [{"characters": 27}] * 2


def test_the_audit_log_is_read_page_by_page(server: RunningServer, name: Names) -> None:
    eve = registered(server, name("eve"))
    for action in ("admin_block", "admin_unblock", "admin_block"):
        operator(server, action, account_name=eve)
    with OperatorTalker(server.data) as client:
        first = client.ask("admin_audit", target=eve, limit=2)
        second = client.ask("admin_audit", target=eve, limit=2, before=first["next"])
        rows = [*first["entries"], *second["entries"]]

        assert [row["action"] for row in rows] == ["admin_block", "admin_unblock", "admin_block"]
        assert rows[0]["before"] == {"blocked": False}
        assert rows[0]["after"] == {"blocked": True}
        assert (
            len(client.ask("admin_audit", action_name="admin_unblock", target=eve)["entries"]) == 1
        )


def test_a_warning_about_a_link_is_in_the_language_of_the_administrator(
    server: RunningServer, name: Names
) -> None:
    eve = registered(server, name("eve"))
    with OperatorTalker(server.data) as client:
        client.ask("presence", user={"account_name": ""}, lang="ru")
        for made in (
            client.ask("admin_invite", uses=1, days=1),
            client.ask("admin_reset", account_name=eve),
        ):
            assert "Другие компьютеры не смогут" in made["warning"]
