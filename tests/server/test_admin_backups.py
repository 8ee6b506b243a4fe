"""Backups at an administrator's request: progress, one at a time, verified, cancelled."""

from pathlib import Path
from typing import Any

from tests.running import RunningServer, running, until
from tests.server.administrators import operator


def _wait(server: RunningServer) -> dict[str, Any]:
    until(lambda: not operator(server, "admin_backups").get("work"))
    return operator(server, "admin_backups")


def test_a_backup_is_made_verified_and_listed(tmp_path: Path) -> None:
    with running(tmp_path / "сервер", "--limits", "off") as server:
        assert "backups" not in operator(server, "admin_backups")
        begun = operator(server, "admin_backup")
        assert (begun["response"], begun["work"]) == (200, "backup")
        assert operator(server, "admin_backup")["response"] == 409
        found = _wait(server)
        (made,) = found["backups"]
        assert found.get("failure", "") == ""
        assert Path(found["directory"], made["backup"]).stat().st_size == made["size"]

        assert operator(server, "admin_backups", verify="no.tar.gz")["response"] == 404
        assert operator(server, "admin_backups", verify="../messenger.db")["response"] == 404
        begun = operator(server, "admin_backups", verify=made["backup"])
        assert (begun["work"], begun["subject"]) == ("verification", made["backup"])
        (verified,) = _wait(server)["backups"]
        assert verified["verified"] >= made["made"]
        assert verified.get("problem", "") == ""
        rows = operator(server, "admin_audit")["entries"]
        assert [row["action"] for row in rows] == ["admin_backup"]


def test_a_damaged_backup_is_told(tmp_path: Path) -> None:
    with running(tmp_path / "server", "--limits", "off") as server:
        operator(server, "admin_backup")
        found = _wait(server)
        (made,) = found["backups"]
        file = Path(found["directory"], made["backup"])
        file.write_bytes(file.read_bytes()[:-2_000])
        operator(server, "admin_backups", verify=made["backup"])
        found = _wait(server)
        assert made["backup"] in found["backups"][0]["problem"]
        assert found["failure"] == found["backups"][0]["problem"]


def test_a_backup_that_is_cancelled_leaves_nothing(tmp_path: Path) -> None:
    with running(tmp_path / "server", "--limits", "off") as server:
        assert operator(server, "admin_backup")["work"] == "backup"
        operator(server, "admin_backups", cancel=True)
        found = _wait(server)
        assert "backups" not in found
        assert "cancelled" in found["failure"]
        operator(server, "admin_backup")
        assert len(_wait(server)["backups"]) == 1
