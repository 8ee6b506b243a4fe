"""The doctor finds what is wrong with a server and its machine, and changes nothing."""

import datetime as dt
import logging
import os
import resource
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from messenger.crypto import certificates
from messenger.files import write_private
from messenger.log import server_log_config
from messenger.server.config import load_settings
from messenger.server.doctor.checks import Check
from messenger.server.doctor.examination import examine
from messenger.server.settings import certificate
from messenger.server.settings.editor import SettingsEditor
from messenger.server.store.directory_lock import lock_file
from tests.running import RunningServer, Talker, running
from tests.server.full_database import fill, rows_of

NOW = dt.datetime.now(dt.UTC)


def found(data: Path, **environment: str) -> dict[str, Check]:
    """Return what the doctor finds in a directory, by name."""
    checks = list(examine({"data": data}, environment))
    assert all(check.seconds >= 0 for check in checks)
    assert "The check itself failed" not in repr(checks)
    return {check.name: check for check in checks}


def files(data: Path) -> set[str]:
    return {str(one.relative_to(data)) for one in data.rglob("*")}


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running(tmp_path_factory.mktemp("doctor") / "сервер") as server:
        yield server


def test_a_healthy_server_is_found_healthy_on_every_database(server: RunningServer) -> None:
    url = load_settings({"data": server.data}, {}).database or server.data / "messenger.db"
    with Talker(server.port) as talker:  # what other tests have written is committed
        talker.ask("get_contacts")
    before, there = rows_of(url), files(server.data)

    checks = found(server.data)

    assert {check.level for name, check in checks.items() if name not in ("clock", "log")} <= {
        "ok",
        "warning",
    }
    for name in ("port", "tls", "round_trip", "rights", "integrity", "certificate"):
        assert checks[name].level == "ok", checks[name]
    assert checks["database"].level != "failed"
    assert "MB" in checks["database"].text
    assert "A notice reaches another guest in" in checks["round_trip"].text
    assert f"(process {server.process.pid})" in checks["settings"].text
    assert rows_of(url).keys() == before.keys()
    for table in ("accounts", "conversations", "messages"):
        assert not [row for row in rows_of(url)[table] if "doctor" in row]
    assert files(server.data) == there


def test_without_a_server_it_says_so_and_checks_the_rest(tmp_path: Path) -> None:
    data = tmp_path / "сервер"
    with running(data) as server:
        server.stop()
    there = files(data)

    checks = found(data, MESSENGER_PORT=str(server.port))

    assert "no server runs in" in checks["settings"].text
    assert f"port {server.port} is free" in checks["port"].text
    assert checks["integrity"].text == "The database is not damaged"
    assert "round_trip" not in checks
    assert files(data) == there


def test_a_server_that_still_starts_is_no_fault(tmp_path: Path) -> None:
    unlock = lock_file(tmp_path)
    check = found(tmp_path, MESSENGER_PORT="0")["settings"]
    unlock()

    assert (check.level, "A server starts in" in check.text) == ("warning", True)


def test_in_an_empty_place_it_makes_nothing(tmp_path: Path) -> None:
    checks = found(tmp_path / "new", MESSENGER_PORT="0")

    assert "failed" not in {check.level for check in checks.values()}
    assert list(tmp_path.iterdir()) == []


def test_guests_that_are_off_are_no_fault(tmp_path: Path) -> None:
    tmp_path.joinpath("messenger.toml").write_text("guests = 'off'\n")
    tmp_path.chmod(0o700)
    with running(tmp_path):
        check = found(tmp_path)["round_trip"]

    assert (check.level, check.text[:10]) == ("ok", "Not tried:")


