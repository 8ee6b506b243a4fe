"""Where a password is kept: in the system's keyring, or in a file that only its owner can read."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from messenger.files import write_private

_logger = logging.getLogger("messenger.client")

_SERVICE = "messenger"

PasswordLocation = Literal["keyring", "file", "made"]
"""In the keyring, in a file, or in a file because it was made up for the user."""


class KeyringUnusable(OSError):
    """The system's keyring is not there, is locked, or does not work; the text says why."""


class PasswordStore:
    """Keeps one user's password; `file` is where it is kept if it is in a file."""

    def __init__(self, user: str, file: Path) -> None:
        self.user = user
        self.file = file

    def get(self, place: PasswordLocation) -> str | None:
        """Return what is kept; None if nothing is, or the keyring is not there any more."""
        try:
            if place == "keyring":
                return _from_keyring(self.user)
            return self.file.read_text("utf-8").rstrip("\n") or None
        except (OSError, UnicodeDecodeError) as error:
            _logger.warning("The password cannot be read: %s", error)
            return None

    def put(self, place: PasswordLocation, password: str) -> None:
        """Keep the password in the place of one that was there.

        Raises OSError where that cannot be; the old one is then still there.
        """
        if place == "keyring":
            _put_into_keyring(self.user, password)
        else:
            write_private(self.file, f"{password}\n".encode())

    def forget(self, place: PasswordLocation) -> None:
        """Keep it no more."""
        try:
            self.file.unlink(missing_ok=True)
            if place == "keyring":
                _delete_from_keyring(self.user)
        except OSError as error:
            _logger.warning("The password cannot be forgotten: %s", error)


def has_keyring() -> bool:
    """Tell whether the system has a keyring that keeps secrets."""
    try:
        with _keyring():
            return _keeps_secrets()
    except KeyringUnusable as error:
        _logger.warning("There is no keyring: %s", error)
        return False


# --- the only place that talks to `keyring` -----------------------------------------------------


@contextmanager
def _keyring() -> Iterator[None]:
    """Raise KeyringUnusable for whatever a backend raises.

    Not all of it is a KeyringError: a backend that is configured and not installed cannot be
    imported, and that of Secret Service passes on what D-Bus says.
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
        import keyring

        return keyring.get_password(_SERVICE, user)


def _put_into_keyring(user: str, password: str) -> None:
    with _keyring():
        import keyring

        keyring.set_password(_SERVICE, user, password)
        if keyring.get_password(_SERVICE, user) != password:
            raise KeyringUnusable("it does not return what it was given")


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
        # These keep passwords in plain files.
        and not type(kind).__module__.startswith("keyrings.alt")
        for kind in kinds
    )
