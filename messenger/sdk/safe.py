"""Where a password is kept: in the system's keyring, or in a file that only its owner can read."""

import logging
from pathlib import Path
from typing import Literal

_logger = logging.getLogger("messenger.client")

_SERVICE = "messenger"

Place = Literal["keyring", "file", "made"]
"""In the keyring, in a file, or in a file because it was made up for the user."""


class Safe:
    """Keeps one user's password; `file` is where it is kept if it is in a file."""

    def __init__(self, user: str, file: Path) -> None:
        self.user = user
        self.file = file

    def get(self, place: Place) -> str | None:
        """Return what is kept; None if nothing is, or the keyring is not there any more."""
        if place != "keyring":
            try:
                return self.file.read_text("utf-8").rstrip("\n") or None
            except (OSError, UnicodeDecodeError) as error:
                _logger.warning("The password cannot be read: %s", error)
                return None
        import keyring
        from keyring.errors import KeyringError

        try:
            return keyring.get_password(_SERVICE, self.user)
        except KeyringError as error:
            _logger.warning("The keyring cannot be read: %s", error)
            return None

    def put(self, place: Place, password: str) -> None:
        """Keep the password; raises OSError where that cannot be."""
        if place != "keyring":
            self.file.unlink(missing_ok=True)
            self.file.touch(mode=0o600)
            self.file.write_text(password + "\n", "utf-8")
            return
        import keyring
        from keyring.errors import KeyringError

        try:
            keyring.set_password(_SERVICE, self.user, password)
        except KeyringError as error:
            raise OSError(str(error)) from error

    def forget(self, place: Place) -> None:
        """Keep it no more."""
        self.file.unlink(missing_ok=True)
        if place == "keyring":
            import keyring
            from keyring.errors import KeyringError

            try:
                keyring.delete_password(_SERVICE, self.user)
            except KeyringError as error:
                _logger.warning("The keyring does not forget: %s", error)


def has_keyring() -> bool:
    """Tell whether the system has a keyring that keeps secrets."""
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
