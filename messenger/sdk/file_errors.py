"""Why the local database, a profile or a backup cannot be used."""

from dataclasses import dataclass
from pathlib import Path

from messenger.sdk.errors import StoreUnusable


@dataclass(eq=False)
class WrongKey(StoreUnusable):
    """The local database does not open with this key, or its first page is damaged."""

    sentence = (
        "The local database {file} does not open: the passphrase or key is wrong, or it is "
        "damaged. Try again, or move the file away to begin anew"
    )
    file: Path | None


@dataclass(eq=False)
class KeyMissing(StoreUnusable):
    """The file with the key of a database is missing or damaged."""

    sentence = (
        "The key of {database} is missing from {file}: put it back, or move the database away to "
        "start over"
    )
    database: Path
    file: str


@dataclass(eq=False)
class NewerDatabase(StoreUnusable):
    """A later version of the program has changed the database's schema."""

    sentence = (
        "The local database {file} was created by a newer version of Messenger: install that "
        "version"
    )
    file: Path | None


@dataclass(eq=False)
class DatabaseDamaged(StoreUnusable):
    """SQLite reports a damaged database."""

    sentence = (
        "The local database is damaged ({reason}): restore it from a backup, or move it away to "
        "start over"
    )
    reason: str


@dataclass(eq=False)
class DatabaseUnusable(StoreUnusable):
    """SQLite reports another error, such as a full disk: it may pass."""

    sentence = "The local database cannot be used now: {reason}"
    reason: str


@dataclass(eq=False)
class FileUnwritable(StoreUnusable):
    """A file or directory cannot be written, for the operating system's `reason`."""

    sentence = "{file} cannot be written ({reason})"
    file: Path
    reason: str


@dataclass(eq=False)
class FileDamaged(StoreUnusable):
    """A page of an encrypted file is damaged."""

    sentence = "{file} is damaged: take another copy of it"
    file: Path


# --- profiles ----------------------------------------------------------------------------------


@dataclass(eq=False)
class ProfileUnreadable(StoreUnusable):
    """A profile's file cannot be read, or has invalid content."""

    sentence = "The profile {file} cannot be read ({reason}): correct it, or move it away"
    file: Path
    reason: str


class ProfileInUse(StoreUnusable):
    """Another program has the profile's database open."""

    sentence = "Another program uses this profile: end it, then try again"


@dataclass(eq=False)
class TooManyPipes(StoreUnusable):
    """As many programs as can use a profile do."""

    sentence = "{count} programs use this profile already: end one first"
    count: int


@dataclass(eq=False)
class TooManyPrograms(StoreUnusable):
    """As many programs as can use an account on one computer do."""

    sentence = "{count} programs already use this account on this computer: end one first"
    count: int


class KeyLost(StoreUnusable):
    """The system's keyring is locked, or has lost the key."""

    sentence = "The key of your messages is not in the system's keyring: unlock that first"


@dataclass(eq=False)
class WrongSpareCode(KeyLost):
    """The keyring has no key, and the recovery code does not help."""

    sentence = (
        "The key of your messages is not in the system's keyring: unlock that first ({mistake})"
    )
    mistake: Exception


# --- backups -----------------------------------------------------------------------------------


class BackupUnusable(StoreUnusable):
    """A backup cannot be written or read."""


@dataclass(eq=False)
class FileExists(BackupUnusable):
    """A backup never replaces a file."""

    sentence = "{file} exists already: choose another name"
    file: Path


@dataclass(eq=False)
class NoDirectory(BackupUnusable):
    """A backup never creates a directory."""

    sentence = "There is no directory {directory}: create it first"
    directory: Path


@dataclass(eq=False)
class BackupUnwritable(BackupUnusable):
    """The backup's file cannot be written, for the operating system's `reason`."""

    sentence = "{file} cannot be written ({reason})"
    file: Path
    reason: str


@dataclass(eq=False)
class BackupUnreadable(BackupUnusable):
    """The backup's file cannot be read, for the operating system's `reason`."""

    sentence = "{file} cannot be read ({reason})"
    file: Path
    reason: str


@dataclass(eq=False)
class WrongPassphrase(BackupUnusable):
    """The backup does not open with this passphrase, or is none."""

    sentence = "{file} does not open: the passphrase is wrong, or it is no backup"
    file: Path
