"""Makes a backup of a server, running or not: one file, which gets its name once it is complete."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple, cast

from filelock import FileLock, Timeout

from messenger import __version__
from messenger.files import private_directory, sync_directory
from messenger.language import _
from messenger.server.backup import archive, contents, manifest
from messenger.server.backup.errors import BackupFailed, cannot_write
from messenger.server.backup.manifest import Manifest
from messenger.server.backup.progress import Counter, OnProgress
from messenger.server.backup.retention import ENDING, new_name
from messenger.server.backup.snapshot import needed_space, take_snapshot
from messenger.server.backup.source import Source
from messenger.system_errors import reason_of

_UNFINISHED = ".messenger-backup-"
_LOCK = ".messenger-backup.lock"
_ARCHIVE = "archive"


class Made(NamedTuple):
    """A backup that was made: its file, and what is in it."""

    file: Path
    manifest: Manifest


def make_backup(source: Source, target: Path, on_progress: OnProgress) -> Made:
    """Back up a server into a new file, or under a new name in a directory (mode 0600).

    Whatever fails, is cancelled by an exception in `on_progress`, or is killed, there is no part of
    a backup under that name. Raises CannotStart.
    """
    is_file = target.name.endswith(ENDING) and not target.is_dir()
    directory = target.absolute().parent if is_file else target.absolute()
    if is_file and target.exists():
        raise BackupFailed(_("The file {file} exists already: choose another name", file=target))
    try:
        private_directory(directory)
        with _working_directory(directory) as work:
            described = _fill(source, work, on_progress)
            file = target.absolute() if is_file else new_name(directory, described.made_at)
            (work / _ARCHIVE).rename(file)
            sync_directory(directory)
    except OSError as error:
        raise cannot_write(directory, error) from error
    return Made(file, described)


@contextmanager
def _working_directory(directory: Path) -> Iterator[Path]:
    """Make a directory on the same disk, alone; remove it, and what killed programs have left."""
    lock = FileLock(directory / _LOCK, mode=0o600)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        said = _("Another backup is being made in {directory}: wait for it", directory=directory)
        raise BackupFailed(said) from error
    try:
        for left in directory.glob(f"{_UNFINISHED}*"):
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix=_UNFINISHED, dir=directory) as work:
            yield Path(work)
    finally:
        lock.release()


def _fill(source: Source, work: Path, on_progress: OnProgress) -> Manifest:
    _check_space(source, work)
    made_at = time.time()
    database = work / manifest.DATABASE
    kind = take_snapshot(source.url, database, on_progress)
    counter = Counter("checking", contents.count_rows(database), "rows", on_progress)
    tables = contents.tables_of(database, counter.add)
    files = {manifest.DATABASE: database, **_copied(source, work)}
    size = sum(file.stat().st_size for file in files.values())
    # They are read twice: a hash has to be known before what it is of.
    counter = Counter("packing", 2 * size, "bytes", on_progress)
    described = Manifest(
        messenger=__version__,
        made_at=made_at,
        schema=contents.schema_of(database) or "",
        kind=cast("Literal['sqlite', 'postgresql']", kind),
        tables=tables,
        files={name: archive.describe(file, counter.add) for name, file in files.items()},
    )
    archive.pack(work / _ARCHIVE, described, files, counter.add)
    return described


def _copied(source: Source, work: Path) -> dict[str, Path]:
    """Copy the small files: they may be replaced between their hash and their packing."""
    files = {
        manifest.KEY: source.key,
        manifest.CERTIFICATE: source.certificate,
        manifest.CONFIGURATION: source.configuration,
    }
    found = {}
    for name, file in files.items():
        try:
            content = file.read_bytes()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise BackupFailed(
                _(
                    "{file} cannot be read ({reason}): run this command as the server's user",
                    file=file,
                    reason=reason_of(error),
                )
            ) from error
        found[name] = work / name
        found[name].write_bytes(content)
    return found


def _check_space(source: Source, work: Path) -> None:
    """Raise BackupFailed if a full disk is certain: the server may write to the same one."""
    needed = 2 * needed_space(source.url)  # the snapshot, and the archive that it is packed in
    free = shutil.disk_usage(work).free
    if free < needed:
        raise BackupFailed(
            _(
                "A backup needs {needed} MB in {directory}, where {free} MB are free: free some "
                "disk space",
                needed=f"{needed / 1e6:,.0f}",
                free=f"{free / 1e6:,.0f}",
                directory=work.parent,
            )
        )
