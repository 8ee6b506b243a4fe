"""A directory of data that is restored: locked, filled aside, and what was in it moved aside."""

import shutil
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

    def __init__(self, data: Path, stamp: str) -> None:
        """Lock it; raises DatabaseUnusable if a server uses it, and OSError."""
        self._data = data
        self._aside = data / f"{_ASIDE}{stamp}"
        self._staged = data / _STAGED
        private_directory(data)
        self._unlock = lock_file(data)

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

        Return where the former is, None if there was nothing. Raises OSError.
        """
        entries = self._entries()
        if entries:
            private_directory(self._aside)
        for entry in entries:
            entry.rename(self._aside / entry.name)
        # The database last: without it a server would start, but not without the key.
        staged = sorted(self._staged.iterdir(), key=lambda file: file.name == manifest.DATABASE)
        for file in staged:
            file.rename(self._data / file.name)
        sync_directory(self._data)
        return self._aside if entries else None

    def _entries(self) -> list[Path]:
        return [
            entry
            for entry in self._data.iterdir()
            if entry.name not in _STAYING and not entry.name.startswith(_ASIDE)
        ]
