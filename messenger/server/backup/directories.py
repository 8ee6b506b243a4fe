"""A directory of data that is restored: locked, filled aside, and what was in it moved aside."""

import shutil
from collections.abc import Callable, Collection
from contextlib import ExitStack
from pathlib import Path

from messenger.files import private_directory, sync_directory
from messenger.language import _
from messenger.server.backup import manifest
from messenger.server.backup.errors import BackupFailed
from messenger.server.store.directory_lock import lock_file

_STAGED = ".restoring"
_ASIDE = "before-restore-"
# No part of a server's state: the lock's file, backups, and what earlier restorations have moved.
_STAYING = ("server.lock", "backups", _STAGED)


class DataDirectory:
    """The directory of a server that does not run; it is created if it does not exist.

    No server starts in it until it is closed. `stamp` names what is moved aside.
    """

    def __init__(
        self, data: Path, stamp: str, stays: Collection[str] = (), *, is_locked: bool = False
    ) -> None:
        """Lock it, unless the caller has done so; raises DatabaseUnusable if a server uses it.

        What has one of the names in `stays` is left as it is. Raises OSError, too.
        """
        self._data = data
        self._stays = {*_STAYING, *stays}
        self._aside = data / f"{_ASIDE}{stamp}"
        self._staged = data / _STAGED
        private_directory(data)
        self._unlock: Callable[[], None] = _nothing if is_locked else lock_file(data)

    def close(self) -> None:
        """Remove what is unfinished, and unlock it."""
        shutil.rmtree(self._staged, ignore_errors=True)
        self._unlock()

    def check_empty(self) -> None:
        """Raise BackupFailed if a server was run in it."""
        if self._entries():
            raise BackupFailed(
                _(
                    "The directory {data} is not empty: choose another one, or have what is in it "
                    "moved aside",
                    data=self._data,
                ),
                setting="replace",
            )

    def stage(self) -> Path:
        """Return an empty directory for what is restored, on the same disk."""
        shutil.rmtree(self._staged, ignore_errors=True)
        private_directory(self._staged)
        return self._staged

    def put_staged(self) -> Path | None:
        """Move what is in the directory aside, and what is staged to its place.

        Return where the former is, None if there was nothing. Raises OSError; all of it is then
        where it was.
        """
        entries = self._entries()
        if entries:
            private_directory(self._aside)
        # The database last: without it a server would start, but not without the key.
        staged = sorted(self._staged.iterdir(), key=lambda file: file.name == manifest.DATABASE)
        moves = [(entry, self._aside / entry.name) for entry in entries]
        moves += [(file, self._data / file.name) for file in staged if file.name not in self._stays]
        with ExitStack() as undone:
            for old, new in moves:
                old.rename(new)
                undone.callback(new.rename, old)
            sync_directory(self._data)
            undone.pop_all()
        return self._aside if entries else None

    def _entries(self) -> list[Path]:
        return [
            entry
            for entry in self._data.iterdir()
            if entry.name not in self._stays and not entry.name.startswith(_ASIDE)
        ]


def _nothing() -> None:
    """Do nothing."""
