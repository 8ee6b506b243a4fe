"""`messenger backup` as an operator uses it: beside a running server, killed, on a full disk."""

import json
import os
import pty
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pexpect
import pytest
from sqlalchemy import make_url

from messenger.__main__ import main
from messenger.server.backup.retention import backups_in
from messenger.server.backup.verifying import verify_backup
from tests.forking import PIPE, ROOT, Python
from tests.postgresql import Postgresql, use_database
from tests.running import RunningServer, running
from tests.server.full_database import fill, rows_of

Order = Callable[..., tuple[int, str, str]]

_MAKE = """
import sys
from messenger.server.backup.making import make_backup
from messenger.server.backup.source import Source
from pathlib import Path

def wait(progress):
    if progress.phase == sys.argv[3] and progress.done:
        print(flush=True)
        sys.stdin.readline()

data = Path(sys.argv[1])
make_backup(Source("", data, data / "k", data / "c", data / "t"), Path(sys.argv[2]), wait)
"""
"""Makes a backup, and stands still in a phase."""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The directory of a server, with rows in every table."""
    (tmp_path / "data").mkdir()
    fill(tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def backup(capsys: pytest.CaptureFixture[str]) -> Order:
    """Run a command: the exit code, and what stands on standard output and error."""

    def order(*words: str | Path) -> tuple[int, str, str]:
        return main(["backup", *map(str, words)]), *capsys.readouterr()

    return order


def test_an_operator_makes_verifies_and_restores_a_backup(
    data: Path, tmp_path: Path, backup: Order
) -> None:
    code, out, err = backup("make", "--data", data)
    assert (code, err) == (0, "")
    file = Path(out.strip())
    assert file.parent == data / "backups"
    assert backup("verify", file) == (
        *(0, "The backup is complete and undamaged.\n" + _described(file), ""),
    )
    new = tmp_path / "new"
    code, out, err = backup("restore", file, "--data", new)
    assert (code, err) == (0, "")
    assert out == _described(file) + f"The database is {new / 'messenger.db'}.\n"
    code, out, err = backup("restore", file, "--data", new)
    assert (code, out) == (2, "")
    assert err.endswith(" (--replace)\n")
    code, out, err = backup("restore", file, "--data", new, "--replace")
    assert (code, err) == (0, "")
    assert "What was there before is in" in out


def test_programs_get_one_json_document(data: Path, tmp_path: Path, backup: Order) -> None:
    code, out, err = backup("make", "--data", data, "--json")
    made = json.loads(out)
    assert (code, err, out.count("\n")) == (0, "", 1)
    file = Path(made.pop("file"))
    assert made.pop("size") == file.stat().st_size
    manifest = verify_backup(file, lambda _progress: None)
    assert made == {
        "made": manifest.made_at,
        "version": manifest.messenger,
        "kind": "sqlite",
        "messages": manifest.tables["messages"].rows,
        "accounts": manifest.tables["accounts"].rows,
    }
    code, out, err = backup("verify", file, "--json")
    assert (code, json.loads(out), err) == (0, {"file": str(file)} | made, "")
    new = tmp_path / "new"
    code, out, err = backup("restore", file, "--data", new, "--json")
    places = {"data": str(new), "database": str(new / "messenger.db"), "moved": [], "notes": []}
    assert (code, json.loads(out), err) == (0, places | made, "")
    code, out, err = backup("restore", file, "--data", new, "--json", "--replace")
    assert [Path(one).parent for one in json.loads(out)["moved"]] == [new]
    # What cannot be done is a sentence, and no document.
    code, out, err = backup("verify", data / "messenger.db", "--json")
    assert (code, out, err.count("\n")) == (2, "", 1)


def test_a_database_that_only_the_backup_names_is_written_if_the_operator_confirms_it(
    tmp_path: Path, backup: Order, postgresql: Postgresql
) -> None:
    url = postgresql.empty_database()
    fill(url)
    (tmp_path / "data").mkdir()
    use_database(tmp_path / "data", url)
    file = Path(backup("make", "--data", tmp_path / "data", tmp_path / "b")[1].strip())
    before = rows_of(url)
    words = ("backup", "restore", str(file), "--data", str(tmp_path / "new"), "--replace")

    code, out, err = backup(*words[1:])  # a script, which nobody can ask

    assert (code, out, err.count("\n")) == (2, "", 1)
    shown = make_url(url)
    assert f"{shown.host or ''}" in err
    assert f"/{shown.database}" in err
    assert err.endswith(" (--yes)\n")
    assert rows_of(url) == before
    for answer, ends in (("n", 2), ("y", 0)):
        asked = pexpect.spawn(
            sys.executable, ["-m", "messenger", *words], cwd=str(ROOT), encoding="utf-8", timeout=60
        )
        asked.expect(r"Restore it there\? \[y/N\] ")
        assert rows_of(url) == before
        asked.sendline(answer)
        asked.expect(pexpect.EOF)
        asked.close()
        assert asked.exitstatus == ends
    assert rows_of(url)["messages"] == before["messages"]
    shutil.rmtree(tmp_path / "new")
    # A database that the operator has named needs no confirmation, nor does --yes.
    assert backup(*words[1:], "--database", url)[0] == 0
    assert backup(*words[1:], "--yes")[0] == 0


def test_older_backups_are_removed_if_they_are_told_to(
    data: Path, tmp_path: Path, backup: Order
) -> None:
    for _ in range(3):
        assert backup("make", "--data", data, tmp_path / "b", "--keep", "2")[0] == 0
    assert len(backups_in(tmp_path / "b")) == 2
    code, out, err = backup("make", "--data", data, tmp_path / "b", "--keep", "0")
    assert (code, out, err.count("\n")) == (2, "", 1)


def test_a_terminal_shows_how_far_it_is(data: Path, tmp_path: Path) -> None:
    end, its_end = pty.openpty()
    words = ("-m", "messenger", "backup", "make", "--data", str(data), str(tmp_path / "b"))
    process = Python(*words, stderr=its_end)
    os.close(its_end)
    shown = b""
    with suppress(OSError):  # EIO: the other end is closed
        while part := os.read(end, 65536):
            shown += part
    os.close(end)
    assert process.wait(60) == 0
    for phase in ("Copying", "Checking", "Packing"):
        assert f"{phase} ████████████████████ 100 %" in shown.decode()


@pytest.mark.parametrize("phase", ["copying", "checking", "packing"])
def test_a_killed_backup_has_no_name_and_its_remains_go_with_the_next(
    data: Path, tmp_path: Path, backup: Order, phase: str
) -> None:
    target = tmp_path / "b"
    with Python("-c", _MAKE, str(data), str(target), phase, stdin=PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        code, _out, err = backup("make", "--data", data, target)
        assert (code, "Another backup" in err) == (2, True)
        process.kill()
    assert backups_in(target) == []
    assert backup("make", "--data", data, target)[0] == 0
    found = sorted(file.name for file in target.iterdir())
    assert found == [".messenger-backup.lock", backups_in(target)[0].file.name]


def test_ctrl_c_leaves_nothing(data: Path, tmp_path: Path) -> None:
    with Python("-c", _MAKE, str(data), str(tmp_path / "b"), "packing", stdin=PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        process.wait(60)
    assert [file.name for file in (tmp_path / "b").iterdir()] == [".messenger-backup.lock"]


@pytest.mark.parametrize("share", [0.3, 1.1])
def test_a_full_disk_leaves_nothing_and_is_one_sentence(
    data: Path, tmp_path: Path, share: float
) -> None:
    """Files cannot grow beyond a share of the database: its copy does not fit, or the archive."""
    size = int((data / "messenger.db").stat().st_size * share)
    if share > 1:  # what compresses badly
        (data / "key.pem").write_bytes(os.urandom(2 * size))

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    done = subprocess.run(
        [sys.executable, "-m", "messenger", "backup", "make", "--data", data, tmp_path / "b"],
        cwd=ROOT, capture_output=True, text=True, check=False, preexec_fn=limit,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
    assert str(tmp_path / "b") in done.stderr
    assert [file.name for file in (tmp_path / "b").iterdir()] == [".messenger-backup.lock"]


def test_a_backup_beside_a_running_server_has_all_of_it(
    data: Path, tmp_path: Path, backup: Order
) -> None:
    with running(tmp_path / "server") as server:
        code, out, err = backup("make", "--data", server.data)
        assert (code, err) == (0, "")
        file = Path(out.strip())
        names = verify_backup(file, lambda _progress: None).files
        assert sorted(names) == ["certificate.pem", "key.pem", "messenger.db"]
        # The directory is in use: nothing is restored into it, whatever is said.
        code, out, err = backup("restore", file, "--data", server.data, "--replace")
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert server.process.poll() is None
        before = rows_of(server.data)
    assert backup("restore", file, "--data", tmp_path / "new")[0] == 0
    assert rows_of(tmp_path / "new")["messages"] == before["messages"]
    with running(tmp_path / "new"):
        pass


def test_no_server_starts_where_a_backup_is_restored(tmp_path: Path, backup: Order) -> None:
    with running(tmp_path / "data") as server:
        server.stop()
    file = Path(backup("make", "--data", server.data, tmp_path / "b")[1].strip())
    with Python("-c", _RESTORE, str(file), str(tmp_path / "new"), stdin=PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with pytest.raises(AssertionError, match="stop it"):
            RunningServer(tmp_path / "new")
        process.kill()
    # What the killed one has left is not in the way.
    assert backup("restore", file, "--data", tmp_path / "new")[0] == 0
    with running(tmp_path / "new"):
        pass


_RESTORE = """
import sys
from messenger.server.backup.restoring import restore_backup
from pathlib import Path

def wait(progress):
    if progress.done:
        print(flush=True)
        sys.stdin.readline()

restore_backup(Path(sys.argv[1]), Path(sys.argv[2]), "", wait)
"""


def _described(file: Path) -> str:
    manifest = verify_backup(file, lambda _progress: None)
    return (
        f"Made at {_time(manifest.made_at)} by Messenger {manifest.messenger}: "
        f"{manifest.tables['accounts'].rows} accounts, {manifest.tables['messages'].rows} "
        "messages.\n"
    )


def _time(unix: float) -> str:
    import time

    return time.strftime("%Y-%m-%d %H:%M", time.localtime(unix))
