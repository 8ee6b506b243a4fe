"""The audit log, for administrators, and notices to everyone, which are in it, too."""

import msgspec

from messenger.jim.admin.audit import AuditEntry, AuditPage, ReadAudit
from messenger.jim.admin.notice import SendNotice
from messenger.jim.base import Reply
from messenger.jim.errors import BadRequest, TextTooLong
from messenger.jim.names import EVERYONE
from messenger.log import log
from messenger.server.actions import action, actor_required
from messenger.server.actors import ADMINISTRATOR, Actor
from messenger.server.answers import localized
from messenger.server.records import Session
from messenger.server.services import Services
from messenger.server.store import audit as audit_store
from messenger.server.store import notices as notice_store
from messenger.server.store.audit import AuditRow

_state = msgspec.json.Decoder(dict[str, object]).decode


@action(ReadAudit, role=ADMINISTRATOR)
@log
@actor_required
async def read_audit(
    services: Services, session: Session, actor: Actor, request: ReadAudit
) -> AuditPage:
    """Read the audit log, the latest first."""
    rows = await services.read_pool.read(audit_store.page, request)
    entries = [_entry(row) for row in rows]
    return AuditPage(200, entries=entries, next=request.next_before(rows))


@action(SendNotice, role=ADMINISTRATOR)
@log
@actor_required
async def send_notice(
    services: Services, session: Session, actor: Actor, request: SendNotice
) -> Reply:
    """Send a notice to everyone."""
    if not request.text.strip():
        raise BadRequest("A notice needs a text")
    if len(request.text) > services.limits.text_length:
        raise TextTooLong("A text has at most {most} characters", most=services.limits.text_length)
    # First, as nothing may be done without its row of the log: it says that a notice was ordered.
    sender = await services.audit.act(
        actor, "admin_notice", EVERYONE, notice_store.note, len(request.text)
    )
    await services.notices.send(services.everyone, sender, request.text)
    # It counts as delivered to plain clients, which send no receipts.
    services.receipts.note_delivered_in_room(services.everyone, sender.name)
    return Reply(200, alert=localized(session, "The notice is sent"))


def _entry(row: AuditRow) -> AuditEntry:
    before, after = (_state(one) if one is not None else None for one in (row.before, row.after))
    return AuditEntry(
        row.id, row.time, row.actor, row.origin, row.action, row.target, before, after
    )
