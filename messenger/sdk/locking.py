"""The key of a profile's local databases: in the keyring, a passphrase's, or in a file."""

import contextlib
import logging
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock, Timeout

from messenger.crypto.accounts import Secret
from messenger.crypto.key_wrapping import WrongWrappingKey, unwrap, wrap
from messenger.crypto.passwords import derive_key
from messenger.crypto.signed import SignatureError
from messenger.files import private_directory
from messenger.sdk.cancelling import raise_if_cancelled
from messenger.sdk.errors import StoreUnusable
from messenger.sdk.file_errors import KeyLost, ProfileInUse, WrongKey, WrongSpareCode
from messenger.sdk.key_errors import WrongRecoveryCode
from messenger.sdk.password_store import PasswordStore, has_keyring
from messenger.sdk.profile_file import ProfileFile
from messenger.sdk.record import LockedBy, Record, Relocking
from messenger.sdk.store import Store
from messenger.sdk.store.engine import KEY_BYTES, change_key, key_beside, opens, put_key_beside

_logger = logging.getLogger("messenger.client")

MAX_PIPES = 8  # programs in pipes at a time; each is one more device of the account
_SALT_BYTES = 16  # RFC 9106 (3.1) recommends them for passwords
_TRIES = 3
_SPARE = "key of what is kept"  # part of the encryption's input: a change loses every spare key


AskCode = Callable[[Exception | None], str]
"""Returns the recovery code; its argument is what was wrong with the previous one."""


class Way(NamedTuple):
    """A way to open the databases: its kind, its salt (hexadecimal), and its key."""

    by: LockedBy
    salt: str
    key: bytes


