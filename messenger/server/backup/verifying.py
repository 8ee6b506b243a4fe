"""Verifies a backup by restoring it aside: its files, its database, and every row of that."""

import os
import tempfile
from pathlib import Path

from messenger.language import _
from messenger.server.backup import archive, contents, manifest
from messenger.server.backup.errors import BackupFailed, cannot_write
from messenger.server.backup.manifest import Manifest
from messenger.server.backup.progress import Counter, OnProgress
from messenger.server.store import database


def verify_backup(backup: Path, on_progress: OnProgress) -> Manifest:
    """Restore a backup into a temporary directory, and compare it with its manifest.

    The directory is beside the backup if that can be written, else where the system has temporary
    files. Raises CannotStart, which says what is wrong in one sentence.
    """
    beside = backup.absolute().parent
    directory = beside if os.access(beside, os.W_OK) else Path(tempfile.gettempdir())
    try:
        with tempfile.TemporaryDirectory(prefix=".messenger-verify-", dir=directory) as work:
            return unpack_verified(backup, Path(work), on_progress)
    except OSError as error:
        raise cannot_write(directory, error) from error


def unpack_verified(backup: Path, directory: Path, on_progress: OnProgress) -> Manifest:
    """Extract a backup into a directory, and compare it with its manifest.

    Raises CannotStart, and OSError if the directory cannot be written.
    """
    described = archive.unpack(backup, directory, on_progress)
    file = directory / manifest.DATABASE
    if not file.is_file():
        raise BackupFailed(_("The backup {file} has no database: use another one", file=backup))
    total = sum(table.rows for table in described.tables.values())
    counter = Counter("checking", total, "rows", on_progress)
    contents.check_sound(file)
    _compare_schema(backup, file, described)
    found = contents.tables_of(file, counter.add)
    for table in sorted(found.keys() | described.tables.keys()):
        expected, has = described.tables.get(table), found.get(table)
        if expected != has:
            raise BackupFailed(
                _(
                    "The backup {file} is damaged (the table {table} has {found} rows of "
                    "{expected}, or others): use another one",
                    file=backup,
                    table=table,
                    found=has.rows if has else 0,
                    expected=expected.rows if expected else 0,
                )
            )
    return described


def _compare_schema(backup: Path, file: Path, described: Manifest) -> None:
    found = contents.schema_of(file)
    if found is None or found != described.schema:
        raise BackupFailed(
            _(
                "The backup {file} is damaged (its database has the version {found}, not "
                "{expected}): use another one",
                file=backup,
                found=found or "",
                expected=described.schema,
            )
        )
    database.check_version(str(backup), found, is_copy=False)
