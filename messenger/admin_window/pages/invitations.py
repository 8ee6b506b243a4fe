"""The page of invitations: links with which people can register."""

from functools import partial
from typing import Any

from PyQt6.QtWidgets import QMenu

from messenger.admin_window.acting import Act, perform
from messenger.admin_window.keys import NEW
from messenger.admin_window.pages.new_invitation import NewInvitation
from messenger.admin_window.requests import Requests
from messenger.admin_window.table.all_rows import Pages
from messenger.admin_window.table.asking import paged
from messenger.admin_window.table.columns import NUMBER, TIME, Column, Query, Slice, Tone
from messenger.admin_window.table.paged_model import PagedModel
from messenger.admin_window.table.saving import SaveBar
from messenger.admin_window.table.table_page import Choice, TablePage, Tools
from messenger.language import N_, _
from messenger.sdk.administration import Administration
from messenger.sdk.administration.results import InvitationEntry
from messenger.ui.audit_words import actor_name
from messenger.windows.widgets.buttons import PrimaryButton, acting
from messenger.windows.widgets.dialog import open_dialog
from messenger.windows.widgets.menus import add_to_menu

_CHOICES = (Choice(N_("Usable invitations"), {}), Choice(N_("All invitations"), {"all": True}))


class InvitationsPage(TablePage[InvitationEntry]):
    """The invitations that can be used, or all."""

    def __init__(self, requests: Requests) -> None:
        super().__init__(
            "invitations",
            _("Invitations"),
            PagedModel(_columns(), paged(requests, _fetch), lambda row: row.invitation),
            Query(),
            Tools("", _CHOICES),
        )
        self._requests = requests
        self.saving = SaveBar(self, requests, partial(Pages, _fetch, self.model.key))
        self.new = PrimaryButton(_("New invitation"))
        self.add_action(acting(self.new, self.invite))
        self.add_key(NEW, self.invite)
        self.table.fill_menu = self._fill_menu

    def invite(self) -> None:
        """Make an invitation."""
        dialog = NewInvitation(self._requests, self.window())
        dialog.made.connect(self.refresh)
        open_dialog(dialog)

    def revoke(self, row: InvitationEntry) -> None:
        """Revoke an invitation, after a question."""
        act = Act(
            _("Revoke this invitation?"),
            _(
                "Nobody can register with this link any more. Whoever has registered with it keeps"
                " the account."
            ),
            _("Revoke"),
            lambda server: server.revoke_invitation(row.invitation),
            _("The invitation is revoked."),
        )
        perform(self, self._requests, act)

    def summarize(self, _total: int) -> str:
        """Return what an invitation is for."""
        return _("Links with which people can register")

    def show_empty(self) -> None:
        """Say how to begin."""
        self.show_sign(
            "envelope-simple",
            _("There is no invitation that can be used"),
            _("Make one, and send its link or show its QR code to those who shall register."),
            (_("New invitation"), self.invite),
        )

    def _fill_menu(self, menu: QMenu, row: InvitationEntry) -> None:
        if row.usable:
            add_to_menu(menu, f"{_('Revoke')}…", "prohibit", lambda: self.revoke(row))


def _fetch(server: Administration, /, **keys: Any) -> Slice[InvitationEntry]:
    found = server.invitations(
        all=keys.get("all", False), offset=keys["offset"], limit=keys["limit"]
    )
    return Slice(found.invitations, found.total)


def _columns() -> list[Column[InvitationEntry]]:
    return [
        Column(_("Invitation"), lambda row: row.invitation, width=130, is_strong=True),
        Column(
            _("State"),
            lambda row: _("usable") if row.usable else _("used up or expired"),
            width=180,
            tone=lambda row: "text" if row.usable else "soft",
            dot=lambda row: "good" if row.usable else "faint",
        ),
        Column(_("Registrations left"), lambda row: row.uses_left, width=150, kind=NUMBER),
        Column(_("Made"), lambda row: row.created, width=150, kind=TIME, tone=_soft),
        Column(
            _("Made by"), lambda row: actor_name(row.creator), width=120, absent="–", tone=_soft
        ),
        Column(
            _("Expires"),
            lambda row: row.expires,
            width=150,
            kind=TIME,
            absent=_("never"),
            stretches=True,
            tone=_soft,
        ),
    ]


def _soft(_row: InvitationEntry) -> Tone:
    return "soft"