def test_a_port_that_somebody_elses_program_has_is_found(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        checks = found(tmp_path, MESSENGER_PORT=port, MESSENGER_ADDRESS="127.0.0.1")

    assert checks["port"].level == "failed"
    assert f"another program listens on port {port}" in checks["port"].text


def test_a_server_that_hangs_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("network", "round_trip"):
        monkeypatch.setattr(f"messenger.server.doctor.{module}.TIMEOUT", 0.3)
    with running(tmp_path / "data") as server:
        server.process.send_signal(signal.SIGSTOP)
        checks = found(server.data)
        server.process.send_signal(signal.SIGCONT)

    assert checks["tls"].level == checks["round_trip"].level == "failed"
    assert checks["round_trip"].advice


def test_the_public_address_is_tried(healthy: RunningServer, tmp_path: Path) -> None:
    own, closed = f"127.0.0.1:{healthy.port}", "127.0.0.1:1"
    with running(tmp_path / "other") as other:
        for address, level, said in (
            (own, "ok", "leads to this server"),
            (f"127.0.0.1:{other.port}", "failed", "Another server answers"),
            (closed, "warning", "does not answer to this machine"),
            ("nohost.invalid", "warning", "does not answer to this machine"),
        ):
            check = found(healthy.data, MESSENGER_PUBLIC_ADDRESS=address)["public_address"]
            assert (check.level, said in check.text) == (level, True), check


# --- certificates ---------------------------------------------------------------------------------


def own_certificate(data: Path, *, made: dt.timedelta) -> None:
    """Make the server's own certificate as it was made so long ago."""
    key = certificates.make_key()
    write_private(data / "key.pem", key)
    write_private(
        data / "certificate.pem", certificates.make_certificate(key, "messenger", NOW - made)
    )


@pytest.mark.parametrize(
    ("years", "level", "said"),
    [
        (0, "ok", "is valid until"),
        (9.99, "warning", "expires on"),
        (10.1, "warning", "has expired"),
    ],
)
def test_the_servers_own_certificate_gets_old(
    tmp_path: Path, years: float, level: str, said: str
) -> None:
    own_certificate(tmp_path, made=dt.timedelta(days=365 * years))

    check = found(tmp_path, MESSENGER_PORT="0")["certificate"]

    assert (check.level, said in check.text) == (level, True), check


@pytest.mark.parametrize(
    ("days", "address", "level", "said"),
    [
        (60, "chat.example", "ok", "is valid until"),
        (60, "CHAT.example:7000", "ok", "is valid until"),
        (60, "a.wild.example", "ok", "is valid until"),
        (60, "a.b.wild.example", "warning", "is not for a.b.wild.example"),
        (60, "192.0.2.8", "warning", "is not for 192.0.2.8"),
        (5, "chat.example", "warning", "expires on"),
        (-1, "chat.example", "failed", "has expired"),
    ],
)
def test_a_certificate_of_an_authority_must_be_valid_for_the_public_address(
    tmp_path: Path, days: float, address: str, level: str, said: str
) -> None:
    made = trustme.CA().issue_cert(
        *("chat.example", "*.wild.example", "192.0.2.7"),
        not_before=NOW - dt.timedelta(days=30),
        not_after=NOW + dt.timedelta(days=days),
    )
    made.cert_chain_pems[0].write_to_path(str(tmp_path / "chain"))
    made.private_key_pem.write_to_path(str(tmp_path / "secret"))
    settings = {
        "MESSENGER_CERTIFICATE": str(tmp_path / "chain"),
        "MESSENGER_PRIVATE_KEY": str(tmp_path / "secret"),
        "MESSENGER_PUBLIC_ADDRESS": address,
        "MESSENGER_PORT": "0",
    }

    check = found(tmp_path, **settings)["certificate"]

    assert (check.level, said in check.text) == (level, True), check


def test_a_renewed_certificate_that_is_not_loaded_yet_is_found(tmp_path: Path) -> None:
    with running(tmp_path / "data") as server:
        time.sleep(1)  # certificates count seconds
        certificate.make(load_settings({"data": server.data}, {}))

        check = found(server.data)["tls"]

    assert (check.level, check.advice) == ("warning", "Reload or restart the server")


# --- the machine ----------------------------------------------------------------------------------


def test_a_clock_that_went_back_is_found(healthy: RunningServer) -> None:
    for clock, level in ((lambda: time.time() - 7200, "failed"), (time.time, "ok")):
        checks = {one.name: one for one in examine({"data": healthy.data}, {}, clock)}
        assert (checks["clock"].level == "failed") == (level == "failed")
    checks = {one.name: one for one in examine({"data": healthy.data}, {}, lambda: 0.0)}
    assert "min: files of the server are newer than now" in checks["clock"].text


def test_a_full_disk_is_found(tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        checks = {one.name: one for one in examine({"data": tmp_path}, {"MESSENGER_PORT": "0"})}
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert checks["disk"].level == "failed"
    assert "Nothing can be written" in checks["disk"].text


@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts disks")
def test_a_small_disk_is_found(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no disk can be mounted here")
    try:
        few = found(disk, MESSENGER_PORT="0")["disk"]
        (disk / "filler").write_bytes(b"x" * (disk.stat().st_blksize * 200))
        full = {one.name: one for one in examine({"data": disk}, {"MESSENGER_PORT": "0"})}["disk"]
    finally:
        subprocess.run(["umount", str(disk)], check=True)

    assert (few.level, full.level) == ("failed", "failed")
    assert "MB are free" in few.text


def test_files_that_others_can_read_are_found(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (data / "key.pem").touch()
    (data / "key.pem").chmod(0o644)
    for mode, level, said in (
        (0o700, "ok", "Only the server's user"),
        (0o755, "failed", "Others may read"),
        (0o777, "failed", "Others may write"),
    ):
        data.chmod(mode)
        check = found(data, MESSENGER_PORT="0")["rights"]
        assert (check.level, said in check.text) == (level, True), check
    data.chmod(0o750)
    (data / "key.pem").chmod(0o600)
    assert found(data, MESSENGER_PORT="0")["rights"].level == "warning"
    if os.geteuid() == 0:
        os.chown(data / "key.pem", 12345, 12345)
        assert "does not belong" in found(data, MESSENGER_PORT="0")["rights"].text


def test_a_limit_of_open_files_below_the_connections_is_found(tmp_path: Path) -> None:
    (tmp_path / "messenger.toml").write_text("[limits]\nconnections = 900000000\n")

    check = found(tmp_path, MESSENGER_PORT="0")["open_files"]

    assert (check.level, "instead of 900000000" in check.text) == ("warning", True)


def test_errors_in_the_log_are_counted(data: Path) -> None:
    server_log_config.configure(data / "log")
    logger = logging.getLogger("messenger.server")
    logger.info("all is well")
    assert found(data, MESSENGER_PORT="0")["log"].level == "ok"
    logger.error("the disk %s", "сломан")
    check = found(data, MESSENGER_PORT="0")["log"]

    assert (check.level, "the disk сломан" in check.text) == ("warning", True)


def test_a_log_that_cannot_be_written_is_found(tmp_path: Path) -> None:
    (tmp_path / "log" / "server.log").mkdir(parents=True)

    assert found(tmp_path, MESSENGER_PORT="0")["log"].level == "failed"


# --- settings and the database --------------------------------------------------------------------


def test_broken_settings_are_found_and_the_rest_is_checked(tmp_path: Path) -> None:
    (tmp_path / "messenger.toml").write_text("prot = 7\n")

    checks = found(tmp_path)

    assert checks["settings"].level == "failed"
    assert "did you mean port?" in checks["settings"].text
    assert {"disk", "clock", "rights", "log"} < checks.keys()


def test_settings_that_wait_for_a_restart_are_found(tmp_path: Path) -> None:
    with running(tmp_path / "data") as server:
        SettingsEditor({"data": server.data}, {}).change({"limits.rooms": 7, "guests": "any"})

        check = found(server.data)["settings"]

    assert (check.level, check.text) == (
        "warning",
        "The server runs with other values of: limits.rooms",
    )


def test_a_damaged_database_is_found(tmp_path: Path) -> None:
    file = tmp_path / "messenger.db"
    fill(file, 2000)
    with file.open("r+b") as database:
        database.seek(file.stat().st_size // 2)
        database.write(b"\xaa" * 8192)

    checks = found(tmp_path, MESSENGER_PORT="0")

    assert checks["integrity"].level == "failed"
    assert "damaged" in checks["integrity"].text
    file.write_bytes(b"no database")
    checks = found(tmp_path, MESSENGER_PORT="0")
    assert checks["database"].level == checks["integrity"].level == "failed"


def test_a_database_server_that_does_not_answer_is_found(tmp_path: Path) -> None:
    url = "postgresql://ann:sEcret@127.0.0.1:1/m"

    checks = found(tmp_path, MESSENGER_PORT="0", MESSENGER_DATABASE=url)

    assert checks["database"].level == "failed"
    assert "sEcret" not in repr(checks)
