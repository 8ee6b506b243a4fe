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

    def invitations(self, *, all: bool = False) -> Invitations:
        """Return the usable invitations, or all."""
        return self.ask(ListInvitations(all=all))

    def invite(self, uses: int = 1, days: float = 7) -> Invitation:
        """Return a new invitation link for so many people and days."""
        return self.ask(MakeInvitation(uses=uses, days=days))

    def revoke_invitation(self, invitation: str) -> str:
        """Let nobody register with an invitation any more."""
        return self._do(RevokeInvitation(invitation=invitation))
