"""The default store of programs: a small encrypted database with the keys of the device."""

import contextlib
import logging
from pathlib import Path

from filelock import FileLock, Timeout
from platformdirs import user_data_path

from messenger.files import private_directory
from messenger.sdk.credentials import Credentials
from messenger.sdk.directories import find_directory
from messenger.sdk.file_errors import TooManyPrograms
from messenger.sdk.store import Store
from messenger.system_errors import reason_of

_logger = logging.getLogger("messenger.client")

_MAX_PROGRAMS = 8  # at the same time; each is one more device of the account
_EPHEMERAL = (
    "%s keeps nothing (%s): each start is a new device, which cannot read encrypted messages until "
    "it is approved. Give the client a store, or its recovery code in MESSENGER_RECOVERY_CODE"
)


class DeviceStore(Store):
    """A store whose keys persist, and whose messages are deleted at each start.

    One program at a time uses it: two with the same device would break each other's sessions.
    """

    def __init__(self, file: Path, lock: FileLock) -> None:
        self._program_lock = lock
        super().__init__(file, forgetful=True)

    def release(self) -> None:
        """Let another program use this device."""
        self._program_lock.release()


def store_for(credentials: Credentials, address: str, port: int) -> Store:
    """Return the default store: a file for an account, memory for a guest.

    Programs that run at the same time are different devices. If no file can be used, for whatever
    reason, the store is in memory, and a warning is logged.
    """
    if credentials.password is None:
        return Store()
    try:
        devices = user_data_path("messenger", False) / "devices"
        return _claimed(find_directory(devices, f"{credentials.name}@{address}_{port}"))
    except Exception as error:  # a bot must start, whatever is wrong with the user's data
        reason = reason_of(error)
        _logger.warning(_EPHEMERAL, credentials.name, reason)
        return Store()


def _claimed(directory: Path) -> DeviceStore:
    private_directory(directory)
    for number in range(1, _MAX_PROGRAMS + 1):
        lock = FileLock(directory / f"{number}.lock", mode=0o600)
        with contextlib.suppress(Timeout):
            # Without waiting: the next number may be free.
            lock.acquire(timeout=0)
            try:
                return DeviceStore(directory / f"{number}.db", lock)
            # After Ctrl+C, too: this process would keep others from the device until its end.
            except BaseException:
                lock.release()
                raise
    raise TooManyPrograms(_MAX_PROGRAMS)
