"""Backups: one encrypted file with everything that a profile keeps, opened by a passphrase."""

import secrets
import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from messenger.crypto.passwords import derive_key
from messenger.language import _
from messenger.sdk.errors import StoreUnusable, WrongKey
from messenger.sdk.store import Store
from messenger.sdk.store.engine import check_pages
from messenger.sdk.store.keys import KeyStore

_SALT_BYTES = 16

Progress = Callable[[int, int], None]
"""Gets how many rows are done, and how many there are."""


class BackupUnusable(StoreUnusable):
    """A backup cannot be made there, or cannot be read; the text tells the user what to do."""


def back_up(store: Store, file: Path, passphrase: str, progress: Progress) -> None:
    """Write everything that the store has to a new file; raises BackupUnusable."""
    if file.exists():
        raise BackupUnusable(_("{file} is there already: choose another name", file=file))
    # SQLCipher's file begins with a salt: the same goes with the passphrase.
    salt = secrets.token_bytes(_SALT_BYTES)
    unfinished = file.with_name(file.name + ".unfinished")
    unfinished.unlink(missing_ok=True)
    try:
        copy = Store(unfinished, derive_key(passphrase, salt) + salt)
        try:
            copy.take_over(store, progress)
        finally:
            copy.close()
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)


def restore(file: Path, passphrase: str, store: Store, progress: Progress) -> None:
    """Put what a backup has in the place of what the store has; raises BackupUnusable.

    Either all of it or nothing: a wrong passphrase or a damaged file changes nothing.
    """
    try:
        with file.open("rb") as opened:
            salt = opened.read(_SALT_BYTES)
    except OSError as error:
        raise BackupUnusable(
            _("{file} cannot be read ({reason})", file=file, reason=error.strerror)
        ) from error
    try:
        if len(salt) < _SALT_BYTES:
            raise WrongKey(file)
        key = derive_key(passphrase, salt)
        check_pages(file, key)
        with TemporaryDirectory() as directory:
            # A copy, for a backup of older days is brought up to date when it is opened.
            copied = Store(Path(shutil.copy(file, directory)), key)
            try:
                with store.transaction():
                    store.take_over(copied, progress)
                    # They have moved on since, on the other side: begin them anew.
                    KeyStore(store).drop_sessions()
            finally:
                copied.close()
    except WrongKey as error:
        raise BackupUnusable(
            _("{file} does not open: the passphrase is wrong, or it is no backup", file=file)
        ) from error
