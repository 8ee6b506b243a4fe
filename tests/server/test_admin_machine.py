"""The log and the doctor over the wire, while the server goes on."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from messenger.server.log_reading import LogFilter, LogLine, LogPlace, LogReader, read_since
from tests.running import RunningServer, Talker, running, until
from tests.server.administrators import OperatorTalker, operator

LINE = "2026-11-27 10:00:0{},000 {} session {}\n"


@pytest.fixture
def own(tmp_path: Path) -> Iterator[RunningServer]:
    with running(tmp_path / "сервер", "--limits", "off") as server:
        yield server


def texts(records: list[dict[str, Any]]) -> list[str]:
    return [one["text"] for one in records]


def test_the_last_records_are_shown_and_new_ones_followed(own: RunningServer) -> None:
    with OperatorTalker(own.data) as client:
        page = client.ask("admin_log", limit=2, text="KEY")
        assert "fingerprint of the server's key" in page["records"][-1]["text"]
        assert "records" not in client.ask("admin_log", level="ERROR")
        with Talker(own.port) as talker:
            talker.guest("Ёж")
        found: list[str] = []

        def follow() -> bool:
            nonlocal page
            page = client.ask("admin_log", after=page["next"], text="ёж")
            found.extend(texts(page.get("records", [])))
            return bool(found)

        until(follow)

        assert "'Ёж' has logged in as a guest" in found[0]
        assert client.ask("admin_log", after="x")["response"] == 400
        assert client.ask("admin_log", after="-1.-1.-1")["response"] == 200


def test_the_log_is_followed_over_its_rotation(tmp_path: Path) -> None:
    file = tmp_path / "server.log"
    file.write_text(LINE.format(0, "INFO", "one"))
    place = LogReader(tmp_path).place
    found: list[LogLine] = []

    def follow() -> list[str]:
        nonlocal place
        new, place = read_since(tmp_path, LogPlace.parse(str(place)), LogFilter())
        found.extend(new)
        return [one.text for one in new]

    assert follow() == []
    with file.open("a") as log:
        log.write(LINE.format(1, "ERROR", "two") + "Traceback\n")
    assert follow() == []
    with file.open("a") as log:
        log.write("ValueError: Ёж\n")
    assert follow() == []
    assert follow() == ["two\nTraceback\nValueError: Ёж"]
    assert follow() == []
    with file.open("a") as log:
        log.write(LINE.format(2, "INFO", "three"))
    assert follow() == []
    file.rename(tmp_path / "server.log.2026-11-27")
    file.write_text("")
    assert follow() == ["three"]
    with file.open("a") as log:
        log.write(LINE.format(3, "INFO", "four") + LINE.format(4, "INFO", "five") + "half")
    assert follow() == ["four"]
    with file.open("a") as log:
        log.write(" a line\n")
    assert [*follow(), *follow(), *follow()] == ["five\nhalf a line"]


def test_whoever_is_far_behind_skips_records(tmp_path: Path) -> None:
    file = tmp_path / "server.log"
    file.write_text("")
    place = LogReader(tmp_path).place
    file.write_text("".join(LINE.format(0, "INFO", "x" * 1000) for _ in range(6_000)))

    found, place = read_since(tmp_path, place, LogFilter())

    assert 3_000 < len(found) < 5_000
    assert read_since(tmp_path, place, LogFilter())[0] == found[:1]


def test_a_place_in_a_file_that_is_gone_goes_on_in_the_log(tmp_path: Path) -> None:
    assert read_since(tmp_path, LogPlace(1, 2, 3), LogFilter()) == ([], LogPlace(0, 0, 0))
    (tmp_path / "server.log").write_text(LINE.format(0, "INFO", "a") + LINE.format(0, "INFO", "b"))
    assert [one.text for one in read_since(tmp_path, LogPlace(1, 2, 3), LogFilter())[0]] == ["a"]


def test_a_running_server_is_examined_from_inside(own: RunningServer) -> None:
    with OperatorTalker(own.data) as client:
        client.ask("presence", user={"account_name": ""}, lang="ru")
        started = client.ask("admin_doctor", start=True)
        # Another one joins it.
        joined = operator(own, "admin_doctor", start=True)
        assert started["running"]
        assert joined["number"] == started["number"] == 1
        checks: list[dict[str, Any]] = []

        def ended() -> bool:
            page = client.ask("admin_doctor", number=1, after=len(checks))
            checks.extend(page.get("checks", []))
            return not page.get("running", False)

        until(ended)
        found = {one["name"]: one for one in checks}

        assert len(found) == len(checks)
        for name in ("settings", "port", "tls", "round_trip", "certificate", "database"):
            assert found[name]["level"] == "ok", found[name]
            assert found[name]["seconds"] >= 0
        assert found["integrity"]["level"] == "ok"
        assert "Уведомление" in found["round_trip"]["text"] or "гост" in found["round_trip"]["text"]
        again = client.ask("admin_doctor", start=True)
        assert again["number"] == 2
        until(lambda: not client.ask("admin_doctor", number=2).get("running"))
        assert client.ask("admin_accounts")["response"] == 200
