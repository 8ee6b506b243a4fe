"""An administrator's order to restore a backup, and what came of it: as data."""

from pathlib import Path
from typing import NamedTuple

import msgspec

from messenger.jim.errors import NotFound
from messenger.server.store.audit import Change

ACTION = "admin_restore"
"""What is done, for the audit log."""


class RestoreOrder(NamedTuple):
    """Which backup is to be restored into which directory, and who wants it, from where."""

    backup: Path
    data: Path
    actor: str
    origin: str

    def note(self) -> Change[None]:
        """Return what the audit log says of it; raises NotFound if the backup is gone."""
        try:
            size = self.backup.stat().st_size
        except FileNotFoundError as error:
            raise NotFound("There is no backup {name}", name=self.backup.name) from error
        return Change(None, {"size": size}, None)


class RestoreOutcome(msgspec.Struct, frozen=True):
    """What became of a backup: where the data before are, or why these are in use again."""

    backup: str
    moved: str = ""
    failure: str = ""
