"""Where a user's profiles are kept: one local database for each server and name."""

import contextlib
import getpass
import secrets
from pathlib import Path
from urllib.parse import quote, unquote

from filelock import BaseFileLock, FileLock, Timeout
from platformdirs import user_data_path

from messenger.jim.errors import BadRequest
from messenger.jim.names import MAX_NAME, check_account
from messenger.language import _
from messenger.sdk.errors import StoreUnusable
from messenger.sdk.store import Store

_SHARED = ("device", "token")


class Profiles:
    """The profiles for one server, in `DIRECTORY/ADDRESS_PORT/NAME.db`."""

    def __init__(self, directory: Path | None, address: str, port: int) -> None:
        root = directory or user_data_path("messenger", False) / "client"
        self._claims: list[BaseFileLock] = []
        self.directory = root / f"{quote(address, safe='')}_{port}"

    def last_name(self) -> str | None:
        """Return the name that was used last."""
        files = sorted(self.directory.glob("*.db"), key=lambda file: file.stat().st_mtime)
        return unquote(files[-1].stem) if files else None

    def open(self, name: str) -> Store:
        """Open the profile's database; raises StoreUnusable."""
        return Store(self._file(name, "db"))

    def remembers(self, name: str) -> bool:
        """Tell whether there is a profile of that name."""
        return self._file(name, "db").exists()

    def claim(self, name: str) -> bool:
        """Make this program the one that keeps the profile's messages; False if another does."""
        lock = FileLock(self._file(name, "lock"), mode=0o600)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return False
        self._claims.append(lock)
        return True

    def password(self, name: str) -> str | None:
        """Return the password that was made for this user."""
        with contextlib.suppress(OSError):
            return self._file(name, "password").read_text("utf-8").strip() or None
        return None

    def make_password(self, name: str) -> str:
        """Make a password and keep it in a file that only this user can read."""
        password = secrets.token_urlsafe(16)
        file = self._file(name, "password")
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            file.touch(mode=0o600)
            file.write_text(password + "\n", "utf-8")
        except OSError as error:
            raise StoreUnusable(
                _("{file} cannot be written ({reason})", file=file, reason=error.strerror)
            ) from error
        return password

    def password_file(self, name: str) -> Path:
        """Return where `make_password` keeps it."""
        return self._file(name, "password")

    def forget_password(self, name: str) -> None:
        """The user has a password of their own now."""
        self._file(name, "password").unlink(missing_ok=True)

    def _file(self, name: str, kind: str) -> Path:
        return self.directory / f"{quote(name, safe='')}.{kind}"


def lend(profile: Store) -> Store:
    """Return a store in memory that logs in as the profile does.

    Programs in a pipe take it: they keep no messages, and take none from a client with a face.
    """
    store = Store()
    for name in _SHARED:
        store.put(name, profile.get(name))
    return store


def give_back(lent: Store, profile: Store) -> None:
    """Keep what a login has given, so that the next one is the same device."""
    for name in _SHARED:
        if value := lent.get(name):
            profile.put(name, value)


def system_name() -> str:
    """Return the name of the operating system's user as far as it is good for an account."""
    with contextlib.suppress(Exception):  # there may be none: getpass fails in its own ways
        name = getpass.getuser()[:MAX_NAME]
        with contextlib.suppress(BadRequest):
            check_account(name)
            return name
    return "me"
