"""A backup holds everything, restores into both databases, and says what is wrong with it."""

import gzip
import io
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select, update

from messenger.server.backup import contents, retention
from messenger.server.backup.errors import BackupFailed
from messenger.server.backup.making import Made, make_backup
from messenger.server.backup.progress import Progress
from messenger.server.backup.restoring import restore_backup
from messenger.server.backup.retention import backups_in, new_name, prune
from messenger.server.backup.source import Source
from messenger.server.backup.verifying import verify_backup
from messenger.server.database_copy import rows
from messenger.server.errors import CannotStart
from messenger.server.store import database, log_id
from messenger.server.store.schema import devices, metadata, one_time_keys
from tests.postgresql import Postgresql, use_database
from tests.server.full_database import fill, opened, rows_of
from tests.server.test_migrations import of_version

_RENEWED = ("one_time_keys", "settings")
"""Tables that restoring changes."""


class Stop(Exception):
    """Cancels the work on a backup."""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a server with rows in every table."""
    directory = tmp_path_factory.mktemp("filled") / "сервер %41?"
    directory.mkdir()
    fill(directory)
    for name in ("key.pem", "certificate.pem"):
        (directory / name).write_text(f"the {name}")
    (directory / "messenger.toml").write_text("log_days = 3\n# комментарий\n", "utf-8")
    return directory


@pytest.fixture(scope="module")
def made(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of it; tests do not change it."""
    return make_backup(source_in(filled), tmp_path_factory.mktemp("backups"), _ignore).file


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "_BATCH", 7)
    monkeypatch.setattr(contents, "_BATCH", 7)


def source_in(data: Path, url: str = "") -> Source:
    """Return what to back up of a server with this directory."""
    files = (data / name for name in ("key.pem", "certificate.pem", "messenger.toml"))
    return Source(url, data, *files)


@pytest.mark.parametrize("backed_up", ["sqlite", "postgresql"])
@pytest.mark.parametrize("restored", ["sqlite", "postgresql"])
def test_everything_is_in_a_backup_of_either_database_and_restores_into_either(
    filled: Path, tmp_path: Path, postgresql: Postgresql, backed_up: str, restored: str
) -> None:
    before, url, target = rows_of(filled), "", ""
    if backed_up == "postgresql":
        url = postgresql.empty_database()
        fill(url)
    if restored == "postgresql":
        target = postgresql.empty_database()
    backup = make_backup(source_in(filled, url), tmp_path / "backups", _ignore).file
    assert backup.stat().st_mode & 0o777 == 0o600
    assert verify_backup(backup, _ignore).kind == backed_up

    found = restore_backup(backup, tmp_path / "new", target, _ignore)

    after = rows_of(target or tmp_path / "new")
    assert [name for name in before if before[name] != after[name]] == [
        table.name for table in metadata.sorted_tables if table.name in _RENEWED
    ]
    for name in ("key.pem", "certificate.pem", "messenger.toml"):
        assert (tmp_path / "new" / name).read_bytes() == (filled / name).read_bytes()
        assert (tmp_path / "new" / name).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "new" / "messenger.db").exists() is (restored == "sqlite")
    assert found.moved == []
    assert len(found.notes) == (restored == "postgresql")


def test_a_restored_server_has_no_one_time_keys_and_another_log(made: Path, tmp_path: Path) -> None:
    """Ids of keys stay, so that none is accepted again; numbers of to-device messages leap."""
    ids = []
    for name in ("first", "second"):
        restore_backup(made, tmp_path / name, "", _ignore)
        with opened(tmp_path / name) as engine, engine.connect() as connection:
            keys = connection.execute(select(one_time_keys.c.key_id, one_time_keys.c.key)).all()
            assert len(keys) > 10
            assert {key for _, key in keys} == {None}
            ids.append(log_id.log_id(connection))
    assert len({"", *ids}) == 3


