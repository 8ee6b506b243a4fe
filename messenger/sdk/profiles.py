"""Profiles: who a user is on which server, and where what is kept of it lies."""

import contextlib
import getpass
import logging
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import msgspec
from filelock import FileLock, Timeout
from platformdirs import user_data_path

from messenger.crypto.accounts import Secret
from messenger.crypto.passwords import derive_key
from messenger.crypto.signed import Forged
from messenger.files import private_directory, write_private
from messenger.jim.errors import BadRequest
from messenger.jim.names import MAX_NAME, check_account
from messenger.jim.requests import Logout
from messenger.language import _
from messenger.sdk.backup import Owner
from messenger.sdk.directories import find_directory
from messenger.sdk.errors import LinkLost, NotOnline, StoreUnusable, WrongKey
from messenger.sdk.login import device_id
from messenger.sdk.record import LockedBy, Preferences, Record
from messenger.sdk.safe import Place, Safe, has_keyring
from messenger.sdk.store import Store
from messenger.sdk.store.engine import KEY_BYTES, change_key, key_beside

__all__ = ["LockedBy", "Preferences", "Profile", "Profiles", "Record", "system_name"]

if TYPE_CHECKING:
    from messenger.sdk.client import Client

_logger = logging.getLogger("messenger.client")

_MOST_PIPES = 8
_SALT_BYTES = 16
_TRIES = 3
_SPARE = "key of what is kept"
_OF_THE_PROFILE = ("server_key", "secret")


