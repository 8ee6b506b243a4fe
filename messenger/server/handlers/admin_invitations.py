"""Invitations, for administrators: list, make, revoke."""

from messenger.jim.admin.invitations import (
    Invitation,
    InvitationEntry,
    Invitations,
    ListInvitations,
    MakeInvitation,
    RevokeInvitation,
)
from messenger.jim.base import Reply
from messenger.log import log
from messenger.server.actions import action, actor_required
from messenger.server.actors import ADMINISTRATOR, Actor
from messenger.server.administration import invitations
from messenger.server.answers import localized
from messenger.server.records import Session
from messenger.server.services import Services
from messenger.server.store import invitations as invitation_store


@action(ListInvitations, role=ADMINISTRATOR)
@log
@actor_required
async def list_invitations(
    services: Services, session: Session, actor: Actor, request: ListInvitations
) -> Invitations:
    """List invitations without their tokens, a page at a time."""
    rows, total = await services.read_pool.read(invitation_store.page, request)
    entries = [
        InvitationEntry(
            row.id, row.uses_left, row.created_at, row.expires_at, row.usable, row.creator
        )
        for row in rows
    ]
    return Invitations(200, invitations=entries, total=total)


@action(MakeInvitation, role=ADMINISTRATOR)
@log
@actor_required
async def make_invitation(
    services: Services, session: Session, actor: Actor, request: MakeInvitation
) -> Invitation:
    """Make an invitation link."""
    made = await invitations.make(services, actor, request.uses, request.days, session.language)
    return Invitation(201, link=made.link, warning=made.warning, invitation=made.id)


@action(RevokeInvitation, role=ADMINISTRATOR)
@log
@actor_required
async def revoke_invitation(
    services: Services, session: Session, actor: Actor, request: RevokeInvitation
) -> Reply:
    """Revoke an invitation."""
    wanted = request.invitation
    await services.audit.act(actor, "admin_revoke", wanted, invitation_store.revoke, wanted)
    return Reply(200, alert=localized(session, "The invitation is revoked"))
