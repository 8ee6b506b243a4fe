"""Restores a backup into an empty directory of data, or an empty database of PostgreSQL."""

import datetime as dt
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import URL

from messenger.language import _
from messenger.server.backup import manifest
from messenger.server.backup.directories import DataDirectory
from messenger.server.backup.errors import BackupFailed, cannot_write
from messenger.server.backup.manifest import Manifest
from messenger.server.backup.progress import OnProgress, Phase, Progress
from messenger.server.backup.renewal import renew
from messenger.server.backup.tables_aside import move_tables_aside
from messenger.server.backup.verifying import unpack_verified
from messenger.server.config import Layers, Settings, read_layers
from messenger.server.database_copy import copying
from messenger.server.store import database
from messenger.server.store.location import locate


class Restored(NamedTuple):
    """What was restored: where the database is now, and where what was there before was moved.

    `moved` are directories, files and schemas, none if nothing was there. `notes` are sentences for
    the operator: what in the configuration has to be corrected.
    """

    manifest: Manifest
    database: str
    moved: list[str]
    notes: list[str]


def restore_backup(
    backup: Path,
    data: Path,
    url: str,
    on_progress: OnProgress,
    *,
    replaces: bool = False,
    agrees: Callable[[str], bool] = lambda _database: False,
) -> Restored:
    """Restore a backup into a directory of data, and the database at a URL if there is one.

    Without a URL the database is the one that the environment or the backup's configuration names,
    by default a file in the directory. Whoever made the backup has chosen what its configuration
    names: that is restored only if the operator `agrees`, who gets its URL without a password. What
    is there already is an error, or is moved aside if the backup `replaces` it. No server may use
    either. Raises CannotStart; the directory is then as it was.
    """
    stamp = f"{dt.datetime.now(dt.UTC):%Y%m%d-%H%M%S-%f}"
    try:
        with ExitStack() as opened:
            directory = opened.enter_context(closing(DataDirectory(data, stamp)))
            if not replaces:
                directory.check_empty()
            staged = directory.stage()
            described = unpack_verified(backup, staged, on_progress)
            layers = _layers(staged, data)
            settings = layers.settings()
            place = url or settings.database
            if place and not url and "database" not in layers.environment:
                _check_agreed(_shown(place), agrees)
            moved = ""
            _prepare(staged / manifest.DATABASE)
            if place:
                moved = _write_elsewhere(staged, place, stamp, on_progress, replaces=replaces)
            aside = directory.put_staged()
    except OSError as error:
        raise cannot_write(data, error) from error
    where = _shown(place) if place else str(data / manifest.DATABASE)
    all_moved = [place for place in (str(aside or ""), moved) if place]
    return Restored(described, where, all_moved, _notes(settings, url, data))


def _layers(staged: Path, data: Path) -> Layers:
    """Return the settings by which a server will run on what is restored, by their source."""
    file = staged / manifest.CONFIGURATION
    given: dict[str, object] = {"data": data}
    return read_layers(given | ({"config": file} if file.is_file() else {}))


def _check_agreed(database: str, agrees: Callable[[str], bool]) -> None:
    if not agrees(database):
        raise BackupFailed(
            _(
                "The configuration in the backup names the database {database}: confirm that it "
                "is restored there, or choose another one",
                database=database,
            ),
            setting="yes",
        )


def _prepare(file: Path) -> None:
    """Bring the restored database up to date, and have it go on as another log."""
    engine = database.open_engine(URL.create("sqlite", database=str(file)), 0)
    try:
        database.prepare(engine)
        with database.writer(engine) as connection, connection.begin():
            renew(connection)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            # All of it is in one file, which is moved.
            connection.exec_driver_sql("PRAGMA journal_mode=DELETE")
    finally:
        engine.dispose()
    for left in file.parent.glob(f"{file.name}.*.backup"):
        left.unlink()  # of the upgrade: the backup is still there


def _write_elsewhere(
    staged: Path, place: str, stamp: str, on_progress: OnProgress, *, replaces: bool
) -> str:
    """Copy the staged database to the one at a URL; return where the tables were moved."""
    file = locate(place).file
    if file is not None:
        moved = _make_room(file, stamp, replaces=replaces)
    else:
        schema = f"before_restore_{stamp}".replace("-", "_")
        moved = move_tables_aside(place, schema, replaces=replaces)

    def copied(progress: copying.Progress) -> None:
        phase: Phase = "writing" if progress.phase == "copying" else "comparing"
        on_progress(Progress(phase, progress.done, progress.total, "rows"))

    source = staged / manifest.DATABASE
    copying.copy_database(str(source), place, copied)
    source.unlink()
    return moved


def _make_room(file: Path, stamp: str, *, replaces: bool) -> str:
    if not file.exists():
        return ""
    if not replaces:
        raise BackupFailed(
            _(
                "The database {file} exists already: choose another one, or have it moved aside",
                file=file,
            ),
            setting="replace",
        )
    moved = file.with_name(f"{file.name}.before-restore-{stamp}")
    for ending in ("-wal", "-shm"):
        if (log := Path(f"{file}{ending}")).exists():
            log.rename(f"{moved}{ending}")
    file.rename(moved)
    return str(moved)


def _shown(place: str) -> str:
    engine = database.open_engine(locate(place).url, 0)
    engine.dispose()
    return database.shown(engine)


def _notes(settings: Settings, url: str, data: Path) -> list[str]:
    notes = []
    if url and settings.database != url:
        notes.append(
            _("Set database in {file} to the restored one", file=data / manifest.CONFIGURATION)
        )
    configured: list[tuple[Path | None, str]] = [
        (settings.certificate, manifest.CERTIFICATE),
        (settings.private_key, manifest.KEY),
    ]
    notes += [
        _(
            "The configuration names {missing}, which does not exist: the one of the backup is "
            "{file}",
            missing=file,
            file=data / name,
        )
        for file, name in configured
        if file is not None and not file.exists()
    ]
    return notes
