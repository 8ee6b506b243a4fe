"""Where a program that names no store keeps its device: in a small encrypted database."""

import contextlib
import logging
from pathlib import Path

from filelock import FileLock, Timeout
from platformdirs import user_data_path

from messenger.files import private_directory
from messenger.language import N_, _
from messenger.sdk.directories import find_directory
from messenger.sdk.errors import StoreUnusable
from messenger.sdk.login import Credentials
from messenger.sdk.store import Store

_logger = logging.getLogger("messenger.client")

_MAX_PROGRAMS = 8
_EPHEMERAL = N_(
    "{name} keeps nothing ({reason}): each start is a new device, which cannot read encrypted "
    "messages until it is approved. Give the client a store, or its recovery code in "
    "MESSENGER_RECOVERY_CODE"
)


class DeviceStore(Store):
    """Keeps keys from one start to the next, and begins without messages.

    One program at a time has it: two that are the same device break each other's sessions.
    """

    def __init__(self, file: Path, lock: FileLock) -> None:
        self._program_lock = lock
        super().__init__(file, forgetful=True)

    def release(self) -> None:
        """Let the next program be this device."""
        self._program_lock.release()


def store_for(credentials: Credentials, address: str, port: int) -> Store:
    """Return the store of a program that names none: a file for an account, memory for a guest.

    Programs that run at the same time are devices of their own. Where no file can be had, whatever
    the reason, the store is in memory, and a warning is logged.
    """
    if credentials.password is None:
        return Store()
    try:
        devices = user_data_path("messenger", False) / "devices"
        return _claimed(find_directory(devices, f"{credentials.name}@{address}_{port}"))
    except Exception as error:  # the program goes on, whatever is wrong with the user's data
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        _logger.warning(_(_EPHEMERAL, name=credentials.name, reason=reason))
        return Store()


def _claimed(directory: Path) -> DeviceStore:
    private_directory(directory)
    for number in range(1, _MAX_PROGRAMS + 1):
        lock = FileLock(directory / f"{number}.lock", mode=0o600)
        with contextlib.suppress(Timeout):
            lock.acquire(timeout=0)
            try:
                return DeviceStore(directory / f"{number}.db", lock)
            except BaseException:
                lock.release()
                raise
    raise StoreUnusable(
        _("{count} programs use this account here already: end one first", count=_MAX_PROGRAMS)
    )
