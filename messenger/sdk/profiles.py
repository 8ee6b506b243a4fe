"""Profiles: who a user is on which server, and where what is kept of it lies."""

import contextlib
import getpass
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import quote, unquote

import msgspec
from filelock import FileLock, Timeout
from platformdirs import user_data_path

from messenger.jim.errors import BadRequest
from messenger.jim.names import MAX_NAME, check_account
from messenger.language import _
from messenger.sdk.errors import StoreUnusable
from messenger.sdk.safe import Place, Safe
from messenger.sdk.store import Store
from messenger.sdk.trust import Encryption

_SHARED = ("device", "token", "server_key")


class Preferences(msgspec.Struct):
    """How a user likes it: colours, the bell, and notes on the desktop."""

    theme: Literal["auto", "dark", "light"] = "auto"
    bell: bool = True
    notes: bool = True


class Record(msgspec.Struct, kw_only=True):
    """What a profile's file says; `password` is where the password is kept, if anywhere."""

    address: str
    port: int
    account: str
    encryption: Encryption = "auto"
    password: Place | None = None
    preferences: Preferences = msgspec.field(default_factory=Preferences)


class Profile:
    """A directory with the profile's file, its database, its log, and perhaps a password.

    `record` is None as long as the profile is not set up.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.name = unquote(directory.name)
        self._file = directory / "profile.json"
        self._lock = FileLock(directory / "lock", mode=0o600)
        self.record = self._load()

    def set_up(self, address: str, port: int, account: str) -> Record:
        """Make it the profile of this account; raises StoreUnusable."""
        self.record = Record(address=address, port=port, account=account)
        self.save()
        return self.record

    def save(self) -> None:
        """Write the profile's file; raises StoreUnusable."""
        with self._writing(self._file):
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            new = self._file.with_suffix(".new")
            new.write_bytes(msgspec.json.format(msgspec.json.encode(self.record)) + b"\n")
            new.replace(self._file)

    def claim(self) -> bool:
        """Make this program the one that keeps the profile's messages; False if another does."""
        with self._writing(self.directory):
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                self._lock.acquire(timeout=0)
            except Timeout:
                return False
            if self._file.exists():
                os.utime(self._file)  # the one that was used last
        return True

    def release(self) -> None:
        """Let another program keep the profile's messages."""
        self._lock.release()

    def open_store(self) -> Store:
        """Open the profile's database; raises StoreUnusable."""
        return Store(self.directory / "messages.db")

    # --- the password --------------------------------------------------------------------------

    def password(self) -> str | None:
        """Return the password that is remembered, if any, and if it can be had now."""
        if self.record is None or self.record.password is None:
            return None
        return self._safe.get(self.record.password)

    def remember_password(self, password: str, place: Place) -> None:
        """Keep the password there; raises StoreUnusable."""
        assert self.record is not None
        with self._writing(self._safe.file):
            self._safe.put(place, password)
        self.record.password = place
        self.save()

    def replace_password(self, password: str) -> None:
        """Keep the new password where the old one was kept; forget one that was made up."""
        if self.record is None or self.record.password is None:
            return
        place = self.record.password
        if place == "made":
            self.forget_password()
        else:
            self.remember_password(password, place)

    def forget_password(self) -> None:
        """Keep no password any more."""
        if self.record is not None and self.record.password is not None:
            self._safe.forget(self.record.password)
            self.record.password = None
            self.save()

    @property
    def password_file(self) -> Path:
        """Where the password is, if it is kept in a file."""
        return self._safe.file

    @property
    def _safe(self) -> Safe:
        record = self.record
        assert record is not None
        return Safe(f"{record.account}@{record.address}:{record.port}", self.directory / "password")

    def _load(self) -> Record | None:
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=Record)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise StoreUnusable(
                _(
                    "The profile {file} cannot be read ({reason}): correct it, or move it away",
                    file=self._file,
                    reason=reason,
                )
            ) from error

    @contextlib.contextmanager
    def _writing(self, file: Path) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreUnusable(
                _("{file} cannot be written ({reason})", file=file, reason=error.strerror or error)
            ) from error


class Profiles:
    """All profiles of a user, in a directory each."""

    def __init__(self, directory: Path | None) -> None:
        self.directory = (directory or user_data_path("messenger", False)) / "profiles"

    def named(self, name: str) -> Profile:
        """Return the profile of that name, set up or not."""
        return Profile(self.directory / quote(name, safe="@ "))

    def last(
        self, address: str | None = None, port: int | None = None, account: str | None = None
    ) -> Profile | None:
        """Return the profile that was used last, of those that fit what is given."""
        files = [(file.stat().st_mtime, file) for file in self.directory.glob("*/profile.json")]
        for _used, file in sorted(files, reverse=True):
            profile = Profile(file.parent)
            record = profile.record
            if record is not None and (
                address in (None, record.address)
                and port in (None, record.port)
                and account in (None, record.account)
            ):
                return profile
        return None

    def of(self, address: str, port: int, account: str) -> Profile:
        """Return the profile of an account, a new one if there is none."""
        found = self.last(address, port, account)
        return found or self.named(f"{account}@{address}_{port}")


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
