"""Backups: one encrypted file with everything that a profile keeps, opened by a passphrase."""

import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import msgspec

from messenger.crypto.passwords import derive_key
from messenger.language import _
from messenger.sdk.errors import StoreUnusable, WrongKey
from messenger.sdk.server_identity import Encryption
from messenger.sdk.store import Store
from messenger.sdk.store.engine import check_pages
from messenger.sdk.store.keys import KeyStore

_SALT_BYTES = 16
_OWNER = "owner"

Progress = Callable[[int, int], None]
"""Gets how many rows are done, and how many there are."""


class BackupUnusable(StoreUnusable):
    """A backup cannot be made there, or cannot be read; the text tells the user what to do."""


class Owner(NamedTuple):
    """Whose a backup is: an account of a server, and how links to it are encrypted."""

    account: str
    address: str
    port: int
    encryption: Encryption = "auto"

    def note_in(self, store: Store) -> None:
        """Have the store, and every backup of it, say whose it is."""
        text = msgspec.json.encode(self).decode()
        if store.get(_OWNER) != text:
            store.put(_OWNER, text)


def check_target(file: Path) -> None:
    """Raise BackupUnusable unless a new file can be made there: none is replaced, no way paved."""
    if file.exists():
        raise BackupUnusable(_("{file} exists already: choose another name", file=file))
    if not file.parent.is_dir():
        said = _("There is no directory {directory}: make it first", directory=file.parent)
        raise BackupUnusable(said)


def back_up(store: Store, file: Path, passphrase: str, progress: Progress) -> None:
    """Write everything that the store has to a new file; raises BackupUnusable."""
    check_target(file)
    # SQLCipher's file begins with a salt: the same goes with the passphrase.
    salt = secrets.token_bytes(_SALT_BYTES)
    unfinished = file.with_name(file.name + ".unfinished")
    try:
        _remove(unfinished)
        copy = Store(unfinished, derive_key(passphrase, salt) + salt)
        try:
            copy.take_over(store, progress)
        finally:
            copy.close()
        unfinished.replace(file)
    except OSError as error:
        raise BackupUnusable(
            _("{file} cannot be written ({reason})", file=file, reason=error.strerror or error)
        ) from error
    finally:
        with suppress(OSError):
            _remove(unfinished)


class Backup:
    """A backup that is open; `owner` is None in one of an earlier version."""

    def __init__(self, store: Store) -> None:
        self._store = store
        owner = store.get(_OWNER)
        self.owner = msgspec.json.decode(owner, type=Owner) if owner else None

    def restore(self, store: Store, progress: Progress) -> None:
        """Put what the backup has in the place of what the store has: all of it or nothing."""
        owner = store.get(_OWNER)
        with store.transaction():
            store.take_over(self._store, progress)
            store.put(_OWNER, owner)
            # They have moved on since, on the other side: begin them anew.
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
        check_pages(file, key)
        with TemporaryDirectory() as directory:
            # A copy, for a backup of older days is brought up to date when it is opened.
            copied = Store(Path(shutil.copyfile(file, Path(directory) / "backup")), key)
            try:
                yield Backup(copied)
            finally:
                copied.close()
    except OSError as error:
        raise BackupUnusable(
            _("{file} cannot be read ({reason})", file=file, reason=error.strerror or error)
        ) from error
    except WrongKey as error:
        raise BackupUnusable(
            _("{file} does not open: the passphrase is wrong, or it is no backup", file=file)
        ) from error


def restore(file: Path, passphrase: str, store: Store, progress: Progress) -> None:
    """Put what a backup has in the place of what the store has; raises BackupUnusable.

    Either all of it or nothing: a wrong passphrase or a damaged file changes nothing.
    """
    with open_backup(file, passphrase) as backup:
        backup.restore(store, progress)


def _remove(unfinished: Path) -> None:
    """Remove a database with the files that go with it."""
    for more in ("", "-wal", "-shm", "-journal"):
        unfinished.with_name(unfinished.name + more).unlink(missing_ok=True)
