"""Reports: what a user shows to the administrators is stored, within limits."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine

from messenger.jim.errors import Conflict, NotFound
from messenger.jim.reports import Report, ReportedMessage
from messenger.server.store import accounts, reports
from tests.running import Talker
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
                max_open=2,
            )
            for reason in ("раз", "два")
        )
        with pytest.raises(reports.TooManyReports):
            reports.add_report(
                connection, anna, account_name="", room="#x", reason="", messages="[]", max_open=2
            )

        reports.settle(connection, first, "Админ", "")
        with pytest.raises(Conflict):
            reports.settle(connection, first, "Админ", "")
        with pytest.raises(NotFound):
            reports.settle(connection, 2**40, "Админ", "")

        def listed(closed: bool | None, before: int | None = None) -> list[tuple[int, str]]:
            rows = reports.list_reports(connection, closed=closed, before=before, limit=10)
            return [(row.id, row.reason) for row in rows]

        assert listed(None) == [(second, "два"), (first, "раз")]
        assert listed(None, second) == [(first, "раз")]
        assert listed(None, 2**40) == listed(None)
        assert listed(False) == [(second, "два")]
        assert listed(True) == [(first, "раз")]
        row = reports.list_reports(connection, closed=True, before=None, limit=1)[0]
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