class LockedProfile(ProfileFile):
    """A profile whose databases are encrypted.

    The way to open them can be changed. If a change is interrupted, each database opens with the
    old key or with the new one; the profile's file has a note of it, with each key wrapped by the
    other. It has more methods than other classes, because the change and the opening after an
    interrupted one are two halves of one procedure, which uses the same locks and files.
    """

    def __init__(self, directory: Path, name: str = "") -> None:
        super().__init__(directory, name)
        # Not thread-local: the user's commands run in another thread than the one that acquired it.
        self._lock = FileLock(directory / "lock", mode=0o600, thread_local=False)
        self._pipe_locks = [
            FileLock(directory / f"pipe-{number}.lock", mode=0o600, thread_local=False)
            for number in range(1, MAX_PIPES + 1)
        ]
        self._key: bytes | None = None

    # --- changing the key ----------------------------------------------------------------------

    def lock_new(self, passphrase: str = "") -> None:
        """Make the key of a new profile: from the passphrase, else in the keyring, else in a file.

        An existing database keeps its key. Raises StoreUnusable.
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
        """Encrypt the databases with a new key of this kind; raises StoreUnusable.

        `opened` is the profile's database, if it is open. The old key no longer opens anything.
        After a crash each database opens with the old key or the new one.
        """
        record = self.record
        assert record is not None
        # A new key in the same place would protect nothing better.
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
        """Return a way with a new key; it is stored before anything is encrypted with it."""
        salt = secrets.token_bytes(_SALT_BYTES)
        if by == "passphrase":
            derived = derive_key(passphrase, salt)
            raise_if_cancelled()  # From here on a change is not interrupted.
            return Way(by, salt.hex(), derived)
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
        """Write both keys to the profile's file, each wrapped by the other, before the change."""
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
            # Some may be changed already. If this fails, too, `unlock` continues at the next start.
            self._encrypt_all(old, new, opened)
            self._settle_on(old, new)
            raise

    def _encrypt_all(self, way: Way, before: Way, opened: Store | None = None) -> None:
        """Encrypt with `way` each database that still opens with `before`."""
        for file in self._files:
            key = key_beside(file) if way.by == "file" else way.key
            if opened is not None and file == self._database:
                opened.change_key(key)
            elif not opens(file, key):
                # A database that opens with the new key was changed before a crash.
                self._change_key(file, key_beside(file) if before.by == "file" else before.key, key)

    def _change_key(self, file: Path, old: bytes, new: bytes) -> None:
        if opens(file, old):
            change_key(file, old, new)
        else:  # It was damaged before: that must not prevent the change of the others.
            _logger.warning("No key opens the database %s: it is left unchanged", file)

    def _settle_on(self, way: Way, other: Way) -> None:
        """Make `way` the only one: write it to the profile's file, then delete the other's key."""
        record = self.record
        assert record is not None
        if (way.by, way.salt) != (record.locked_by, record.salt):
            # The spare key was the old key: `keep_spare` stores the new one.
            record.locked_by, record.salt, record.spare = way.by, way.salt, ""
        record.relocking = None
        # Each database has a file with a key of its own.
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
        """Lock the databases against other programs; StoreUnusable if one uses them."""
        with self._writing(self.directory), contextlib.ExitStack() as held:
            private_directory(self.directory)
            try:
                # FileLock counts: one that this program holds already stays held afterwards.
                for lock in (self._lock, *self._pipe_locks):
                    held.enter_context(lock.acquire(timeout=0))
            except Timeout as error:
                raise ProfileInUse from error
            yield

    # --- opening -------------------------------------------------------------------------------

    def unlock(self, ask: Callable[[], str], ask_code: AskCode) -> None:
        """Get the key of the databases, unless it is known already.

        `ask` returns the passphrase, `ask_code` the recovery code if the keyring has lost the key;
        its argument is what was wrong with the previous one, if any. Raises StoreUnusable.
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
                with contextlib.suppress(OSError):  # The keyring may be locked or missing.
                    self._vault(record.salt).put("keyring", self._key.hex())
        elif record.locked_by == "passphrase":
            self._key = self._key_of_passphrase(record.salt, ask)

    def _key_of_passphrase(self, salt: str, ask: Callable[[], str]) -> bytes:
        for _try in range(_TRIES):
            key = derive_key(ask(), bytes.fromhex(salt))
            raise_if_cancelled()
            with contextlib.suppress(WrongKey):
                Store(self._database, key).close()
                return key
        raise WrongKey(self._database)

    def _found_way(
        self, record: Record, change: Relocking, ask: Callable[[], str], ask_code: AskCode
    ) -> tuple[Way, Way]:
        """Return the way that the user can still open and the other one, with their keys.

        The passphrase is not asked for if the other way needs none.
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

    # --- the keyring, and a spare key in case it is lost ---------------------------------------

    def keep_spare(self, store: Store) -> None:
        """Store the key encrypted for the recovery code, in case the keyring is lost."""
        record, secret = self.record, store.get("secret")
        if record is None or record.locked_by != "keyring" or secret is None:
            return
        assert self._key is not None
        encryption = Secret(record.account, bytes.fromhex(secret))
        try:
            encryption.decrypt(_SPARE, record.spare)
        except SignatureError:  # There is none, or it is for an earlier recovery code.
            record.spare = encryption.encrypt(_SPARE, self._key)
            self.save()

    def _spare_key(self, record: Record, ask_code: AskCode) -> bytes:
        mistake: Exception | None = None
        for _try in range(_TRIES if record.spare else 0):
            try:
                secret = Secret.from_code(record.account, ask_code(mistake))
            except ValueError as error:
                mistake = error
                continue
            try:
                return secret.decrypt(_SPARE, record.spare)
            except SignatureError:
                mistake = WrongRecoveryCode()
        raise KeyLost if mistake is None else WrongSpareCode(mistake)

    @property
    def _database(self) -> Path:
        return self.directory / "messages.db"

    @property
    def _files(self) -> list[Path]:
        """The databases that hold anything, of the profile and of its pipes."""
        return [file for file in self.directory.glob("*.db") if file.stat().st_size]

    def _vault(self, salt: str) -> PasswordStore:
        """Return the keyring's entry for a key.

        Its name has the salt, so that a new key never overwrites one that may still be needed.
        """
        return PasswordStore(f"{self.name} messages {salt[:16]}", self.directory / "none")

    @property
    def _earlier_vault(self) -> PasswordStore:
        return PasswordStore(f"{self.name} messages", self.directory / "none")


_Side = tuple[LockedBy, str, str]


def _both(one: _Side, other: _Side, key: bytes) -> tuple[Way, Way] | None:
    """Return both ways if this is the key of the first, which unwraps that of the second."""
    try:
        return Way(one[0], one[1], key), Way(other[0], other[1], unwrap(one[2], key))
    except WrongWrappingKey:
        return None
