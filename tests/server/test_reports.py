"""Reports: what a user shows to the administrators is stored, within limits."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine

from messenger.jim.admin.reports import ListReports
from messenger.jim.errors import Conflict, NotFound
from messenger.jim.reports import Report, ReportedMessage
from messenger.server.store import accounts, reports
from tests.running import Talker
from tests.server.administrators import audit_rows, operator
from tests.server.test_keys import Names, Servers

Talkers = Callable[..., Talker]


def shown(sender: str, text: str = "гадость") -> dict[str, Any]:
    return {"conversation": sender, "seq": 1, "from": sender, "time": 1.5, "text": text}


def test_an_account_and_a_room_can_be_reported(logged_in: Talkers, name: Names) -> None:
    anna, boris = logged_in(name("Анна")), logged_in(name("Борис"))
    boris.ask("join", room=name("#room"))

    for subject in (
        {"account_name": boris.name},
        {"room": name("#room")},
        {"account_name": boris.name, "room": "#"},
    ):
        answer = anna.ask("report", **subject, reason="спам", messages=[shown(boris.name)])
        assert answer["response"] == 201


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        ({}, 400),
        ({"account_name": "me"}, 400),
        ({"account_name": "nobody"}, 404),
        ({"room": "#nowhere"}, 404),
        ({"account_name": "boris", "reason": " "}, 400),
        ({"account_name": "boris", "reason": "x" * 1001}, 400),
        ({"account_name": "boris", "reason": "\0"}, 400),
        ({"account_name": "boris", "messages": [{}]}, 400),
        ({"account_name": "boris", "messages": [shown("x")] * 51}, 400),
        ({"account_name": "boris", "messages": [shown("x", "ё" * 16_000)] * 5}, 413),
        ({"account_name": "boris", "messages": [shown("x", "\0")]}, 201),
    ],
)
def test_a_report_says_about_whom_and_what(
    logged_in: Talkers, name: Names, keys: dict[str, Any], code: int
) -> None:
    me, _boris = logged_in(name("me")), logged_in(name("boris"))
    if "account_name" in keys:
        keys = keys | {"account_name": name(keys["account_name"])}

    assert me.ask("report", **{"reason": "spam", **keys})["response"] == code


def test_reports_are_bounded_and_not_for_guests(own_server: Servers) -> None:
    limits = "[limits]\nreport_burst = 3\nreport_interval = 600\nopen_reports = 2\n"
    server = own_server(toml=limits)
    with Talker(server.port) as anna, Talker(server.port) as guest:
        for one in ("anna", "boris"):
            anna.register_quickly(one)
        anna.log_in_fully("anna")
        answers = [anna.ask("report", account_name="boris", reason="x") for _ in range(4)]
        guest.guest("guest")

        assert [answer["response"] for answer in answers] == [201, 201, 429, 429]
        assert "last 2 reports" in answers[2]["error"]
        assert answers[3]["retry_after"] > 0
        assert guest.ask("report", account_name="boris", reason="x")["response"] == 403


def test_of_many_reports_about_the_same_the_later_ones_are_stored_without_messages(
    own_server: Servers,
) -> None:
    server = own_server(toml="[limits]\nreported_burst = 2\nreported_interval = 600\n")
    with Talker(server.port) as talker:
        for one in ("anna", "boris", "eva"):
            talker.register_quickly(one)

    def report(reporter: str, **keys: Any) -> dict[str, Any]:
        with Talker(server.port) as talker:
            talker.log_in_fully(reporter)
            return talker.ask("report", reason="x", **keys)

    about, messages = {"account_name": "boris"}, [shown("boris")]
    for reporter in ("anna", "eva"):
        answer = report(reporter, **about, messages=messages)
        assert answer["alert"] == "The administrators will see your report"
    answer = report("anna", **about, messages=messages)
    assert answer["response"] == 201
    assert "but not its messages" in answer["alert"]
    assert report("eva", **about)["alert"] == "The administrators will see your report"
    other = report("eva", account_name="anna", messages=messages)
    assert other["alert"] == "The administrators will see your report"
    listed = operator(server, "admin_reports")["reports"]
    assert [(one["account_name"], one.get("messages", 0)) for one in listed] == [
        *(("anna", 1), ("boris", 0), ("boris", 0), ("boris", 1), ("boris", 1))
    ]
    assert [one.get("others", 0) for one in listed] == [0, 3, 3, 3, 3]


def test_a_crowd_does_not_hide_what_others_show(own_server: Servers) -> None:
    """Friends of one who is reported may report it often: its victim's messages are stored."""
    server = own_server(toml="[limits]\nreported_burst = 2\nreported_interval = 600\n")
    with Talker(server.port) as friend, Talker(server.port) as victim:
        for one in ("boris", "friend", "victim"):
            friend.register_quickly(one)
        friend.log_in_fully("friend")
        victim.log_in_fully("victim")
        about = {"account_name": "boris", "reason": "x", "messages": [shown("boris")]}
        alerts = [friend.ask("report", **about)["alert"] for _ in range(4)]
        assert ["but not its messages" in one for one in alerts] == [False, False, True, True]
        assert victim.ask("report", account_name="boris", reason="first")["response"] == 201

        assert "but not" not in victim.ask("report", **about)["alert"]
        assert "but not" in victim.ask("report", **about)["alert"]

    listed = operator(server, "admin_reports")["reports"]
    shows = [one["reporter"] for one in listed if one.get("messages")]
    assert shows == ["victim", "friend", "friend"]


