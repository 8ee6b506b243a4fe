"""`messenger db copy`: everything arrives, whatever interrupts it, and nothing is overwritten."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from messenger.server.database_copy import rows
from messenger.server.database_copy.copying import Progress, copy_database
from messenger.server.errors import CannotStart
from messenger.server.store import database
from messenger.server.store.schema import accounts, settings
from tests.forking import PIPE, Python
from tests.postgresql import Postgresql
from tests.server.full_database import fill, opened, rows_of, unprepared

_COPY = """
import sys
from messenger.server.database_copy import copying, rows

def show(progress):
    print(progress.phase, progress.done, progress.total, flush=True)
    sys.stdin.readline()

rows._BATCH = int(sys.argv[3])
print(copying.copy_database(sys.argv[1], sys.argv[2], show), flush=True)
"""
"""Copies, and after each batch waits for a line."""

_POINTS = (("copying", 0.2), ("copying", 0.7), ("comparing", 0.4))
"""When the copy is killed: phase, and share of its rows."""


class Stop(Exception):
    """Interrupts a copy."""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a server with rows in every table."""
    directory = tmp_path_factory.mktemp("filled")
    fill(directory)
    return directory


@pytest.fixture
def source(filled: Path, tmp_path: Path) -> Path:
    """The same, as a directory of the test's own."""
    return Path(shutil.copytree(filled, tmp_path / "откуда"))


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "_BATCH", 7)


def test_there_and_back_every_table_is_equal(
    source: Path, tmp_path: Path, postgresql: Postgresql
) -> None:
    before, url = rows_of(source), postgresql.empty_database()

    copied = copy_database(str(source), url, _ignore)
    assert rows_of(url) == before
    assert copied == sum(map(len, before.values()))
    copy_database(url, str(tmp_path / "back"), _ignore)
    assert rows_of(tmp_path / "back") == before
    assert all(before.values()), "a table is empty: nothing is shown for it"


@pytest.mark.soak
def test_a_copy_that_is_killed_three_times_continues_in_both_directions(
    tmp_path: Path, postgresql: Postgresql, size: Callable[[int, int], int]
) -> None:
    source, url, back = tmp_path / "from.db", postgresql.empty_database(), tmp_path / "back"
    fill(source, size(60, 1_000_000))
    batch = size(7, 2_000)

    for places in ((str(source), url), (url, str(back))):
        begun = [_kill_at(phase, share, batch, *places) for phase, share in _POINTS]
        # Each continued, and the last one had everything copied.
        assert begun[0] == 0 < begun[1] < begun[2]
        copy_database(*places, _ignore)

    assert rows_of(url) == rows_of(source)
    assert rows_of(back) == rows_of(source)


def test_a_copy_continues_after_a_crash_of_postgresql(
    source: Path, tmp_path: Path, postgresql: Postgresql
) -> None:
    url, back = postgresql.empty_database(), tmp_path / "back.db"

    def crash(progress: Progress) -> None:
        if progress.done > 100:
            postgresql.stop("immediate")
            postgresql.start()

    for places in ((str(source), url), (url, str(back))):
        with pytest.raises(CannotStart, match="PostgreSQL"):
            copy_database(*places, crash)
        copy_database(*places, _ignore)

    assert rows_of(url) == rows_of(back) == rows_of(source)


def test_no_server_starts_with_an_unfinished_copy(
    source: Path, tmp_path: Path, postgresql: Postgresql
) -> None:
    for target in (postgresql.empty_database(), str(tmp_path / "half.db")):
        _interrupt(source, target)

        with pytest.raises(CannotStart, match="unfinished copy"):
            rows_of(target if "://" in target else Path(target))
        with pytest.raises(CannotStart, match="unfinished copy"):
            copy_database(target, str(tmp_path / "third.db"), _ignore)


def test_an_unfinished_copy_of_another_server_is_refused(
    source: Path, tmp_path: Path, postgresql: Postgresql
) -> None:
    other = tmp_path / "other"
    shutil.copytree(source, other)
    with opened(other) as engine, database.writer(engine) as connection, connection.begin():
        connection.execute(settings.update().values(value="another"))
    url = postgresql.empty_database()
    _interrupt(source, url)

    with pytest.raises(CannotStart, match="unfinished copy of another"):
        copy_database(str(other), url, _ignore)
    copy_database(str(source), url, _ignore)