def test_numbers_of_to_device_messages_go_on_far_behind_those_that_devices_have_read(
    filled: Path, tmp_path: Path
) -> None:
    shutil.copytree(filled, tmp_path / "data")
    with (
        opened(tmp_path / "data") as engine,
        database.writer(engine) as connection,
        connection.begin(),
    ):
        connection.execute(update(devices).values(last_to_device=5).where(devices.c.id == 1))
    backup = make_backup(source_in(tmp_path / "data"), tmp_path / "b", _ignore).file
    restore_backup(backup, tmp_path / "new", "", _ignore)
    with opened(tmp_path / "new") as engine, engine.connect() as connection:
        query = select(devices.c.last_to_device).where(devices.c.id.in_((1, 2)))
        assert connection.scalars(query.order_by(devices.c.id)).all() == [1_000_000_005, 2**63 - 1]


@pytest.mark.parametrize("place", ["sqlite", "postgresql"])
def test_what_is_there_already_is_never_replaced_but_moved_aside(
    made: Path, filled: Path, tmp_path: Path, postgresql: Postgresql, place: str
) -> None:
    data, url = tmp_path / "data", ""
    shutil.copytree(filled, data)
    if place == "postgresql":
        url, data = postgresql.empty_database(), tmp_path / "empty"
        fill(url)
    before = rows_of(url or data)
    with pytest.raises(BackupFailed, match="is not empty"):
        restore_backup(made, data, url, _ignore)
    assert rows_of(url or data) == before
    assert not (data / ".restoring").exists()

    restored = restore_backup(made, data, url, _ignore, replaces=True)

    assert rows_of(url or data)["messages"] == before["messages"]
    if url:
        schema = restored.moved[0].rsplit("(", 1)[1].rstrip(")")
        old = f"{url}&options=-csearch_path%3D{schema}"
        assert rows_of(old) == before
    else:
        assert rows_of(Path(restored.moved[0])) == before
    # A second time, too: what was moved before stays.
    if not url:
        (data / "backups").mkdir()
        again = restore_backup(made, data, url, _ignore, replaces=True)
        assert again.moved != restored.moved
        assert rows_of(Path(restored.moved[0])) == before
        assert (data / "backups").is_dir()


def test_an_older_version_is_upgraded_when_it_is_restored(tmp_path: Path) -> None:
    data = tmp_path / "old"
    data.mkdir()
    of_version("0005", data / "messenger.db").dispose()
    backup = make_backup(source_in(data), tmp_path / "backups", _ignore).file
    assert verify_backup(backup, _ignore).schema < database.HEAD
    restore_backup(backup, tmp_path / "new", "", _ignore)
    assert contents.schema_of(tmp_path / "new" / "messenger.db") == database.HEAD
    assert {file.name for file in (tmp_path / "new").iterdir()} == {"messenger.db", "server.lock"}


@pytest.mark.parametrize("phase", ["copying", "checking", "packing"])
def test_a_cancelled_backup_leaves_nothing(filled: Path, tmp_path: Path, phase: str) -> None:
    with pytest.raises(Stop):
        make_backup(source_in(filled), tmp_path / "backups", _stopping(phase))
    assert [file.name for file in (tmp_path / "backups").iterdir()] == [".messenger-backup.lock"]


@pytest.mark.parametrize("phase", ["unpacking", "checking"])
def test_a_cancelled_restoration_leaves_nothing(made: Path, tmp_path: Path, phase: str) -> None:
    with pytest.raises(Stop):
        restore_backup(made, tmp_path / "new", "", _stopping(phase))
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["server.lock"]
    restore_backup(made, tmp_path / "new", "", _ignore)


def test_progress_goes_from_nothing_to_all_in_each_phase(filled: Path, tmp_path: Path) -> None:
    seen: list[Progress] = []
    backup = make_backup(source_in(filled), tmp_path / "b", seen.append).file
    verify_backup(backup, seen.append)
    phases = list(dict.fromkeys(one.phase for one in seen))
    assert phases == ["copying", "checking", "packing", "unpacking"]
    for phase in phases:
        steps = [one for one in seen if one.phase == phase]
        assert (steps[0].done, steps[-1].done) == (0, steps[-1].total) or phase == "checking"
        assert all(one.done <= one.total for one in steps)


