"""A directory of data that is restored: locked, filled aside, and what was in it moved aside."""

import shutil
from collections.abc import Callable, Collection
from pathlib import Path

from messenger.files import private_directory
from messenger.language import _
from messenger.server.backup.errors import BackupFailed
from messenger.server.backup.replacement import NOTE, STAGED, Move, Replacement
from messenger.server.store.directory_lock import lock_file

_ASIDE = "before-restore-"
# No part of a server's state: the lock's file, backups, and what earlier restorations have moved.
_STAYING = ("server.lock", "backups", STAGED, NOTE)


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
        self._staged = data / STAGED
        private_directory(data)
        self._unlock: Callable[[], None] = _nothing if is_locked else lock_file(data)

    def close(self) -> None:
        """Remove what is unfinished, unless it has still to be put back, and unlock it."""
        if not (self._data / NOTE).exists():
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

    def name_within(self, file: Path) -> Path | None:
        """Return the path of a file from the directory, None if it is not there, or stays."""
        file, data = file.parent.resolve() / file.name, self._data.resolve()
        if not file.is_relative_to(data) or self._is_left(file.relative_to(data).parts[0]):
            return None
        return file.relative_to(data)

    def put_staged(
        self, replacement: Replacement, aside: Collection[Move] = (), placed: Collection[Move] = ()
    ) -> Path | None:
        """Move what is in the directory aside, and what is staged to its place; others, too.

        Return where the former is, None if there was nothing. Raises OSError; `put_back` then moves
        all of it to where it was.
        """
        entries = self._entries()
        if entries:
            private_directory(self._aside)
        replacement.carry_out(
            self._data,
            [*aside, *((entry, self._aside / entry.name) for entry in entries)],
            [*placed, *((file, self._data / file.name) for file in self._to_place())],
        )
        return self._aside if entries else None

    def _to_place(self) -> list[Path]:
        return [file for file in self._staged.iterdir() if not self._is_left(file.name)]

    def _entries(self) -> list[Path]:
        return [entry for entry in self._data.iterdir() if not self._is_left(entry.name)]

    def _is_left(self, name: str) -> bool:
        return name in self._stays or name.startswith(_ASIDE)


def _nothing() -> None:
    """Do nothing."""
