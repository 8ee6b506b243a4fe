"""Restores a backup into an empty directory of data, or an empty database of PostgreSQL."""

import datetime as dt
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection

from messenger.language import _
from messenger.output import encodable
from messenger.server.backup import manifest
from messenger.server.backup.directories import DataDirectory
from messenger.server.backup.errors import BackupFailed, cannot_write
from messenger.server.backup.manifest import Manifest
from messenger.server.backup.progress import OnProgress, Phase, Progress
from messenger.server.backup.renewal import renew
from messenger.server.backup.replacement import Move, Replacement, put_back, shown
from messenger.server.backup.tables_aside import move_tables_aside
from messenger.server.backup.verifying import unpack_verified
from messenger.server.config import Layers, Settings, read_layers
from messenger.server.database_copy import copying
from messenger.server.store import database
from messenger.server.store.location import file_url, locate


class Restored(NamedTuple):
    """What was restored: where the database is now, and where what was there before was moved.

    `moved` are directories, files and schemas, none if nothing was there. `notes` are sentences for
    the operator: what in the configuration has to be corrected.
    """

    manifest: Manifest
    database: str
    moved: list[str]
    notes: list[str]


class Kept(NamedTuple):
    """A server that goes on with its own settings and key, whatever those of the backup are.

    So clients reach it, and recognize it. The file with its `settings` stays as it is, as do the
    files that these name, its log, its key and its certificate. Whoever restores has the lock of
    its directory.
    """

    settings: Settings
    configuration: Path

    def names(self) -> set[str]:
        """Return the names of what stays in its directory."""
        settings, data = self.settings, self.settings.data.absolute()
        files = (self.configuration, settings.certificate, settings.private_key)
        # A configuration that does not exist stays so; a key that does not is taken of the backup.
        names = {"log", manifest.CONFIGURATION}
        names |= {one for one in (manifest.KEY, manifest.CERTIFICATE) if (data / one).exists()}
        for file in (*files, settings.backup_directory):
            if file is not None:
                names |= _within(file.absolute(), data)
                # It may be named by another way to the directory, or be a link itself.
                names |= _within(file.parent.resolve() / file.name, data.resolve())
        return names


def _within(file: Path, directory: Path) -> set[str]:
    """Return the name of the entry of a directory in which a file is, if it is in any."""
    if file == directory or not file.is_relative_to(directory):
        return set()
    return {file.relative_to(directory).parts[0]}


def restore_backup(
    backup: Path,
    data: Path,
    url: str,
    on_progress: OnProgress,
    *,
    replaces: bool = False,
    kept: Kept | None = None,
    note: Callable[[Connection], object] = lambda _: None,
    agrees: Callable[[str], bool] = lambda _database: False,
) -> Restored:
    """Restore a backup into a directory of data, and the database at a URL if there is one.

    Without a URL the database is the one that the environment or the backup's configuration names,
    by default a file in the directory. Whoever made the backup has chosen what its configuration
    names: that is restored only if the operator `agrees`, who gets its URL without a password. What
    is there already is an error, or is moved aside if the backup `replaces` it. No server may use
    either. If a server is `kept`, its settings count, not those of the backup. `note` writes
    something into the restored database. Raises CannotStart; directory and database are then as
    they were.
    """
    stamp = f"{dt.datetime.now(dt.UTC):%Y%m%d-%H%M%S-%f}"
    try:
        with ExitStack() as opened:
            stays = kept.names() if kept else ()
            made = DataDirectory(data, stamp, stays, is_locked=kept is not None)
            directory = opened.enter_context(closing(made))
            put_back(data, url or (kept.settings.database if kept else ""))
            if not replaces:
                directory.check_empty()
            staged = directory.stage()
            described = unpack_verified(backup, staged, on_progress)
            if kept:
                settings, is_chosen = kept.settings, True
            else:
                layers = _layers(staged, data)
                settings, is_chosen = layers.settings(), "database" in layers.environment
            place = url or settings.database
            if place and not url and not is_chosen:
                _check_agreed(shown(place), agrees)
            _prepare(staged / manifest.DATABASE, note)
            replacement = Replacement(backup=encodable(backup.name))
            opened.callback(put_back, data, place)
            database_file = locate(place).file if place else data / manifest.DATABASE
            room = _Room()
            if database_file is None:
                room = _make_room_in_tables(data, place, stamp, replacement, replaces=replaces)
                _write_elsewhere(staged / manifest.DATABASE, place, on_progress)
            elif name := directory.name_within(database_file):
                _rename_staged(staged, name)
            else:
                room = _make_room_in_file(database_file, stamp, replaces=replaces)
                new = room.placed[0][0]
                new.unlink(missing_ok=True)
                opened.callback(new.unlink, missing_ok=True)
                _write_elsewhere(staged / manifest.DATABASE, str(new), on_progress)
            aside = directory.put_staged(replacement, room.aside, room.placed)
    except OSError as error:
        raise cannot_write(data, error) from error
    where = shown(place) if place else str(data / manifest.DATABASE)
    all_moved = [place for place in (str(aside or ""), room.moved) if place]
    return Restored(described, where, all_moved, [] if kept else _notes(settings, url, data))


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


