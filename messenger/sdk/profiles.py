"""Profiles: a user's account on a server, and the directory of its local data."""

import contextlib
import getpass
import logging
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from filelock import FileLock, Timeout

from messenger.files import private_directory
from messenger.jim.accounts import Logout
from messenger.jim.errors import BadRequest
from messenger.jim.names import MAX_NAME, check_account
from messenger.sdk.backup import Owner
from messenger.sdk.directories import find_directory, profile_files, profiles_directory
from messenger.sdk.errors import ConnectionLost, NotOnline
from messenger.sdk.file_errors import ProfileUnreadable, TooManyPipes
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
"""The name of the value in a pipe's database that has the profile's values when it was opened."""


class Profile(LockedProfile):
    """A directory with the profile's file, its database, its log, and perhaps a password."""

    def __init__(self, directory: Path, name: str = "") -> None:
        super().__init__(directory, name)
        self._pipe_lock: FileLock | None = None

    def claim(self) -> bool:
        """Lock the profile's database for this program; False if another program uses it."""
        with self._writing(self.directory):
            private_directory(self.directory)
            try:
                # Without waiting: a program that has it may run for days.
                self._lock.acquire(timeout=0)
            except Timeout:
                return False
            if self._file.exists():
                os.utime(self._file)  # `Profiles.last` finds the latest by this time
        return True

    def release(self) -> None:
        """Let another program use the profile's database."""
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

        It stores no messages, and takes none from an interactive client, but is another device:
        two programs cannot share keys that change with every message.
        """
        with self._writing(self.directory):
            private_directory(self.directory)
            number = self._claim_pipe()
        store = Store(self.directory / f"pipe-{number}.db", self._key, forgetful=True)
        main = self.open_store()
        _give_back(store, main)  # in case the last program with this database was killed
        if store.get("token") in (None, store.get("lent")):
            for name in ("token", "lent"):
                store.put(name, main.get("token"))
        # By the dot the server finds the programs that are removed together with a device.
        store.put("device", f"{device_id(main)}.{number}")
        lent = {name: main.get(name) for name in _OF_THE_PROFILE}
        with store.transaction():
            store.put(_LENT, msgspec.json.encode(lent).decode())
            for name, value in lent.items():
                # None, too: the profile forgets its values when its device is removed.
                store.put(name, value)
        main.close()
        return store

    def hand_over(self, store: Store) -> None:
        """Copy values that a pipe has learned to the profile at once, such as a new secret.

        Raises StoreUnusable.
        """
        main = self.open_store()
        try:
            _give_back(store, main)
        finally:
            main.close()

    def close_pipe(self, store: Store) -> None:
        """Copy the pipe's new values to the profile, and close its database."""
        self.hand_over(store)
        store.close()

    def _claim_pipe(self) -> int:
        """Return the number of a pipe's database that no other program uses, and lock it."""
        for number, lock in enumerate(self._pipe_locks, 1):
            with contextlib.suppress(Timeout):
                lock.acquire(timeout=0)
                self._pipe_lock = lock
                return number
        raise TooManyPipes(MAX_PIPES)

    def move(self, address: str, port: int) -> None:
        """Look for the server at another address; it is saved when a login there is accepted.

        A keyring has the saved password by the address. Raises StoreUnusable.
        """
        assert self.record is not None
        place, before, password = self.record.password, self._password_store, self.password()
        super().move(address, port)
        if place == "keyring" and password is not None:
            with self._writing(self.directory):
                self._password_store.put("keyring", password)
            before.forget("keyring")

    # --- the password --------------------------------------------------------------------------

    def password(self) -> str | None:
        """Return the saved password, if there is one and it can be read."""
        if self.record is None or self.record.password is None:
            return None
        return self._password_store.get(self.record.password)

    def remember_password(self, password: str, place: PasswordLocation) -> None:
        """Save the password there; raises StoreUnusable."""
        assert self.record is not None
        with self._writing(self._password_store.file):
            self._password_store.put(place, password)
        self.record.password = place
        self.save()

    def replace_password(self, password: str) -> None:
        """Save the new password where the old one was; delete a generated one."""
        if self.record is None or self.record.password is None:
            return
        place = self.record.password
        if place == "made":
            self.forget_password()
        else:
            self.remember_password(password, place)

    def forget_password(self) -> None:
        """Delete the saved password."""
        if self.record is not None and self.record.password is not None:
            self._password_store.forget(self.record.password)
            self.record.password = None
            self.save()

    def forget_login(self) -> None:
        """Delete the saved password of a removed device: logging in again needs the password.

        A generated one is kept, because the user does not know it.
        """
        if self.record is not None and self.record.password in ("file", "keyring"):
            self.forget_password()

    def log_out(self, client: "Client") -> bool:
        """Log out, and delete everything on this computer that could log in again.

        Messages are kept. Return whether the server was notified: this works offline, too.
        """
        try:
            # First: the token that is deleted below is what the server is to revoke.
            client.ask(Logout())
            is_notified = True
        except (NotOnline, ConnectionLost):
            is_notified = False
        for name in ("token", "keys_since"):
            client.store.put(name, None)
        self.forget_password()
        return is_notified

    def delete_local_data(self) -> None:
        """Delete the profile: its messages and keys, its log, its saved password.

        Its database must be closed, and no other program may use it. Raises StoreUnusable.
        """
        with self._alone():
            if self.record is not None:
                self.forget_password()
                if self.record.locked_by == "keyring":
                    self._vault(self.record.salt).forget("keyring")
            self.record = None
            with self._writing(self.directory):
                # The file of the lock goes last: until then no other program can begin here.
                for found in self.directory.iterdir():
                    if found.suffix != ".lock" and found.name != "lock":
                        shutil.rmtree(found) if found.is_dir() else found.unlink()
        with self._writing(self.directory):
            self.release()
            shutil.rmtree(self.directory)

    @property
    def password_file(self) -> Path:
        """The file of the password, if it is saved in a file."""
        return self._password_store.file

    @property
    def _password_store(self) -> PasswordStore:
        record = self.record
        assert record is not None
        return PasswordStore(
            f"{record.account}@{record.address}:{record.port}", self.directory / "password"
        )


