"""Undoes a restoration that was interrupted by a kill, before the data is used."""

from pathlib import Path

from messenger.language import _
from messenger.server.backup import manifest, replacement
from messenger.server.backup.orders import RestoreOutcome
from messenger.server.config import Settings
from messenger.server.errors import CannotStart


def put_back(settings: Settings, patience: float) -> RestoreOutcome | None:
    """Undo a restoration that was interrupted, of which the outcome is returned, if there was one.

    The caller has the directory's lock; `patience` is as for the start. Raises CannotStart and
    OSError.
    """
    configuration = settings.data / manifest.CONFIGURATION
    read = _content(configuration)
    name = replacement.put_back(settings.data, settings.database, patience)
    if not name:
        return None
    if _content(configuration) != read:  # it was moved aside: these are not the server's settings
        raise CannotStart(
            _(
                "The restoration of {name} was interrupted, and everything is as it was before: "
                "start the server again",
                name=name,
            )
        )
    failure = _(
        "{name} was not restored: the restoration was interrupted, and everything is as it was "
        "before. Restore it again",
        name=name,
    )
    return RestoreOutcome(name, failure=failure)


def _content(file: Path) -> bytes | None:
    return file.read_bytes() if file.is_file() else None
