"""Backups of the server, as administrators make, list and verify them."""

from typing import Literal

from msgspec import Struct, field

from messenger.jim.base import Reply, Request
from messenger.jim.fields import Name, Number

BackupWork = Literal["", "backup", "verification"]
"""What is done now; empty for nothing."""

BackupPhase = Literal["", "copying", "checking", "packing", "unpacking", "writing", "comparing"]
"""How far it is: `done` of `total` of a phase."""


class BackupEntry(Struct, omit_defaults=True, kw_only=True):
    """A backup by its file's name: when it was made (unix time), its size in bytes.

    `verified` is when it was verified since the server's start, and `problem` what was wrong then.
    """

    backup: str
    made: float
    size: int
    verified: float | None = None
    problem: str = ""


class Backups(Reply):
    """The reply to `admin_backup` and `admin_backups`: the backups, the newest first, and progress.

    `number` counts what was done since the server's start, and `failure` says why the last of it
    failed, or why a backup could not be restored before the start. `restored` is the one with
    which the server has started instead, and `moved` where the data before are. Backups are made
    each `every` hours (0: never), and `keep` of them stay.
    """

    backups: list[BackupEntry] = field(default_factory=list)
    directory: str = ""
    every: float = 0
    keep: Number = 0
    work: BackupWork = ""
    number: Number = 0
    subject: str = ""
    phase: BackupPhase = ""
    done: Number = 0
    total: Number = 0
    failure: str = ""
    restored: str = ""
    moved: str = ""


class MakeBackup(Request[Backups], tag="admin_backup", kw_only=True):
    """Begin a backup; then ask by `admin_backups` how far it is."""

    answer = Backups


class ListBackups(Request[Backups], tag="admin_backups", kw_only=True):
    """List the backups, and tell how far the work on one is.

    `verify` is the name of a backup of which a verification is begun; `cancel` ends what is done.
    """

    answer = Backups
    verify: Name = ""
    cancel: bool = False