def test_a_target_that_holds_something_is_refused_and_stays(
    source: Path, tmp_path: Path, postgresql: Postgresql
) -> None:
    used, foreign, ours = postgresql.new_database(), postgresql.empty_database(), tmp_path / "ours"
    with opened(used) as engine, database.writer(engine) as connection, connection.begin():
        connection.execute(insert(accounts).values(name="a", name_key="a", created_at=1))
    with unprepared(foreign) as engine, engine.begin() as connection:
        connection.execute(text("CREATE TABLE shop (id int)"))
    shutil.copytree(source, ours)

    for target in (used, foreign, str(ours)):
        with pytest.raises(CannotStart, match="is not empty"):
            copy_database(str(source), target, _ignore)
    assert rows_of(used)["accounts"]
    assert rows_of(ours) == rows_of(source)


def test_a_database_of_a_new_server_is_a_target(source: Path, postgresql: Postgresql) -> None:
    url = postgresql.new_database()
    with unprepared(url) as engine, engine.begin() as connection:
        connection.execute(text("INSERT INTO numbers (conversation_id, last) VALUES (99, 7)"))

    copy_database(str(source), url, _ignore)

    assert rows_of(url) == rows_of(source)
    with unprepared(url) as engine, engine.connect() as connection:
        assert connection.execute(text("SELECT * FROM numbers")).all() == []


@pytest.mark.parametrize("side", ["source", "target"])
def test_a_row_that_changes_meanwhile_is_found(
    source: Path, postgresql: Postgresql, side: str
) -> None:
    url = postgresql.empty_database()
    _interrupt(source, url, phase="comparing")
    changed = accounts.update().where(accounts.c.id == 3).values(created_at=1 / 3 + 1e-16)
    place = source if side == "source" else url
    with unprepared(place) as engine, database.writer(engine) as connection, connection.begin():
        assert connection.execute(changed).rowcount == 1

    for _ in range(2):  # repeating it does not help
        with pytest.raises(CannotStart, match="table accounts was not copied correctly"):
            copy_database(str(source), url, _ignore)


def test_a_row_that_postgresql_cannot_store_is_named(source: Path, postgresql: Postgresql) -> None:
    with opened(source) as engine, database.writer(engine) as connection, connection.begin():
        connection.execute(settings.insert().values(name="odd", value="a\x00b"))

    with pytest.raises(CannotStart, match="row odd of the table settings cannot be stored"):
        copy_database(str(source), postgresql.empty_database(), _ignore)


def test_new_rows_are_numbered_after_the_copied_ones(source: Path, postgresql: Postgresql) -> None:
    url = postgresql.empty_database()
    copy_database(str(source), url, _ignore)

    with opened(url) as engine, database.writer(engine) as connection, connection.begin():
        added = insert(accounts).values(name="new", name_key="new", created_at=1)
        result = connection.execute(added.returning(accounts.c.id))
        assert result.scalar_one() == 2**31 - 1


@pytest.mark.parametrize("revision", ["", "0001"])
def test_a_source_of_another_version_or_none_is_refused(
    source: Path, tmp_path: Path, revision: str
) -> None:
    with unprepared(source) as engine, database.writer(engine) as connection, connection.begin():
        if revision:
            connection.execute(text(f"UPDATE alembic_version SET version_num = '{revision}'"))
        else:
            connection.execute(text("DROP TABLE alembic_version"))

    with pytest.raises(CannotStart, match=revision or "holds no data"):
        copy_database(str(source), str(tmp_path / "new.db"), _ignore)


def _ignore(_progress: Progress) -> None:
    pass


def _interrupt(source: Path, target: str, phase: str = "copying") -> None:
    def stop(progress: Progress) -> None:
        if progress.phase == phase and progress.done > 30:
            raise Stop

    with pytest.raises(Stop):
        copy_database(str(source), target, stop)


def _kill_at(phase: str, share: float, batch: int, source: str, target: str) -> int:
    """Kill a copy while it goes on from a point; return with how many rows it began."""
    process = Python("-c", _COPY, source, target, str(batch), stdin=PIPE)
    assert process.stdout is not None
    assert process.stdin is not None
    counts = []
    for line in process.stdout:
        at, done, total = line.split()
        counts.append(int(done))
        process.stdin.write("\n")
        process.stdin.flush()
        if at == phase and int(done) >= share * int(total):
            process.kill()
            break
    process.communicate(timeout=60)
    assert process.returncode == -9
    return counts[0]
