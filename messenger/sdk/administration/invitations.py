"""Invitations: list, make, revoke."""

from messenger.jim.admin.invitations import (
    Invitation,
    Invitations,
    ListInvitations,
    MakeInvitation,
    RevokeInvitation,
)
from messenger.sdk.administration.verbs import AdministrationVerbs


class InvitationVerbs(AdministrationVerbs):
    """Verbs for invitations."""

    def invitations(self, *, all: bool = False, offset: int = 0, limit: int = 100) -> Invitations:
        """Return a page of the usable invitations, or of all, the latest first."""
        return self.ask(ListInvitations(all=all, offset=offset, limit=limit))

    def invite(self, uses: int = 1, days: float = 7) -> Invitation:
        """Return a new invitation link for so many people and days."""
        return self.ask(MakeInvitation(uses=uses, days=days))

    def revoke_invitation(self, invitation: str) -> str:
        """Let nobody register with an invitation any more."""
        return self._do(RevokeInvitation(invitation=invitation))
