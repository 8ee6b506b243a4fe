"""The lock of a server's directory, which keeps other servers out of it."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from messenger.language import _
from messenger.server.store.backend import DatabaseUnusable
from messenger.server.store.location import LOCK_FILE

# A command that looks whether a server runs holds the lock for a moment (`is_locked`).
_PATIENCE = 0.2  # seconds
_INTERVAL = 0.02  # seconds


class DirectoryLock:
    """Holds the lock until it is released, or until the process ends.

    The program that takes the place of this one in its process (execve(2)) can hold it without a
    gap: it gets what `hand_over` returns as `inherited`.
    """

    def __init__(self, directory: Path, inherited: int | None = None) -> None:
        """Lock the directory; raises DatabaseUnusable if another server holds the lock."""
        self._descriptor: int | None = None
        self._unlock = self._close
        file = directory / LOCK_FILE
        if sys.platform == "win32":
            self._unlock = _lock_by_name(directory, file)
        elif inherited is not None and _is_same(inherited, file):
            os.set_inheritable(inherited, False)  # not for the programs that this one starts
            self._descriptor = inherited
        else:
            if inherited is not None:  # another directory is configured now
                os.close(inherited)
            self._descriptor = _lock(directory, file)

    def release(self) -> None:
        """Unlock the directory, unless the lock was handed over."""
        self._unlock()

    def hand_over(self) -> int | None:
        """Keep the lock for the next program in this process; return its file descriptor."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.set_inheritable(descriptor, True)
        return descriptor

    def _close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def lock_file(directory: Path) -> Callable[[], None]:
    """Lock the directory against other servers; return the function that unlocks it.

    Raises DatabaseUnusable if another server holds the lock.
    """
    return DirectoryLock(directory).release


def is_locked(directory: Path) -> bool:
    """Tell whether a server, or a copy, holds the lock of the directory now.

    It creates nothing. Raises OSError if that cannot be known.
    """
    file = directory / LOCK_FILE
    if not file.exists():
        return False  # trying would create it
    if sys.platform == "win32":
        return _is_refused(directory)
    import fcntl

    with file.open("rb") as opened:
        try:
            # Shared: others may look at the same time. A server that starts waits (`_lock`).
            fcntl.flock(opened, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _lock(directory: Path, file: Path) -> int:
    """Return the descriptor of the file that is locked."""
    import fcntl

    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() < end:
                time.sleep(_INTERVAL)
                continue
            os.close(descriptor)
            raise _in_use(directory) from None
        except OSError:
            os.close(descriptor)
            raise
        return descriptor


def _lock_by_name(directory: Path, file: Path) -> Callable[[], None]:
    """Lock the file where descriptors have no locks (Windows)."""
    from filelock import FileLock, Timeout

    lock = FileLock(file, mode=0o600)
    try:
        lock.acquire(timeout=_PATIENCE, poll_interval=_INTERVAL)
    except Timeout as error:
        raise _in_use(directory) from error
    return lock.release


def _is_same(descriptor: int, file: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), file.stat())
    except OSError:
        return False


def _in_use(directory: Path) -> DatabaseUnusable:
    return DatabaseUnusable(
        _(
            "Another server uses {directory}: stop it, or choose another directory",
            directory=directory,
        ),
        setting="data",
    )


def _is_refused(directory: Path) -> bool:
    try:
        lock_file(directory)()
    except DatabaseUnusable:
        return True
    return False
