"""Reports, as administrators list, read and close them."""

import json
from collections.abc import Callable
from typing import Any

from tests.running import RunningServer, Talker
from tests.server.administrators import Names, administrator, audit_rows

LoggedIn = Callable[..., Talker]


def test_reports_are_listed_page_by_page_and_texts_shown_one_by_one(
    server: RunningServer, logged_in: LoggedIn, name: Names
) -> None:
    anna, boris = logged_in(name("Анна")), logged_in(name("Борис"))
    shown = {"conversation": boris.name, "seq": 7, "from": boris.name, "time": 1.5, "text": "фу\0"}
    for number in range(3):
        made = anna.ask(
            "report", account_name=boris.name, reason=f"спам {number}", messages=[shown] * number
        )
        assert made["response"] == 201
    with administrator(server, name("Админ")) as admin:

        def listed(**keys: Any) -> list[dict[str, Any]]:
            found = admin.ask("admin_reports", **keys)
            return [one for one in found.get("reports", []) if one["reporter"] == anna.name]

        first = listed()
        assert [one["reason"] for one in first] == ["спам 2", "спам 1", "спам 0"]
        assert [one.get("messages", 0) for one in first] == [2, 1, 0]
        page = admin.ask("admin_reports", limit=1)
        assert listed(before=page["next"]) == [one for one in first if one["report"] < page["next"]]
        assert "фу" not in json.dumps(first, ensure_ascii=False)
        number = first[1]["report"]

        found = admin.ask("admin_report", report=number)

        assert (found["report"], found["messages"]) == (first[1], [shown])
        done = admin.ask("admin_settle", report=number, note="Предупреждён")
        assert done["response"] == 200
        assert [one["reason"] for one in listed()] == ["спам 2", "спам 0"]
        (closed,) = listed(closed=True)
        assert (closed["report"], closed["closed_by"]) == (number, admin.name)
        assert len(listed(closed=None)) == 3
        for action in ("admin_report", "admin_settle"):
            assert admin.ask(action, report=2**40)["response"] == 404
        assert admin.ask("admin_settle", report=number)["response"] == 409
        assert admin.ask("admin_settle", report=number, note="x" * 1001)["response"] == 400
    (row,) = [row for row in audit_rows(server) if row["actor"] == name("Админ")]
    assert (row["action"], row["target"]) == ("admin_settle", str(number))
    assert json.loads(row["after"]) == {"closed": True, "note": "Предупреждён"}
    assert "фу" not in server.log()