def _prepare(file: Path, note: Callable[[Connection], object]) -> None:
    """Bring the restored database up to date, and have it go on as another log."""
    engine = database.open_engine(file_url(file), 0)
    try:
        database.prepare(engine)
        with database.writer(engine) as connection, connection.begin():
            renew(connection)
            note(connection)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            # All of it is in one file, which is moved.
            connection.exec_driver_sql("PRAGMA journal_mode=DELETE")
    finally:
        engine.dispose()
    for left in file.parent.glob(f"{file.name}.*.backup"):
        left.unlink()  # of the upgrade: the backup is still there


def _write_elsewhere(source: Path, place: str, on_progress: OnProgress) -> None:
    """Copy the staged database to the one at a URL."""

    def copied(progress: copying.Progress) -> None:
        phase: Phase = "writing" if progress.phase == "copying" else "comparing"
        on_progress(Progress(phase, progress.done, progress.total, "rows"))

    copying.copy_database(str(source), place, copied)
    source.unlink()


class _Room(NamedTuple):
    """How a database elsewhere is replaced: what is renamed, and where what was there is then."""

    aside: Sequence[Move] = ()
    placed: Sequence[Move] = ()
    moved: str = ""


def _make_room_in_tables(
    data: Path, url: str, stamp: str, replacement: Replacement, *, replaces: bool
) -> _Room:
    """Move the tables aside; the note comes first, so that a kill leaves nothing half done."""
    replacement.database = shown(url)
    replacement.schema = f"before_restore_{stamp}".replace("-", "_")
    replacement.note(data)
    moved = move_tables_aside(url, replacement.schema, replaces=replaces)
    if not moved:
        replacement.schema = ""
        replacement.note(data)
    return _Room(moved=moved)


def _make_room_in_file(file: Path, stamp: str, *, replaces: bool) -> _Room:
    """Return what is to be renamed, once the database is written beside its place."""
    moved = file.with_name(f"{file.name}.before-restore-{stamp}")
    is_there = file.exists()
    if is_there and not replaces:
        raise BackupFailed(
            _(
                "The database {file} exists already: choose another one, or have it moved aside",
                file=file,
            ),
            setting="replace",
        )
    both = [(Path(f"{file}{end}"), Path(f"{moved}{end}")) for end in ("-wal", "-shm", "")]
    aside = [(old, new) for old, new in both if old.exists()]
    placed = [(file.with_name(f"{file.name}.restoring.db"), file)]
    return _Room(aside, placed, str(moved) if is_there else "")


def _rename_staged(staged: Path, name: Path) -> None:
    """Give the staged database its path in the directory of data."""
    (staged / name).parent.mkdir(parents=True, exist_ok=True)
    (staged / manifest.DATABASE).rename(staged / name)


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
