"""A server makes backups by itself: when they are due, without waiting, and says what failed."""

import asyncio
from pathlib import Path

import pytest

from messenger.server.backup.backups import Backups
from messenger.server.backup.errors import BackupFailed
from messenger.server.backup.retention import backups_in, new_name
from messenger.server.backup.source import Source
from messenger.server.backup.verifying import verify_backup
from tests.running import Talker, running, until
from tests.server.full_database import fill

_DAY = 86_400.0


@pytest.fixture
def source(tmp_path: Path) -> Source:
    data = tmp_path / "data"
    data.mkdir()
    fill(data)
    files = (data / name for name in ("key.pem", "certificate.pem", "messenger.toml"))
    return Source("", data, *files)


def test_a_server_makes_backups_and_keeps_the_newest(tmp_path: Path) -> None:
    config = tmp_path / "server.toml"
    where = tmp_path / "копии"
    config.write_text(
        f'backup_every = 24\nbackup_keep = 2\nbackup_directory = "{where}"\nguests = "any"\n',
        "utf-8",
    )
    where.mkdir()
    old = [new_name(where, day * _DAY) for day in (1, 2, 3)]
    for file in old:
        file.touch()
    with running(tmp_path / "server", "--config", str(config)) as server:
        until(lambda: len(backups_in(where)) == 2 and not old[1].exists())
        newest, kept = (backup.file for backup in backups_in(where))
        assert kept == old[2]
        assert "guests" in _content(newest, tmp_path, "messenger.toml")
        with Talker(server.port) as link:
            assert link.guest("гость")["response"] == 200
        until(lambda: f"A backup was made: {newest}" in server.log())
        server.stop()
        # The next one is due tomorrow, also for a server that is started again.
        server.start()
        server.stop()
    assert [backup.file for backup in backups_in(where)] == [newest, kept]


def test_a_server_that_stops_while_it_makes_a_backup_leaves_nothing_of_it(tmp_path: Path) -> None:
    config = tmp_path / "server.toml"
    config.write_text("backup_every = 1\n")
    backups = tmp_path / "server" / "backups"
    with running(tmp_path / "server", "--config", str(config)) as server:
        until(backups.is_dir)
        assert server.stop() == 0
    left = {file.name for file in backups.iterdir()} - {
        backup.file.name for backup in backups_in(backups)
    }
    assert left <= {".messenger-backup.lock"}


def test_what_cannot_be_made_is_logged_and_known(tmp_path: Path) -> None:
    config = tmp_path / "server.toml"
    (tmp_path / "file").touch()
    config.write_text(f'backup_every = 1\nbackup_directory = "{tmp_path}/file/in"\n', "utf-8")
    with running(tmp_path / "server", "--config", str(config)) as server:
        until(lambda: "No backup was made" in server.log())
        with Talker(server.port) as link:
            assert link.register("ann")["response"] == 201


@pytest.mark.io
def test_progress_and_result_are_data(source: Source, tmp_path: Path) -> None:
    async def work() -> None:
        backups = Backups(source, tmp_path / "b", 3)
        making = asyncio.create_task(backups.make())
        while backups.state.progress is None:
            await asyncio.sleep(0.001)
        assert backups.state.work == "backup"
        with pytest.raises(BackupFailed, match="Another backup"):
            await backups.make()
        made = await making
        state = backups.state
        assert (state.work, state.progress, state.failure) == ("", None, "")
        assert [backup.file for backup in backups_in(tmp_path / "b")] == [made]
        verify_backup(made, lambda _progress: None)

        (source.data / "messenger.db").unlink()
        with pytest.raises(BackupFailed, match="There is no database"):
            await backups.make()
        assert "There is no database" in backups.state.failure
        assert [backup.file for backup in backups_in(tmp_path / "b")] == [made]

    asyncio.run(work())


@pytest.mark.io
def test_a_backup_can_be_cancelled(source: Source, tmp_path: Path) -> None:
    fill(tmp_path / "large.db", 300_000)
    (tmp_path / "large.db").replace(source.data / "messenger.db")

    async def work() -> None:
        backups = Backups(source, tmp_path / "b", 3)
        making = asyncio.create_task(backups.make())
        while backups.state.progress is None:
            await asyncio.sleep(0.001)
        backups.cancel()
        with pytest.raises(BackupFailed, match="cancelled"):
            await making

    asyncio.run(work())
    assert [file.name for file in (tmp_path / "b").iterdir()] == [".messenger-backup.lock"]


def _content(backup: Path, directory: Path, name: str) -> str:
    from messenger.server.backup import archive

    target = directory / "unpacked"
    target.mkdir()
    archive.unpack(backup, target, lambda _progress: None)
    return (target / name).read_text("utf-8")