def test_two_backups_at_once_are_one_backup_and_one_refusal(filled: Path, tmp_path: Path) -> None:
    refused: list[str] = []

    def once_more(progress: Progress) -> None:
        if not refused:
            with pytest.raises(BackupFailed, match="Another backup") as error:
                make_backup(source_in(filled), tmp_path, _ignore)
            refused.append(str(error.value))

    verify_backup(make_backup(source_in(filled), tmp_path, once_more).file, _ignore)
    assert len(backups_in(tmp_path)) == len(refused) == 1


def test_an_existing_file_is_not_overwritten(made: Path, filled: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.tar.gz"
    file.write_text("precious")
    with pytest.raises(BackupFailed, match="exists already"):
        make_backup(source_in(filled), file, _ignore)
    assert file.read_text() == "precious"
    other = make_backup(source_in(filled), tmp_path / "other.tar.gz", _ignore)
    assert other == Made(tmp_path / "other.tar.gz", verify_backup(other.file, _ignore))


def _garbage(file: Path) -> None:
    file.write_bytes(b"garbage" * 1000)


def _half(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def _flipped(file: Path) -> None:
    data = bytearray(file.read_bytes())
    for index in range(8):
        data[len(data) // 2 + index] ^= 0xFF
    file.write_bytes(data)


def _repacked(change: Callable[[dict[str, bytes]], None]) -> Callable[[Path], None]:
    def damage(file: Path) -> None:
        with tarfile.open(file) as archive:
            found = {}
            for member in archive:
                content = archive.extractfile(member)
                assert content is not None
                found[member.name] = content.read()
        change(found)
        with gzip.open(file, "wb") as packed, tarfile.open(fileobj=packed, mode="w") as archive:
            for name, data in found.items():
                member = tarfile.TarInfo(name)
                member.size = len(data)
                archive.addfile(member, io.BytesIO(data))

    return damage


def _with_header(size: int, **values: str) -> Callable[[Path], None]:
    """Return what begins the archive with a further header of this size, with these values."""

    def damage(file: Path) -> None:
        header = tarfile.TarInfo("header")
        header.type, header.size = tarfile.XHDTYPE, size
        lines = "".join(f" {name.replace('_', '.')}={value}\n" for name, value in values.items())
        data = f"{len(lines) + 2}{lines}".encode()
        with gzip.open(file, "wb") as packed:
            packed.write(header.tobuf(tarfile.USTAR_FORMAT) + data.ljust(size, b"\0"))
            packed.write(tarfile.TarInfo("manifest.json").tobuf(tarfile.USTAR_FORMAT))

    return damage


def _with(name: str, old: bytes, new: bytes) -> Callable[[Path], None]:
    def change(found: dict[str, bytes]) -> None:
        assert old in found[name]
        found[name] = found[name].replace(old, new, 1)

    return _repacked(change)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (_garbage, "is no backup of Messenger"),
        (Path.unlink, "cannot be read"),
        (_half, "is damaged"),
        (_flipped, "is damaged"),
        (_repacked(lambda found: found.clear()), "is no backup of Messenger"),
        (_repacked(lambda found: found.pop("key.pem")), "lacks key.pem"),
        (_repacked(lambda found: found.update({"../evil": b""})), "unexpected member"),
        (_with_header(1 << 20), "is no backup of Messenger"),
        (_with_header(512, GNU_sparse_map="a,b"), "is no backup of Messenger"),
        (_with("key.pem", b"the", b"The"), "its key.pem is not"),
        (_with("messenger.toml", b"3", b"13"), "its messenger.toml is not"),
        (_with("manifest.json", b'"format": 1', b'"format": 2'), "newer Messenger"),
        (_with("manifest.json", b'"format": 1', b'"format": {}'), "no backup of Messenger"),
        (_with("manifest.json", b'"rows": 2', b'"rows": 3'), "the table"),
        (_with("manifest.json", b'"digest": "', b'"digest": "0'), "the table"),
        (_with("manifest.json", b'"size": ', b'"size": 1'), "that was backed up"),
        (_with("manifest.json", b'"size": ', b'"size": -'), "no backup of Messenger"),
        (_with("manifest.json", b'"size": ', b'"size": 9999999999999'), "free some disk space"),
        (_with("manifest.json", b'"schema": "', b'"schema": "1'), "its database has the version"),
    ],
)
def test_what_is_wrong_with_a_backup_is_one_sentence(
    made: Path, tmp_path: Path, damage: Callable[[Path], None], said: str
) -> None:
    backup = tmp_path / "backup.tar.gz"
    shutil.copy(made, backup)
    damage(backup)
    for work in (
        lambda: verify_backup(backup, _ignore),
        lambda: restore_backup(backup, tmp_path / "new", "", _ignore),
    ):
        with pytest.raises(CannotStart, match=said) as error:
            work()
        assert "\n" not in str(error.value)
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["server.lock"]
    assert not list(tmp_path.glob(".messenger*"))


def test_a_database_that_is_named_by_the_configuration_is_restored_into_that(
    filled: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    shutil.copytree(filled, data)
    file = tmp_path / "elsewhere.db"
    use_database(data, f"sqlite:///{file}".replace("%", "%25").replace("?", "%3F"))
    backup = make_backup(source_in(data), tmp_path / "b", _ignore).file
    asked: list[str] = []

    def agrees(database: str) -> bool:
        asked.append(database)
        return True

    # Whoever has made the backup may have had another machine: nobody else may have chosen.
    with pytest.raises(BackupFailed, match="names the database"):
        restore_backup(backup, tmp_path / "new", "", _ignore)
    assert not file.exists()
    restored = restore_backup(backup, tmp_path / "new", "", _ignore, agrees=agrees)
    assert asked == [restored.database] == [str(file)]
    assert rows_of(file)["messages"] == rows_of(filled)["messages"]
    assert not (tmp_path / "new" / "messenger.db").exists()
    shutil.rmtree(tmp_path / "new")
    with pytest.raises(BackupFailed, match="exists already"):
        restore_backup(backup, tmp_path / "new", "", _ignore, agrees=agrees)
    new = restore_backup(backup, tmp_path / "new", "", _ignore, replaces=True, agrees=agrees)
    assert rows_of(Path(new.moved[0]))["messages"] == rows_of(filled)["messages"]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda _file: None, "There is no database"),
        (_garbage, "damaged|cannot be copied"),
        (Path.touch, "holds no data"),
    ],
)
def test_what_cannot_be_backed_up_is_one_sentence(
    tmp_path: Path, make: Callable[[Path], None], said: str
) -> None:
    make(tmp_path / "messenger.db")
    with pytest.raises(CannotStart, match=said):
        make_backup(source_in(tmp_path), tmp_path / "b", _ignore)
    assert backups_in(tmp_path / "b") == []