class Profile:
    """A directory with the profile's file, its database, its log, and perhaps a password.

    `name` is what users call it; `record` is None as long as it is not set up.
    """

    def __init__(self, directory: Path, name: str = "") -> None:
        self.directory = directory
        self._file = directory / "profile.json"
        self._lock = FileLock(directory / "lock", mode=0o600)
        self._pipe_lock: FileLock | None = None
        self._key: bytes | None = None
        self._lent: dict[str, str | None] = {}
        self.record = self._load()
        self.name = name or (self.record.name if self.record else "") or unquote(directory.name)

    def set_up(self, address: str, port: int, account: str) -> Record:
        """Make it the profile of this account; raises StoreUnusable."""
        self.record = Record(
            name=self.name, address=address, port=port, account=account, confirmed=False
        )
        self.save()
        return self.record

    def confirm(self) -> None:
        """Note that the server has let the user in; raises StoreUnusable."""
        if self.record is not None and not self.record.confirmed:
            self.record.confirmed = True
            self.save()

    def save(self) -> None:
        """Write the profile's file; raises StoreUnusable."""
        with self._writing(self._file):
            private_directory(self.directory)
            content = msgspec.json.format(msgspec.json.encode(self.record))
            write_private(self._file, content + b"\n")

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
        if store.get("token") in (None, store.get("lent")):
            for name in ("token", "lent"):
                store.put(name, main.get("token"))
        store.put("device", f"{device_id(main)}.{number}")
        self._lent = {name: main.get(name) for name in _OF_THE_PROFILE}
        for name, value in self._lent.items():
            # Also where the profile knows nothing any more: its device may have been removed.
            store.put(name, value)
        main.close()
        return store

    def close_pipe(self, store: Store) -> None:
        """Close the database of a pipe; what it has learned meanwhile, the profile knows, too."""
        main = self.open_store()
        for name, lent in self._lent.items():
            value = store.get(name)
            if value not in (None, lent) and main.get(name) == lent:
                main.put(name, value)
        main.close()
        store.close()

    def _claim_pipe(self) -> int:
        """Return the number of a pipe that no other program is."""
        for number in range(1, _MOST_PIPES + 1):
            lock = FileLock(self.directory / f"pipe-{number}.lock", mode=0o600)
            with contextlib.suppress(Timeout):
                lock.acquire(timeout=0)
                self._pipe_lock = lock
                return number
        raise StoreUnusable(
            _("{count} programs use this profile already: end one first", count=_MOST_PIPES)
        )

    # --- what is kept is locked ----------------------------------------------------------------

    def lock_new(self, passphrase: str = "") -> None:
        """Lock what is going to be kept: by the passphrase, the keyring, or a file for want of it.

        What is kept already stays locked as it is. Raises StoreUnusable.
        """
        if self._database.exists() and self._database.stat().st_size:
            return
        if passphrase:
            self.lock("passphrase", passphrase)
        elif has_keyring():
            try:
                self.lock("keyring")
            except StoreUnusable as error:
                _logger.warning("The key is kept in a file: %s", error)

    def lock(self, by: LockedBy, passphrase: str = "", opened: Store | None = None) -> None:
        """Have what is kept opened by this from now on; raises StoreUnusable.

        `opened` is the profile's database, if it is open.
        """
        record = self.record
        assert record is not None
        salt = secrets.token_bytes(_SALT_BYTES)
        if by == "passphrase":
            new: bytes | None = derive_key(passphrase, salt)
        elif by == "keyring":
            new = secrets.token_bytes(KEY_BYTES)
            with self._writing(self._database):
                self._vault(salt.hex()).put("keyring", new.hex())
        else:
            new = None
        for file in self.directory.glob("*.db"):
            key = new or key_beside(file, anew=True)
            if opened is not None and file == self._database:
                opened.change_key(key)
            else:
                change_key(file, self._key or key_beside(file), key)
        before = self._vault(record.salt) if record.locked_by == "keyring" else None
        record.locked_by, record.salt, record.spare, self._key = by, salt.hex(), "", new
        self.save()
        if before is not None:
            before.forget("keyring")
        for beside in self.directory.glob("*.db.key") if new is not None else ():
            beside.unlink(missing_ok=True)

    def keep_spare(self, store: Store) -> None:
        """Let the recovery code open what is kept, should the keyring be lost."""
        record, secret = self.record, store.get("secret")
        if record is None or record.locked_by != "keyring" or secret is None:
            return
        assert self._key is not None
        sealing = Secret(record.account, bytes.fromhex(secret))
        try:
            sealing.open(_SPARE, record.spare)
        except Forged:  # There is none, or one that an earlier recovery code opens.
            record.spare = sealing.seal(_SPARE, self._key)
            self.save()

    def unlock(self, ask: Callable[[], str], ask_code: Callable[[str], str]) -> None:
        """Get the key of what is kept.

        `ask` returns the passphrase, where there is one, `ask_code` the recovery code where the
        keyring has lost the key; it gets what was wrong with the one before. Raises StoreUnusable.
        """
        record = self.record
        if record is None or record.locked_by == "file":
            return
        if record.locked_by == "keyring":
            vault = self._vault(record.salt)
            found = vault.get("keyring") or self._earlier_vault.get("keyring")
            self._key = bytes.fromhex(found) if found else self._spare_key(record, ask_code)
            if not found:
                with contextlib.suppress(OSError):  # It may be locked, or not be there at all.
                    vault.put("keyring", self._key.hex())
            return
        for left in range(_TRIES - 1, -1, -1):
            self._key = derive_key(ask(), bytes.fromhex(record.salt))
            try:
                self.open_store().close()
            except WrongKey:
                if not left:
                    raise
            else:
                return

    def _spare_key(self, record: Record, ask_code: Callable[[str], str]) -> bytes:
        mistake = ""
        for _try in range(_TRIES if record.spare else 0):
            try:
                secret = Secret.from_code(record.account, ask_code(mistake))
            except ValueError as error:
                mistake = _(str(error))
                continue
            try:
                return secret.open(_SPARE, record.spare)
            except Forged:
                mistake = _("This is the recovery code of another account, or of older days")
        lost = _("The key of your messages is not in the system's keyring: unlock that first")
        raise StoreUnusable(f"{lost} ({mistake})" if mistake else lost)

    @property
    def _database(self) -> Path:
        return self.directory / "messages.db"

    def _vault(self, salt: str) -> Safe:
        """Return where in the keyring the key is; another one never takes its place."""
        return Safe(f"{self.name} messages {salt[:16]}", self.directory / "none")

    @property
    def _earlier_vault(self) -> Safe:
        return Safe(f"{self.name} messages", self.directory / "none")

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

    def log_out(self, client: "Client") -> bool:
        """Log out, and have this computer forget all that could log in again.

        What was said stays. Return whether the server knows: this is done offline, too.
        """
        try:
            client.ask(Logout())
            told = True
        except (NotOnline, LinkLost):
            told = False
        for name in ("token", "keys_since"):
            client.store.put(name, None)
        self.forget_password()
        return told

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


def system_name() -> str:
    """Return the name of the operating system's user as far as it is good for an account."""
    with contextlib.suppress(Exception):  # there may be none: getpass fails in its own ways
        name = getpass.getuser()[:MAX_NAME]
        with contextlib.suppress(BadRequest):
            check_account(name)
            return name
    return "me"
