"""Makes the data directory ready for a start: locked, whole, and with a log."""

import logging
from contextlib import ExitStack
from typing import NamedTuple

from messenger.files import private_directory
from messenger.language import _
from messenger.log.server_log_config import configure
from messenger.server.backup.orders import RestoreOutcome
from messenger.server.config import Settings
from messenger.server.errors import CannotStart
from messenger.server.interrupted_restoration import put_back
from messenger.server.running_state import remove_state
from messenger.server.store.directory_lock import DirectoryLock
from messenger.system_errors import reason_of

_logger = logging.getLogger("messenger.server")


class PreparedDirectory(NamedTuple):
    """The lock of the directory, and the restoration that was interrupted and undone, if any."""

    lock: DirectoryLock
    undone: RestoreOutcome | None


def prepare_directory(
    settings: Settings, opened: ExitStack, inherited: int | None = None, patience: float = 0.0
) -> PreparedDirectory:
    """Create and lock the data directory, put back what is left to be, log there.

    `inherited` is the descriptor of the lock if the server before in this process has held it, and
    `patience` is as for `open_database`. Raises CannotStart.
    """
    data = settings.data
    try:
        private_directory(data)
        lock = DirectoryLock(data, inherited)
        opened.callback(lock.release)
        remove_state(data)
        opened.callback(remove_state, data)
        # First: the log may have been moved aside, too.
        undone = put_back(settings, patience)
        configure(data / "log", settings.log_level, keep_days=settings.log_days)
    except OSError as error:
        raise CannotStart(
            _(
                "The directory {data} cannot be used ({reason}): choose another",
                data=error.filename or data,
                reason=reason_of(error),
            ),
            setting="data",
        ) from error
    if undone is not None:
        _logger.error("%s", undone.failure)
    return PreparedDirectory(lock, undone)
