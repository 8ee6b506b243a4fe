"""Profiles: who a user is on which server, and where what is kept of it lies."""

import contextlib
import getpass
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from filelock import FileLock, Timeout
from platformdirs import user_data_path

from messenger.files import private_directory
from messenger.jim.accounts import Logout
from messenger.jim.errors import BadRequest
from messenger.jim.names import MAX_NAME, check_account
from messenger.language import _
from messenger.sdk.backup import Owner
from messenger.sdk.directories import find_directory
from messenger.sdk.errors import ConnectionLost, NotOnline, StoreUnusable
from messenger.sdk.locking import MAX_PIPES, LockedProfile
from messenger.sdk.login import device_id
from messenger.sdk.password_store import PasswordLocation, PasswordStore
from messenger.sdk.record import LockedBy, Preferences, Record
from messenger.sdk.store import Store

__all__ = ["LockedBy", "Preferences", "Profile", "Profiles", "Record", "system_name"]

if TYPE_CHECKING:
    from messenger.sdk.client import Client

_logger = logging.getLogger("messenger.client")

_OF_THE_PROFILE = ("server_key", "secret")
_LENT = "lent_values"
"""The value of a pipe's database that says what it was lent of those of the profile."""


class Profile(LockedProfile):
    """A directory with the profile's file, its database, its log, and perhaps a password."""

    def __init__(self, directory: Path, name: str = "") -> None:
        super().__init__(directory, name)
        self._pipe_lock: FileLock | None = None

    def claim(self) -> bool:
        """Make this program the one that keeps the profile's messages; False if another does."""
        with self._writing(self.directory):
            private_directory(self.directory)
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
        if self._pipe_lock is not None:
            self._pipe_lock.release()

    def open_store(self) -> Store:
        """Open the profile's database; raises StoreUnusable."""
        store = Store(self._database, self._key)
        if self.record is not None:
            record = self.record
            Owner(record.account, record.address, record.port, record.encryption).note_in(store)
        return store

    def open_pipe(self) -> Store:
        """Open a database for a program in a pipe; raises StoreUnusable.

        It keeps no messages, and takes none from a client with a face, but is a device of its own:
        two programs cannot share keys that change with every message.
        """
        with self._writing(self.directory):
            private_directory(self.directory)
            number = self._claim_pipe()
        store = Store(self.directory / f"pipe-{number}.db", self._key, forgetful=True)
        main = self.open_store()
        _give_back(store, main)  # where the program that was this pipe before was killed
        if store.get("token") in (None, store.get("lent")):
            for name in ("token", "lent"):
                store.put(name, main.get("token"))
        store.put("device", f"{device_id(main)}.{number}")
        lent = {name: main.get(name) for name in _OF_THE_PROFILE}
        with store.transaction():
            store.put(_LENT, msgspec.json.encode(lent).decode())
            for name, value in lent.items():
                # Also where the profile knows nothing any more: its device may have been removed.
                store.put(name, value)
        main.close()
        return store

    def hand_over(self, store: Store) -> None:
        """Have the profile know at once what a pipe has learned, such as a secret that it made.

        Raises StoreUnusable.
        """
        main = self.open_store()
        try:
            _give_back(store, main)
        finally:
            main.close()

    def close_pipe(self, store: Store) -> None:
        """Close the database of a pipe; what it has learned meanwhile, the profile knows, too."""
        self.hand_over(store)
        store.close()

    def _claim_pipe(self) -> int:
        """Return the number of a pipe that no other program is."""
        for number, lock in enumerate(self._pipe_locks, 1):
            with contextlib.suppress(Timeout):
                lock.acquire(timeout=0)
                self._pipe_lock = lock
                return number
        raise StoreUnusable(
            _("{count} programs use this profile already: end one first", count=MAX_PIPES)
        )

    # --- the password --------------------------------------------------------------------------

    def password(self) -> str | None:
        """Return the password that is remembered, if any, and if it can be had now."""
        if self.record is None or self.record.password is None:
            return None
        return self._password_store.get(self.record.password)

    def remember_password(self, password: str, place: PasswordLocation) -> None:
        """Keep the password there; raises StoreUnusable."""
        assert self.record is not None
        with self._writing(self._password_store.file):
            self._password_store.put(place, password)
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
            self._password_store.forget(self.record.password)
            self.record.password = None
            self.save()

    def forget_login(self) -> None:
        """Let only somebody who has the password come in again: this device was removed.

        One that was made up is kept: nobody has it but this computer.
        """
        if self.record is not None and self.record.password in ("file", "keyring"):
            self.forget_password()

    def log_out(self, client: "Client") -> bool:
        """Log out, and have this computer forget all that could log in again.

        What was said stays. Return whether the server knows: this is done offline, too.
        """
        try:
            client.ask(Logout())
            told = True
        except (NotOnline, ConnectionLost):
            told = False
        for name in ("token", "keys_since"):
            client.store.put(name, None)
        self.forget_password()
        return told

    @property
    def password_file(self) -> Path:
        """Where the password is, if it is kept in a file."""
        return self._password_store.file

    @property
    def _password_store(self) -> PasswordStore:
        record = self.record
        assert record is not None
        return PasswordStore(
            f"{record.account}@{record.address}:{record.port}", self.directory / "password"
        )


class Profiles:
    """All profiles of a user, in a directory each."""

    def __init__(self, directory: Path | None) -> None:
        self.directory = (directory or user_data_path("messenger", False)).absolute() / "profiles"

    def named(self, name: str) -> Profile:
        """Return the profile of that name, set up or not."""
        return Profile(find_directory(self.directory, name), name)

    def last(
        self, address: str | None = None, port: int | None = None, account: str | None = None
    ) -> Profile | None:
        """Return the profile that was used last, of those that fit what is given.

        One that no server has confirmed yet comes after all others.
        """
        files = [(file.stat().st_mtime, file) for file in self.directory.glob("*/profile.json")]
        unconfirmed = None
        for _used, file in sorted(files, reverse=True):
            profile = Profile(file.parent)
            record = profile.record
            if record is not None and (
                address in (None, record.address)
                and port in (None, record.port)
                and account in (None, record.account)
            ):
                if record.confirmed:
                    return profile
                unconfirmed = unconfirmed or profile
        return unconfirmed

    def of(self, address: str, port: int, account: str) -> Profile:
        """Return the profile of an account, a new one if there is none."""
        found = self.last(address, port, account)
        return found or self.named(f"{account}@{address}_{port}")

    def of_owner(self, owner: Owner) -> Profile:
        """Return the profile that a backup is of, set up now if there is none."""
        found = self.of(owner.address, owner.port, owner.account)
        if found.record is None:
            found.set_up(owner.address, owner.port, owner.account).encryption = owner.encryption
            found.save()
        return found


def _give_back(pipe: Store, main: Store) -> None:
    """Put what a pipe has learned into the profile's database, where it is as it was lent."""
    lent = msgspec.json.decode(pipe.get(_LENT) or "{}", type=dict[str, str | None])
    for name, before in lent.items():
        value = pipe.get(name)
        if value not in (None, before) and main.get(name) == before:
            main.put(name, value)


def system_name() -> str:
    """Return the name of the operating system's user as far as it is good for an account."""
    with contextlib.suppress(Exception):  # there may be none: getpass fails in its own ways
        name = getpass.getuser()[:MAX_NAME]
        with contextlib.suppress(BadRequest):
            check_account(name)
            return name
    return "me"
