"""Invitations, as administrators make, list and revoke them."""

from msgspec import Struct, field

from messenger.jim.admin.paging import Page, Paged
from messenger.jim.base import Reply, Request
from messenger.jim.fields import Number, Word


class InvitationEntry(Struct, omit_defaults=True):
    """An invitation in a list, without its token; times are unix time.

    `invitation` is an id that tells it from others. It is `usable` if registrations are left and it
    has not expired. `creator` is the administrator who has made it, empty if the command
    `messenger invite` has.
    """

    invitation: str
    uses_left: Number = 0
    created: float = 0
    expires: float | None = None
    usable: bool = False
    creator: str = ""


class Invitations(Page):
    """The reply to `admin_invites`, the latest first."""

    invitations: list[InvitationEntry] = field(default_factory=list)


class ListInvitations(Paged[Invitations], tag="admin_invites", kw_only=True):
    """List invitations, those that are usable or all, in pages."""

    answer = Invitations
    all: bool = False


class Invitation(Reply):
    """The reply to `admin_invite`: the link, which is shown only once.

    `warning` says why other computers may not be able to use it.
    """

    invitation: str = ""
    link: str = ""
    warning: str = ""

    # A representation may reach a log.
    def __repr__(self) -> str:
        return f"Invitation({self.invitation!r})"


class MakeInvitation(Request[Invitation], tag="admin_invite", kw_only=True):
    """Make an invitation link, with which `uses` people can register within `days` days."""

    answer = Invitation
    uses: Number = 1
    days: float = 7.0


class RevokeInvitation(Request[Reply], tag="admin_revoke", kw_only=True):
    """Let nobody register with an invitation any more."""

    invitation: Word