class Profiles:
    """All profiles of a user, each in its directory."""

    def __init__(self, directory: Path | None) -> None:
        self.directory = profiles_directory(directory)

    def named(self, name: str) -> Profile:
        """Return the profile of that name, whether it is set up or not."""
        return Profile(find_directory(self.directory, name), name)

    def last(
        self, address: str | None = None, port: int | None = None, account: str | None = None
    ) -> Profile | None:
        """Return the profile used last, of those that match the arguments.

        One that no server has confirmed yet comes after all others: it may be a typing mistake.
        """
        unconfirmed = None
        for directory in self._latest():
            profile = Profile(directory)
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

    def confirmed(self) -> list[Profile]:
        """Return the profiles that a server has confirmed, the one used last first."""
        found = []
        for directory in self._latest():
            try:
                profile = Profile(directory)
            except ProfileUnreadable as error:  # The others can be used.
                _logger.warning("%s", error)
                continue
            if profile.record is not None and profile.record.confirmed:
                found.append(profile)
        return found

    def _latest(self) -> list[Path]:
        """Return the profiles' directories, the one used last first."""
        files = [(file.stat().st_mtime, file) for file in profile_files(self.directory)]
        return [file.parent for _used, file in sorted(files, reverse=True)]

    def of(self, address: str, port: int, account: str) -> Profile:
        """Return the profile of an account, or a new one."""
        found = self.last(address, port, account)
        name = f"{account}@{address}_{port}"
        number = 1
        while found is None or _is_of_another(found, address, port, account):
            # The server of a profile with that name may have moved since.
            found = self.named(name if number == 1 else f"{name} {number}")
            number += 1
        return found

    def of_owner(self, owner: Owner) -> Profile:
        """Return the profile of a backup; it is set up if there is none."""
        found = self.of(owner.address, owner.port, owner.account)
        if found.record is None:
            found.set_up(owner.address, owner.port, owner.account).encryption = owner.encryption
            found.save()
        return found


def _is_of_another(profile: Profile, address: str, port: int, account: str) -> bool:
    record = profile.record
    if record is None or not record.confirmed:
        return False
    return (record.account, record.address, record.port) != (account, address, port)


def _give_back(pipe: Store, main: Store) -> None:
    """Copy a pipe's new values to the profile's database, unless those have changed since."""
    lent = msgspec.json.decode(pipe.get(_LENT) or "{}", type=dict[str, str | None])
    for name, before in lent.items():
        value = pipe.get(name)
        # The profile's own program may have learned something later than this one.
        if value not in (None, before) and main.get(name) == before:
            main.put(name, value)


def system_name() -> str:
    """Return the operating system's user name, if it is a valid account name, else "me"."""
    with contextlib.suppress(
        Exception
    ):  # without one getpass raises KeyError, OSError, ImportError
        name = getpass.getuser()[:MAX_NAME]
        with contextlib.suppress(BadRequest):
            check_account(name)
            return name
    return "me"
