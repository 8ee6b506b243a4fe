"""Backups: a profile's whole database in one file that is encrypted with a passphrase."""

import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import msgspec

from messenger.crypto.passwords import derive_key
from messenger.sdk.cancelling import raise_if_cancelled
from messenger.sdk.file_errors import (
    BackupUnreadable,
    BackupUnwritable,
    FileExists,
    NoDirectory,
    WrongKey,
    WrongPassphrase,
)
from messenger.sdk.server_identity import Encryption
from messenger.sdk.store import Store
from messenger.sdk.store.engine import check_pages
from messenger.sdk.store.keys import KeyStore
from messenger.system_errors import reason_of

_SALT_BYTES = 16
_OWNER = "owner"

Progress = Callable[[int, int], None]
"""Gets the number of rows that are copied, and of all rows."""


class Owner(NamedTuple):
    """Whose a backup is: an account of a server, and how connections to it are encrypted."""

    account: str
    address: str
    port: int
    encryption: Encryption = "auto"

    def note_in(self, store: Store) -> None:
        """Write the owner to the store, and so to every backup of it."""
        text = msgspec.json.encode(self).decode()
        if store.get(_OWNER) != text:
            store.put(_OWNER, text)


def check_target(file: Path) -> None:
    """Raise BackupUnusable if the file exists or its directory does not.

    No file is replaced and no directory created: a typing mistake must have no effect.
    """
    if file.exists():
        raise FileExists(file)
    if not file.parent.is_dir():
        raise NoDirectory(file.parent)


def back_up(store: Store, file: Path, passphrase: str, progress: Progress) -> None:
    """Copy the whole store to a new encrypted file; raises BackupUnusable.

    A `Cancellation` ends it between two rows: then there is no file.
    """
    check_target(file)
    # A SQLCipher file begins with its salt: using that for the passphrase, too, makes the file
    # complete in itself.
    salt = secrets.token_bytes(_SALT_BYTES)
    # Written under another name and moved at the end: an interrupted backup never looks complete.
    unfinished = file.with_name(file.name + ".unfinished")
    try:
        _remove(unfinished)
        copy = Store(unfinished, derive_key(passphrase, salt) + salt)
        try:
            copy.take_over(store, _cancellable(progress))
        finally:
            copy.close()
        unfinished.replace(file)
    except OSError as error:
        raise BackupUnwritable(file, reason_of(error)) from error
    finally:
        with suppress(OSError):
            _remove(unfinished)


class Backup:
    """An open backup; `owner` is None in one of an earlier version."""

    def __init__(self, store: Store) -> None:
        self._store = store
        owner = store.get(_OWNER)
        self.owner = msgspec.json.decode(owner, type=Owner) if owner else None

    def restore(self, store: Store, progress: Progress) -> None:
        """Replace the store's content by the backup's, in one transaction.

        A `Cancellation` ends it between two rows: then nothing is changed.
        """
        owner = store.get(_OWNER)
        with store.transaction():
            store.take_over(self._store, _cancellable(progress))
            # The backup's owner was copied, too: this store keeps its own.
            store.put(_OWNER, owner)
            # The peers' ratchets have advanced since the backup: these sessions decrypt nothing.
            KeyStore(store).drop_sessions()


@contextmanager
def open_backup(file: Path, passphrase: str) -> Iterator[Backup]:
    """Open a backup; raises BackupUnusable for a wrong passphrase or a damaged file."""
    try:
        with file.open("rb") as opened:
            salt = opened.read(_SALT_BYTES)
        if len(salt) < _SALT_BYTES:
            raise WrongKey(file)
        key = derive_key(passphrase, salt)
        raise_if_cancelled()
        check_pages(file, key)
        with TemporaryDirectory() as directory:
            # A copy, because opening migrates the schema: the user's backup stays as it is.
            copied = Store(Path(shutil.copyfile(file, Path(directory) / "backup")), key)
            try:
                yield Backup(copied)
            finally:
                copied.close()
    except OSError as error:
        raise BackupUnreadable(file, reason_of(error)) from error
    except WrongKey as error:
        raise WrongPassphrase(file) from error


def restore(file: Path, passphrase: str, store: Store, progress: Progress) -> None:
    """Replace the store's content by a backup's; raises BackupUnusable.

    All or nothing: a wrong passphrase or a damaged file changes nothing.
    """
    with open_backup(file, passphrase) as backup:
        backup.restore(store, progress)


def _cancellable(progress: Progress) -> Progress:
    """Return a callback for progress that raises Cancelled once that is asked for."""

    def progressed(done: int, of: int) -> None:
        progress(done, of)
        raise_if_cancelled()

    return progressed


def _remove(unfinished: Path) -> None:
    """Remove a database and SQLite's files beside it."""
    # SQLite would apply an old journal or WAL to the new file ("How To Corrupt An SQLite Database
    # File").
    for more in ("", "-wal", "-shm", "-journal"):
        unfinished.with_name(unfinished.name + more).unlink(missing_ok=True)
