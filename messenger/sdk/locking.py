"""What opens a profile's local databases: a key in the keyring, a passphrase, or a file beside."""

import contextlib
import logging
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock, Timeout

from messenger.crypto.accounts import Secret
from messenger.crypto.passwords import derive_key
from messenger.crypto.signed import SignatureError
from messenger.crypto.wrapping import WrongWrappingKey, unwrap, wrap
from messenger.files import private_directory
from messenger.language import _
from messenger.sdk.errors import StoreUnusable, WrongKey
from messenger.sdk.password_store import PasswordStore, has_keyring
from messenger.sdk.profile_file import ProfileFile
from messenger.sdk.record import LockedBy, Record, Relocking
from messenger.sdk.store import Store
from messenger.sdk.store.engine import KEY_BYTES, change_key, key_beside, opens, put_key_beside

_logger = logging.getLogger("messenger.client")

MAX_PIPES = 8
_SALT_BYTES = 16
_TRIES = 3
_SPARE = "key of what is kept"


class Way(NamedTuple):
    """A way to open the databases: what it is, its salt (hexadecimal), and its key."""

    by: LockedBy
    salt: str
    key: bytes


class LockedProfile(ProfileFile):
    """A profile whose databases are encrypted.

    The way to open them can be changed. Where that is cut short each database opens by the old key
    or by the new one; the profile's file says so, and has each of the keys wrapped by the other.
    """

    def __init__(self, directory: Path, name: str = "") -> None:
        super().__init__(directory, name)
        # Not of a thread: a user's commands run in another one than that which has taken it.
        self._lock = FileLock(directory / "lock", mode=0o600, thread_local=False)
        self._pipe_locks = [
            FileLock(directory / f"pipe-{number}.lock", mode=0o600, thread_local=False)
            for number in range(1, MAX_PIPES + 1)
        ]
        self._key: bytes | None = None

    # --- changing the way ----------------------------------------------------------------------

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

        `opened` is the profile's database, if it is open. What has opened the databases so far does
        not open what they are from now on. After a crash they open by the old way or the new one.
        """
        record = self.record
        assert record is not None
        if by == record.locked_by == "file":
            return
        with self._alone():
            new = self._new_way(by, passphrase)
            old = Way(record.locked_by, record.salt, self._key or b"")
            if self._files:
                old = old._replace(key=self._key or key_beside(self._database))
                self._note_change(record, old, new)
                self._change_keys(old, new, opened)
            self._settle_on(new, old)

    def _new_way(self, by: LockedBy, passphrase: str) -> Way:
        """Return a way with a key that has never opened anything."""
        salt = secrets.token_bytes(_SALT_BYTES)
        if by == "passphrase":
            return Way(by, salt.hex(), derive_key(passphrase, salt))
        key = secrets.token_bytes(KEY_BYTES)
        with self._writing(self._database):
            if by == "keyring":
                self._vault(salt.hex()).put("keyring", key.hex())
            if by == "file":
                self._forget_keys_beside()
                for file in self._files:
                    put_key_beside(file, key)
        return Way(by, salt.hex(), key)

    def _note_change(self, record: Record, old: Way, new: Way) -> None:
        """Write down, before any database changes, how each key is had from the other."""
        wrapped = wrap(new.key, old.key), wrap(old.key, new.key)
        record.relocking = Relocking(new.by, new.salt, *wrapped)
        try:
            self.save()
        except StoreUnusable:
            record.relocking = None
            raise

    def _change_keys(self, old: Way, new: Way, opened: Store | None) -> None:
        try:
            self._encrypt_all(new, old, opened)
        except StoreUnusable:
            # Some are done, perhaps. Where this fails, too, the next start sees to it.
            self._encrypt_all(old, new, opened)
            self._settle_on(old, new)
            raise

    def _encrypt_all(self, way: Way, before: Way, opened: Store | None = None) -> None:
        """Encrypt by a way's key each database that another way opens as yet."""
        for file in self._files:
            key = key_beside(file) if way.by == "file" else way.key
            if opened is not None and file == self._database:
                opened.change_key(key)
            elif not opens(file, key):
                self._change_key(file, key_beside(file) if before.by == "file" else before.key, key)

    def _change_key(self, file: Path, old: bytes, new: bytes) -> None:
        if opens(file, old):
            change_key(file, old, new)
        else:  # It was damaged before: the others are not held up by that.
            _logger.warning("No key opens the database %s: it is left as it is", file)

    def _settle_on(self, way: Way, other: Way) -> None:
        """Have the profile's file name the way that opens everything; forget the other one."""
        record = self.record
        assert record is not None
        if (way.by, way.salt) != (record.locked_by, record.salt):
            record.locked_by, record.salt, record.spare = way.by, way.salt, ""
        record.relocking = None
        self._key = way.key if way.by != "file" else None
        self.save()
        if other.by == "keyring":
            self._vault(other.salt).forget("keyring")
        if way.by != "file":
            self._forget_keys_beside()

    def _forget_keys_beside(self) -> None:
        for beside in self.directory.glob("*.db.key"):
            beside.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other programs away from the databases; StoreUnusable where one uses them."""
        with self._writing(self.directory), contextlib.ExitStack() as held:
            private_directory(self.directory)
            try:
                for lock in (self._lock, *self._pipe_locks):
                    held.enter_context(lock.acquire(timeout=0))
            except Timeout as error:
                raise StoreUnusable(
                    _("Another program uses this profile: end it, then try again")
                ) from error
            yield

    # --- opening -------------------------------------------------------------------------------

    def unlock(self, ask: Callable[[], str], ask_code: Callable[[str], str]) -> None:
        """Get the key of what is kept, unless it is known already.

        `ask` returns the passphrase, where there is one, `ask_code` the recovery code where the
        keyring has lost the key; it gets what was wrong with the one before. Raises StoreUnusable.
        """
        record = self.record
        if record is None:
            return
        if record.relocking is not None:
            with self._alone():
                way, other = self._found_way(record, record.relocking, ask, ask_code)
                self._encrypt_all(way, other)
                self._settle_on(way, other)
        elif self._key is not None:
            return
        elif record.locked_by == "keyring":
            self._key = self._key_in_keyring(record.salt)
            if self._key is None:
                self._key = self._spare_key(record, ask_code)
                with contextlib.suppress(OSError):  # It may be locked, or not be there at all.
                    self._vault(record.salt).put("keyring", self._key.hex())
        elif record.locked_by == "passphrase":
            self._key = self._key_of_passphrase(record.salt, ask)

    def _key_of_passphrase(self, salt: str, ask: Callable[[], str]) -> bytes:
        for _try in range(_TRIES):
            key = derive_key(ask(), bytes.fromhex(salt))
            with contextlib.suppress(WrongKey):
                Store(self._database, key).close()
                return key
        raise WrongKey(self._database)

    def _found_way(
        self,
        record: Record,
        change: Relocking,
        ask: Callable[[], str],
        ask_code: Callable[[str], str],
    ) -> tuple[Way, Way]:
        """Return the way that the user can still open, with its key, and the other one with its.

        A passphrase is not asked for where the other way does without.
        """
        new = change.to, change.salt, change.old_by_new
        old = record.locked_by, record.salt, change.new_by_old
        for one, other in ((new, old), (old, new)):
            key = self._key_without_asking(one[0], one[1])
            if key is not None and (found := _both(one, other, key)):
                return found
        if "passphrase" not in (change.to, record.locked_by):
            found = _both(old, new, self._spare_key(record, ask_code))
            if found:
                return found
            raise WrongKey(self._database)
        for _try in range(_TRIES):
            passphrase = ask()
            for one, other in ((new, old), (old, new)):
                key = derive_key(passphrase, bytes.fromhex(one[1]))
                if one[0] == "passphrase" and (found := _both(one, other, key)):
                    return found
        raise WrongKey(self._database)

    def _key_without_asking(self, by: LockedBy, salt: str) -> bytes | None:
        if by == "keyring":
            return self._key_in_keyring(salt)
        with contextlib.suppress(StoreUnusable, OSError):
            return key_beside(self._database) if by == "file" else None
        return None

    def _key_in_keyring(self, salt: str) -> bytes | None:
        found = self._vault(salt).get("keyring") or self._earlier_vault.get("keyring")
        return bytes.fromhex(found) if found else None

    # --- the keyring, and a spare key for the day that it is lost --------------------------------

    def keep_spare(self, store: Store) -> None:
        """Let the recovery code open what is kept, should the keyring be lost."""
        record, secret = self.record, store.get("secret")
        if record is None or record.locked_by != "keyring" or secret is None:
            return
        assert self._key is not None
        encryption = Secret(record.account, bytes.fromhex(secret))
        try:
            encryption.decrypt(_SPARE, record.spare)
        except SignatureError:  # There is none, or one that an earlier recovery code opens.
            record.spare = encryption.encrypt(_SPARE, self._key)
            self.save()

    def _spare_key(self, record: Record, ask_code: Callable[[str], str]) -> bytes:
        mistake = ""
        for _try in range(_TRIES if record.spare else 0):
            try:
                secret = Secret.from_code(record.account, ask_code(mistake))
            except ValueError as error:
                mistake = _(str(error))
                continue
            try:
                return secret.decrypt(_SPARE, record.spare)
            except SignatureError:
                mistake = _("This is the recovery code of another account, or of older days")
        lost = _("The key of your messages is not in the system's keyring: unlock that first")
        raise StoreUnusable(f"{lost} ({mistake})" if mistake else lost)

    @property
    def _database(self) -> Path:
        return self.directory / "messages.db"

    @property
    def _files(self) -> list[Path]:
        """The databases that hold anything, of the profile and of its pipes."""
        return [file for file in self.directory.glob("*.db") if file.stat().st_size]

    def _vault(self, salt: str) -> PasswordStore:
        """Return where in the keyring the key is; another one never takes its place."""
        return PasswordStore(f"{self.name} messages {salt[:16]}", self.directory / "none")

    @property
    def _earlier_vault(self) -> PasswordStore:
        return PasswordStore(f"{self.name} messages", self.directory / "none")


_Side = tuple[LockedBy, str, str]


def _both(one: _Side, other: _Side, key: bytes) -> tuple[Way, Way] | None:
    """Return both ways, where this is the key of the first, which has the second's wrapped."""
    try:
        return Way(one[0], one[1], key), Way(other[0], other[1], unwrap(one[2], key))
    except WrongWrappingKey:
        return None
