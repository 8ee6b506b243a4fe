"""Storing a password in the system's keyring, or in a file that only its owner can read."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from messenger.files import write_private

_logger = logging.getLogger("messenger.client")

_SERVICE = "messenger"

PasswordLocation = Literal["keyring", "file", "made"]
"""In the keyring, in a file, or in a file because it was generated for the user."""


class KeyringUnusable(OSError):
    """The system's keyring is missing, locked, or does not work; the text says why."""


class PasswordStore:
    """Stores one user's password; `file` is its file, if it is stored in one."""

    def __init__(self, user: str, file: Path) -> None:
        self.user = user
        self.file = file

    def get(self, place: PasswordLocation) -> str | None:
        """Return the password; None if there is none, or the keyring is not available."""
        try:
            if place == "keyring":
                return _from_keyring(self.user)
            # An editor adds a newline, which is no part of the password.
            return self.file.read_text("utf-8").rstrip("\n") or None
        except (OSError, UnicodeDecodeError) as error:
            _logger.warning("The password cannot be read: %s", error)
            return None

    def put(self, place: PasswordLocation, password: str) -> None:
        """Store the password, replacing the old one; raises OSError, which keeps the old one."""
        if place == "keyring":
            _put_into_keyring(self.user, password)
        else:
            write_private(self.file, f"{password}\n".encode())

    def forget(self, place: PasswordLocation) -> None:
        """Delete the password."""
        try:
            self.file.unlink(missing_ok=True)
            if place == "keyring":
                _delete_from_keyring(self.user)
        except OSError as error:
            _logger.warning("The password cannot be deleted: %s", error)


def has_keyring() -> bool:
    """Tell whether the system has a keyring that stores secrets encrypted."""
    try:
        with _keyring():
            return _keeps_secrets()
    except KeyringUnusable as error:
        _logger.warning("There is no keyring: %s", error)
        return False


# --- the only code that uses `keyring` ----------------------------------------------------------


@contextmanager
def _keyring() -> Iterator[None]:
    """Raise KeyringUnusable for any exception of a backend.

    Not all of them are KeyringErrors: a backend that is configured but not installed cannot be
    imported, and that of Secret Service passes on exceptions of D-Bus.
    """
    try:
        yield
    except KeyringUnusable:
        raise
    except Exception as error:
        reason = str(error) or type(error).__name__
        raise KeyringUnusable(reason) from error


def _from_keyring(user: str) -> str | None:
    with _keyring():
        # Imported where it is needed: it takes 65 ms (measured), and its backend may fail to load.
        import keyring

        return keyring.get_password(_SERVICE, user)


def _put_into_keyring(user: str, password: str) -> None:
    with _keyring():
        import keyring

        keyring.set_password(_SERVICE, user, password)
        # A backend may accept a password and store nothing, as `null` does.
        if keyring.get_password(_SERVICE, user) != password:
            raise KeyringUnusable("it does not return the password that was stored")


def _delete_from_keyring(user: str) -> None:
    with _keyring():
        import keyring

        keyring.delete_password(_SERVICE, user)


def _keeps_secrets() -> bool:
    import keyring
    from keyring.backends import chainer, fail, null

    backend = keyring.get_keyring()
    kinds = backend.backends if isinstance(backend, chainer.ChainerBackend) else [backend]
    return any(
        not isinstance(kind, fail.Keyring | null.Keyring)
        # These store passwords in unencrypted files.
        and not type(kind).__module__.startswith("keyrings.alt")
        for kind in kinds
    )
