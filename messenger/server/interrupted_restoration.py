"""Undoes a restoration that was interrupted by a kill, before the data is used."""

from messenger.language import _
from messenger.server.backup import replacement
from messenger.server.backup.orders import RestoreOutcome
from messenger.server.config import Settings


def put_back(settings: Settings, patience: float) -> RestoreOutcome | None:
    """Undo a restoration that was interrupted, of which the outcome is returned, if there was one.

    The caller has the directory's lock; `patience` is as for the start. Raises CannotStart and
    OSError.
    """
    name = replacement.put_back(settings.data, settings.database, patience)
    if not name:
        return None
    failure = _(
        "{name} was not restored: the restoration was interrupted, and everything is as it was "
        "before. Restore it again",
        name=name,
    )
    return RestoreOutcome(name, failure=failure)
