"""Restores a server's own backup while the server is stopped, at an administrator's order."""

import logging

from sqlalchemy import Connection

from messenger.language import _
from messenger.output import encodable
from messenger.server.backup.orders import ACTION, RestoreOrder, RestoreOutcome
from messenger.server.backup.progress import OnProgress, Phase, Progress
from messenger.server.backup.restoring import Kept, restore_backup
from messenger.server.errors import CannotStart
from messenger.server.settings.editor import SettingsEditor
from messenger.server.store import audit as audit_store

_logger = logging.getLogger("messenger.server")


def restore(order: RestoreOrder, editor: SettingsEditor, on_progress: OnProgress) -> RestoreOutcome:
    """Restore the backup for the next start of the server; the caller has its directory's lock.

    The settings stay as they are. Nothing is raised: if it fails, the data is as it was.
    """
    name = order.backup.name
    _logger.info("The backup %s is restored for %r", name, order.actor)
    try:
        settings = editor.layers().settings()
        if settings.data != order.data:  # which is not locked
            raise CannotStart(
                _("The server's directory is to be another one: restart the server first")
            )
        found = restore_backup(
            *(order.backup, settings.data, "", _logged(on_progress)),
            replaces=True,
            kept=Kept(settings, editor.path),
            note=lambda connection: _append(connection, order),
        )
    except CannotStart as error:
        reason = str(error)
    # Whatever it is: the server has to start again.
    except Exception as error:
        _logger.exception("Restoring a backup failed")
        reason = f"{type(error).__name__}: {error}"
    else:
        moved = ", ".join(found.moved)
        _logger.info("The backup %s is restored; the data before is in %s", name, moved)
        return RestoreOutcome(name, moved=encodable(moved))
    failure = _("{name} was not restored: {reason}", name=name, reason=reason)
    _logger.error("%s", failure)
    return RestoreOutcome(name, failure=encodable(failure))


def _append(connection: Connection, order: RestoreOrder) -> None:
    """Write the row of the audit log: that of the data before is not in the restored one."""
    change = order.note()
    audit_store.append(
        connection,
        actor=order.actor,
        origin=order.origin,
        action=ACTION,
        target=order.backup.name,
        before=change.before,
        after=change.after,
    )


def _logged(on_progress: OnProgress) -> OnProgress:
    """Return a function that logs each phase, too."""
    phases: list[Phase] = []

    def show(progress: Progress) -> None:
        if progress.phase not in phases:
            phases.append(progress.phase)
            _logger.info("Restoring: %s", progress.phase)
        on_progress(progress)

    return show