def test_only_the_oldest_backups_are_removed(tmp_path: Path) -> None:
    kept = ["notes.txt", "messenger-20260101-000000Z.tar.gz.part", "mine.tar.gz"]
    for name in kept:
        (tmp_path / name).touch()
    (tmp_path / "messenger-19990101-000000Z.tar.gz").mkdir()
    made = []
    for now in (1e9, 1e9, 1e9 + 1, 2e9, 1.5e9):
        made.append(new_name(tmp_path, now))
        made[-1].touch()
    first, second, third, newest, fourth = made
    assert [one.file for one in backups_in(tmp_path)] == [newest, fourth, third, second, first]
    assert [one.made_at for one in backups_in(tmp_path)] == [2e9, 1.5e9, 1e9 + 1, 1e9, 1e9]
    assert prune(tmp_path, 3) == [second, first]
    assert prune(tmp_path, 3) == []
    assert all((tmp_path / name).exists() for name in kept)
    with pytest.raises(ValueError, match="At least one"):
        prune(tmp_path, 0)
    assert retention.backups_in(tmp_path / "nowhere") == []


def _stopping(phase: str) -> Callable[[Progress], None]:
    def stop(progress: Progress) -> None:
        if progress.phase == phase and progress.done:
            raise Stop

    return stop


def _ignore(_progress: Progress) -> None:
    """Show nothing."""
