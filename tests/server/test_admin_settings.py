"""Settings and the certificate over the wire: who may change what, and what leaves the server."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError

from messenger.jim.errors import Forbidden, ServerError
from messenger.server.actors import Actor
from messenger.server.administration import settings
from messenger.server.config import KINDS
from messenger.server.settings.editor import SettingsEditor
from messenger.server.settings.remote_changes import LOCAL_ONLY, check_url
from tests.in_process import InProcessServer
from tests.running import RunningServer, SecureTalker, Talker, running
from tests.server.administrators import OperatorTalker, administrator, audit_rows, operator

SECRET = "Пароль4711"
URL = f"postgresql://messenger:{SECRET}@db.example/messenger"


@pytest.fixture
def own(tmp_path: Path) -> Iterator[RunningServer]:
    with running(tmp_path / "сервер", "--limits", "off") as server:
        yield server


@pytest.fixture
def admin(own: RunningServer) -> Iterator[SecureTalker]:
    with administrator(own, "Админ") as client:
        yield client


def toml(server: RunningServer) -> str:
    return (server.data / "messenger.toml").read_text("utf-8")


def settings_of(client: Talker) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in client.ask("admin_settings")["settings"]}


def test_a_change_counts_at_once_or_after_a_restart(
    own: RunningServer, admin: SecureTalker
) -> None:
    (own.data / "messenger.toml").write_text("# Хор\nguests = 'off'\n", "utf-8")

    done = admin.ask(
        "admin_set", changes={"registration": "closed", "limits.rooms": "7", "guests": None}
    )

    assert done["response"] == 200
    assert {one["name"]: one["effect"] for one in done["changes"]} == {
        "registration": "now",
        "limits.rooms": "restart",
        "guests": "now",
    }
    assert toml(own).startswith("# Хор\n")
    with Talker(own.port) as talker:
        assert talker.register("Ева")["response"] == 403
    shown = admin.ask("admin_settings")
    assert shown["waiting"] == ["limits.rooms"]
    assert shown["file"] == str(own.data / "messenger.toml")
    found = {one["name"]: one for one in shown["settings"]}
    rooms = found["limits.rooms"]
    assert (rooms["value"], rooms["running"], rooms["default"]) == (7, 500, 500)
    assert (rooms["kind"], rooms["source"]) == ("whole number", "file")
    assert rooms["least"] == 1
    assert "running" not in found["registration"]
    assert found["registration"]["choices"] == ["open", "invitation", "closed"]
    (row,) = [one for one in audit_rows(own) if one["action"] == "admin_set"]
    assert row["target"] == "registration, limits.rooms, guests"
    assert json.loads(row["before"]) == {
        "registration": None,
        "limits.rooms": None,
        "guests": "off",
    }
    assert json.loads(row["after"]) == {"registration": "closed", "limits.rooms": 7, "guests": None}


@pytest.mark.parametrize(
    ("changes", "code", "said"),
    [
        ({"prot": 1}, 400, "did you mean port?"),
        ({"port": 70000}, 400, "from 0 to 65535"),
        ({"name": "x" * 101}, 400, "at most 100 characters"),
        ({"guests": "off", "registration": "some"}, 400, "one of"),
        ({"guests": ["off"]}, 400, ""),
        ({"metrics_port": 9477, "metrics_address": "192.0.2.1"}, 400, "metrics_address"),
    ],
)
def test_what_a_start_would_refuse_is_not_saved(
    own: RunningServer, admin: SecureTalker, changes: dict[str, Any], code: int, said: str
) -> None:
    answer = admin.ask("admin_set", changes=changes)

    assert answer["response"] == code
    assert said in answer["error"]
    assert not (own.data / "messenger.toml").exists()
    assert [one["action"] for one in audit_rows(own)] == ["admin_promote"]


def test_errors_are_in_the_language_of_the_administrator(own: RunningServer) -> None:
    with OperatorTalker(own.data) as client:
        client.ask("presence", user={"account_name": ""}, lang="ru")
        assert "Неизвестная настройка prot" in client.ask("admin_set", changes={"prot": 1})["error"]
        assert settings_of(client)["guests"]["description"] == "кто может войти без пароля"


def test_what_is_the_same_already_leaves_no_row(own: RunningServer) -> None:
    for _ in range(2):
        answer = operator(own, "admin_set", changes={"log_days": 3})
    assert "changes" not in answer
    assert [one["action"] for one in audit_rows(own)] == ["admin_set"]


def test_a_file_that_cannot_be_written_is_a_conflict_and_leaves_no_row(
    own: RunningServer, admin: SecureTalker
) -> None:
    file = own.data / "messenger.toml"
    file.write_text("log_days = 2\n")
    file.chmod(0o400)

    answer = admin.ask("admin_set", changes={"log_days": 3})

    assert (answer["response"], "read-only" in answer["error"]) == (409, True)
    assert [one["action"] for one in audit_rows(own)] == ["admin_promote"]


@pytest.mark.io
@pytest.mark.parametrize("text", ["", "# Хор\nlog_days = 2\n"])
def test_without_a_row_of_the_audit_log_nothing_is_changed(tmp_path: Path, text: str) -> None:
    server = InProcessServer(tmp_path)
    file = tmp_path / "messenger.toml"
    file.write_text(text, "utf-8")
    services = server.server.services
    services.editor = SettingsEditor({"data": tmp_path}, {})
    operator = Actor("operator", "local", None)

    def fail(_connection: Connection) -> None:
        raise OperationalError("COMMIT", None, sqlite3.OperationalError("disk is full"))

    def change() -> settings.Changed:
        changed = settings.change(services, operator, {"log_days": 3}, "en")
        return server.loop.run_until_complete(changed)

    event.listen(server.engine, "commit", fail)
    with pytest.raises(ServerError):
        change()
    assert file.read_text("utf-8") == text
    event.remove(server.engine, "commit", fail)

    assert [one.name for one in change().changes] == ["log_days"]
    server.close()


def test_only_the_operator_chooses_files_of_the_server(
    own: RunningServer, admin: SecureTalker, tmp_path: Path
) -> None:
    """Otherwise an administrator far away could have the server read and write any file."""
    elsewhere = tmp_path / "elsewhere.db"
    for changes in (
        {"certificate": "/etc/shadow", "private_key": "/etc/shadow"},
        {"certificate": None},
        {"data": str(tmp_path)},
        {"database": f"sqlite:///{elsewhere}"},
        {"log_days": 3, "database": "postgresql:///x?host=/tmp"},
    ):
        answer = admin.ask("admin_set", changes=changes)
        assert answer["response"] == 403, changes
    for url in ("/etc", str(elsewhere), f"sqlite:///{elsewhere}"):
        answer = admin.ask("admin_test_db", database=url)
        assert (answer["response"], "findings" in answer) == (403, False)
    assert not (own.data / "messenger.toml").exists()
    assert not elsewhere.exists()
    assert {name for name, one in settings_of(admin).items() if one.get("local_only")} == LOCAL_ONLY

    answer = operator(own, "admin_set", changes={"database": f"sqlite:///{elsewhere}"})

    assert answer["changes"][0]["effect"] == "restart"


def test_every_setting_that_is_a_path_is_for_the_operator_only() -> None:
    assert {"data", "certificate", "private_key"} <= LOCAL_ONLY
    assert {name for name, kind in KINDS.items() if "Path" in str(kind)} == LOCAL_ONLY


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///x.db",
        "sqlite+pysqlcipher:///x.db",
        "mysql://host/x",
        "not a url",
        "postgresql:///name",
        "postgresql://@/name?host=/var/run",
        "postgresql://host,/tmp/name",
        "postgresql://host/x?host=other,/tmp",
        "postgresql://host/x?host=%2Ftmp",
        "postgresql://host/x?host=a&host=@abstract",
        "postgresql://host/x?passfile=/etc/shadow",
        "postgresql://host/x?sslkey=key.pem",
        "postgresql://host/x?sslrootcert=/etc/passwd",
        "postgresql://host/x?service=another",
        "postgresql://host/x?options=-c",
        "postgresql://messenger:***@evil.example/messenger",
        "postgresql://messenger:***@db.example:7/messenger",
        "postgresql://messenger:***@db.example/messenger?host=evil.example",
        "postgresql://messenger:***@db.example/messenger?sslmode=disable",
        "postgresql://other:***@db.example/messenger",
        "postgresql://db.example/messenger?password=***&host=evil.example",
        "postgresql://messenger@evil.example/messenger",
        "postgresql://messenger:@evil.example/messenger",
        "postgresql://evil.example/messenger?user=messenger&password=",
    ],
)
def test_a_url_from_far_away_names_no_file_and_takes_no_password_elsewhere(url: str) -> None:
    with pytest.raises(Forbidden):
        check_url(url, URL)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://messenger:***@db.example/another",
        "postgresql://messenger:new@other.example:5433/messenger?sslmode=require",
        "postgresql+psycopg://messenger:new@a.example/x?host=b.example&port=5433",
    ],
)
def test_a_url_of_another_database_server_is_accepted(url: str) -> None:
    check_url(url, URL)


def test_the_name_of_the_database_can_be_changed_where_no_password_is_in_the_url() -> None:
    check_url("postgresql://messenger@db.example/another", "postgresql://messenger@db.example/x")


def test_a_databases_password_is_nowhere_but_in_the_file(
    own: RunningServer, admin: SecureTalker
) -> None:
    assert admin.ask("admin_set", changes={"log_level": "DEBUG"})["response"] == 200
    done = admin.ask("admin_set", changes={"database": URL})
    again = admin.ask("admin_set", changes={"database": URL.replace(SECRET, "***") + "2"})
    # Nobody listens there: the reason is told, and the password is not.
    tried = admin.ask(
        "admin_test_db", database=f"postgresql://m:{SECRET}@127.0.0.1:1/m?connect_timeout=2"
    )

    assert done["changes"][0]["after"] == "postgresql://messenger:***@db.example/messenger"
    assert again["changes"][0]["effect"] == "restart"
    assert URL + "2" in toml(own)
    assert [one["level"] for one in tried["findings"]] == ["failed"]
    # The server has connected to what somebody far away has named.
    (row,) = admin.ask("admin_audit", action_name="admin_test_db")["entries"]
    assert row["target"] == "postgresql://127.0.0.1:1/m"
    said = [done, again, tried, own.log()]
    said += [admin.ask("admin_settings"), admin.ask("admin_audit")]
    for one in said:
        shown = json.dumps(one, ensure_ascii=False)
        assert SECRET not in shown, shown[max(0, shown.index(SECRET) - 300) :][:600]


def test_the_settings_and_their_database_are_checked(
    own: RunningServer, admin: SecureTalker
) -> None:
    found = admin.ask("admin_test_db")["findings"]

    assert found[0]["subject"] == "settings"
    assert {one["level"] for one in found} == {"ok"}
    (own.data / "messenger.toml").write_text("prot = 1\n")
    (failed,) = admin.ask("admin_test_db")["findings"]
    assert (failed["level"], "did you mean port?" in failed["text"]) == ("failed", True)
    assert admin.ask("admin_settings")["response"] == 400


def test_the_certificate_is_shown_and_renewed(own: RunningServer, admin: SecureTalker) -> None:
    shown = admin.ask("admin_certificate")
    assert shown["fingerprint"] == admin.fingerprint
    assert shown["is_own"]

    renewed = admin.ask("admin_renew")

    assert renewed["fingerprint"] == admin.fingerprint
    with SecureTalker(own.port) as talker:
        assert talker.certificate != admin.certificate
        assert talker.fingerprint == admin.fingerprint
    assert admin.ask("admin_stats")["response"] == 200


def test_a_certificate_of_an_authority_is_not_replaced(
    own_server: Callable[..., RunningServer], tmp_path: Path
) -> None:
    server = own_server()
    copies = tmp_path / "certificate.pem", tmp_path / "key.pem"
    for copy in copies:
        copy.write_bytes((server.data / copy.name).read_bytes())
    changes = dict(zip(("certificate", "private_key"), map(str, copies), strict=True))
    with OperatorTalker(server.data) as client:
        done = client.ask("admin_set", changes=changes)
        assert [one["effect"] for one in done["changes"]] == ["now", "now"]
        assert not client.ask("admin_certificate").get("is_own")

        answer = client.ask("admin_renew")

        assert (answer["response"], "remove certificate" in answer["error"]) == (409, True)
        assert [one["action"] for one in client.ask("admin_audit")["entries"]] == ["admin_set"]