def test_all_reports_about_the_same_are_closed_at_once(own_server: Servers) -> None:
    server = own_server("--limits", "off")
    with Talker(server.port) as talker:
        for one in ("anna", "boris"):
            talker.register_quickly(one)
        talker.log_in_fully("anna")
        talker.ask("join", room="#room")
        for subject in (
            *({"account_name": "boris"}, {"account_name": "boris", "room": "#room"}),
            *({"room": "#room"}, {"account_name": "boris"}, {"room": "#"}),
        ):
            assert talker.ask("report", **subject, reason="x")["response"] == 201
    listed = operator(server, "admin_reports")["reports"]
    assert [one.get("others", 0) for one in listed] == [0, 2, 0, 2, 2]
    number = listed[1]["report"]

    answer = operator(server, "admin_settle", report=number, others=True, note="done")

    assert answer["alert"].endswith("about the same: 2")
    left = operator(server, "admin_reports")["reports"]
    assert [one["room"] for one in left] == ["#all", "#room"]
    (row,) = audit_rows(server)
    assert (row["target"], row["after"]) == (
        str(number),
        '{"closed":true,"note":"done","others":2}',
    )
    assert operator(server, "admin_report", report=number)["report"].get("others", 0) == 0
    alone = operator(server, "admin_settle", report=left[1]["report"], others=True)
    assert alone["alert"] == f"Report {left[1]['report']} is closed"


def test_reports_are_listed_and_closed(new_engine: Callable[[], Engine]) -> None:
    engine = new_engine()
    with engine.begin() as connection:
        anna = accounts.create(connection, "Анна", "")
        first, second = (
            reports.add_report(
                connection,
                anna,
                account_name="Борис",
                room="",
                reason=reason,
                messages='[{"text":"x"}]',
                is_one_of_many=False,
                max_open=2,
            ).id
            for reason in ("раз", "два")
        )
        with pytest.raises(reports.TooManyReports):
            reports.add_report(
                connection,
                anna,
                account_name="",
                room="#x",
                reason="",
                messages="[]",
                is_one_of_many=False,
                max_open=2,
            )

        reports.settle(connection, first, "Админ", "", others=False)
        with pytest.raises(Conflict):
            reports.settle(connection, first, "Админ", "", others=False)
        with pytest.raises(NotFound):
            reports.settle(connection, 2**40, "Админ", "", others=False)

        def listed(closed: bool | None, before: int | None = None) -> list[tuple[int, str]]:
            rows = reports.page(connection, ListReports(closed=closed, before=before, limit=10))
            return [(row.id, row.reason) for row in rows]

        assert listed(None) == [(second, "два"), (first, "раз")]
        assert listed(None, second) == [(first, "раз")]
        assert listed(None, 2**40) == listed(None)
        assert listed(False) == [(second, "два")]
        assert listed(True) == [(first, "раз")]
        row = reports.page(connection, ListReports(closed=True, limit=1))[0]
        assert (row.reporter, row.account_name, row.closed_by) == ("Анна", "Борис", "Админ")
        assert row.messages == 1
        found = reports.one(connection, first)
        assert found is not None
        assert found[0] == row
        assert json.loads(found[1]) == [{"text": "x"}]
    engine.dispose()


def test_no_text_of_a_report_reaches_a_log() -> None:
    message = ReportedMessage(conversation="#x", seq=1, from_="Борис", text="тайна")
    found = Report(account_name="Борис", reason="тайна", messages=[message])

    assert "тайна" not in repr(found) + repr(message)
