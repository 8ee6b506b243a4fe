"""A restoration that fails on its way: what it was to replace is in its place again."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from messenger.server import interrupted_restoration
from messenger.server.backup.directories import DataDirectory
from messenger.server.backup.errors import BackupFailed
from messenger.server.backup.making import make_backup
from messenger.server.backup.progress import Progress
from messenger.server.backup.replacement import Replacement, put_back
from messenger.server.backup.restoring import restore_backup
from messenger.server.backup.source import Source
from messenger.server.config import load_settings
from messenger.server.database_copy import rows
from messenger.server.errors import CannotStart
from messenger.server.program import open_database
from tests.postgresql import Postgresql
from tests.server.full_database import fill, rows_of


class Stop(Exception):
    """Ends the work, as Ctrl+C does."""


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "_BATCH", 7)


def _stopping(phase: str) -> Callable[[Progress], None]:
    def stop(progress: Progress) -> None:
        if progress.phase == phase and progress.done:
            raise Stop

    return stop


@pytest.mark.parametrize("phase", ["writing", "comparing"])
@pytest.mark.parametrize("place", ["file", "postgresql"])
@pytest.mark.parametrize("is_used", [True, False])
def test_a_database_elsewhere_is_as_it_was(
    tmp_path: Path, postgresql: Postgresql, place: str, phase: str, is_used: bool
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    fill(data)
    (data / "key.pem").write_text("the key")
    files = (data / name for name in ("key.pem", "certificate.pem", "messenger.toml"))
    backup = make_backup(Source("", data, *files), tmp_path / "backups", lambda _: None).file
    file = tmp_path / "elsewhere.db"
    url = str(file) if place == "file" else postgresql.empty_database()
    target = file if place == "file" else url
    if is_used:
        fill(target)
        before = rows_of(target)

    with pytest.raises(Stop):
        restore_backup(backup, data, url, _stopping(phase), replaces=True)

    assert (data / "key.pem").read_text() == "the key"
    assert (data / "messenger.db").exists()
    if is_used:
        assert rows_of(target) == before
    assert not [one for one in tmp_path.iterdir() if "before-restore" in one.name]
    restored = restore_backup(backup, data, url, lambda _: None, replaces=True)
    assert file.exists() == (place == "file")
    assert restored.moved


def test_a_directory_in_which_something_cannot_be_moved_is_as_it_was(tmp_path: Path) -> None:
    for name in ("log", "media"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "file").write_text(name)
    (tmp_path / "key.pem").write_text("the key")

    with closing(DataDirectory(tmp_path, "1")) as directory:
        (directory.stage() / "messenger.db").write_text("new")
        missing = [(tmp_path / "missing", tmp_path / "elsewhere")]
        with pytest.raises(FileNotFoundError):
            directory.put_staged(Replacement(backup="it"), placed=missing)
        assert not (tmp_path / "log").exists()
        assert put_back(tmp_path, "") == "it"

    assert (tmp_path / "key.pem").read_text() == "the key"
    assert (tmp_path / "log" / "file").read_text() == "log"
    assert (tmp_path / "media" / "file").read_text() == "media"
    assert not (tmp_path / "messenger.db").exists()
    assert put_back(tmp_path, "") == ""


def test_nothing_opens_a_database_that_is_half_replaced(tmp_path: Path) -> None:
    settings = load_settings({"data": tmp_path}, {})
    Replacement(backup="it").note(tmp_path)
    with pytest.raises(BackupFailed, match="start the server"):
        open_database(settings)
    assert not (tmp_path / "messenger.db").exists()
    put_back(tmp_path, "")
    open_database(settings).dispose()


def test_tables_are_put_back_into_the_database_from_which_they_were_taken(tmp_path: Path) -> None:
    Replacement(backup="it", database="postgresql://db/chat").note(tmp_path)
    for url in ("", "postgresql://db/another"):
        with pytest.raises(BackupFailed, match="postgresql://db/chat"):
            put_back(tmp_path, url)


def test_no_server_starts_with_settings_that_were_not_its_own(tmp_path: Path) -> None:
    """Those of the server come back only after the start has looked for them."""
    file = tmp_path / "messenger.toml"
    file.write_text("port = 7001\n")
    aside, missing = tmp_path / "before-restore-1", tmp_path / "missing"
    aside.mkdir()
    with pytest.raises(FileNotFoundError):
        Replacement(backup="it").carry_out(
            tmp_path, [(file, aside / file.name)], [(missing, tmp_path / "messenger.db")]
        )
    settings = load_settings({"data": tmp_path}, {})
    assert settings.port != 7001

    with pytest.raises(CannotStart, match="start the server again"):
        interrupted_restoration.put_back(settings, 0)

    settings = load_settings({"data": tmp_path}, {})
    assert settings.port == 7001
    assert interrupted_restoration.put_back(settings, 0) is None
