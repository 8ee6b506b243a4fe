"""Backups, for administrators: make, list, verify, cancel, restore."""

from contextlib import suppress
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from messenger.jim.admin.backups import BackupEntry, Backups, ListBackups, MakeBackup
from messenger.jim.admin.restart import Restarting, RestoreBackup
from messenger.jim.errors import NotFound
from messenger.log import log
from messenger.server.actions import action, actor_required
from messenger.server.actors import ADMINISTRATOR, Actor
from messenger.server.administration import restarting
from messenger.server.answers import localized
from messenger.server.backup.orders import RestoreOrder
from messenger.server.backup.retention import Backup, backups_in
from messenger.server.records import Session
from messenger.server.services import Services
from messenger.server.store import audit as audit_store
from messenger.system_errors import reason_of

_READING = 10.0  # seconds for a directory, on a busy machine


@action(MakeBackup, role=ADMINISTRATOR)
@log
@actor_required
async def make_backup(
    services: Services, session: Session, actor: Actor, request: MakeBackup
) -> Backups:
    """Begin a backup."""
    backups = services.backups
    backups.reserve("backup")
    try:
        target = str(backups.directory)
        await services.audit.act(actor, "admin_backup", target, _note, target)
    except BaseException:
        backups.release()
        raise
    backups.begin()
    return await _show(services, session)


@action(ListBackups, role=ADMINISTRATOR)
@log
@actor_required
async def list_backups(
    services: Services, session: Session, actor: Actor, request: ListBackups
) -> Backups:
    """List the backups, perhaps after a verification was begun, or work was cancelled."""
    if request.cancel:
        services.backups.cancel()
    if request.verify:
        file = await _find(services, session, request.verify)
        services.backups.reserve("verification", file)
        services.backups.begin()
    return await _show(services, session)


@action(RestoreBackup, role=ADMINISTRATOR)
@log
@actor_required
async def restore_backup(
    services: Services, session: Session, actor: Actor, request: RestoreBackup
) -> Restarting:
    """Restore a backup."""
    services.backups.check_idle()
    file = await _find(services, session, request.backup)
    order = RestoreOrder(file, services.settings.data, actor.name, actor.origin)
    found = await restarting.restore(services, actor, order, session.language)
    alert = localized(session, "The server stops, restores the backup, and starts again")
    return Restarting(200, port=found.port, moved=found.moved, alert=alert)


def _note(_connection: Connection, directory: str) -> audit_store.Change[None]:
    return audit_store.Change(None, {"directory": directory}, None)


async def _find(services: Services, session: Session, name: str) -> Path:
    """Return the file of a backup of the list; raises NotFound for any other name."""
    for one in await _found(services, session):
        if one.file.name == name:
            return one.file
    raise NotFound("There is no backup {name}", name=name)


async def _found(services: Services, session: Session) -> list[Backup]:
    try:
        return await services.side_work.run(
            f"backups for {session.number}",
            partial(backups_in, services.backups.directory),
            seconds=_READING,
            language=session.language,
        )
    except OSError as error:
        raise NotFound("The backups cannot be read: {reason}", reason=reason_of(error)) from error


async def _show(services: Services, session: Session) -> Backups:
    backups, settings = services.backups, services.settings
    found = await _found(services, session)
    state = backups.state
    reply = Backups(
        200,
        backups=_entries(found, services),
        directory=str(backups.directory),
        every=settings.backup_every,
        keep=settings.backup_keep,
        work=state.work,
        number=state.number,
        subject=state.subject,
        failure=state.failure,
        restored=state.restored,
        moved=state.moved,
    )
    if state.progress is not None:
        reply.phase = state.progress.phase
        reply.done, reply.total = state.progress.done, state.progress.total
    return reply


def _entries(found: list[Backup], services: Services) -> list[BackupEntry]:
    entries = []
    for file, made_at in found:
        with suppress(FileNotFoundError):  # removed meanwhile, by the backup after it
            entry = BackupEntry(backup=file.name, made=made_at, size=file.stat().st_size)
            if verified := services.backups.verified.get(file.name):
                entry.verified, entry.problem = verified
            entries.append(entry)
    return entries
