"""The page of rooms: how large they are, who has created them, and who is in them."""

from functools import partial
from typing import Any

from PyQt6.QtWidgets import QMenu

from messenger.admin_window.acting import Act, perform
from messenger.admin_window.panel import Panel
from messenger.admin_window.requests import Requests
from messenger.admin_window.table.all_rows import Pages
from messenger.admin_window.table.asking import paged
from messenger.admin_window.table.columns import NUMBER, TIME, Column, Query, Slice
from messenger.admin_window.table.paged_model import PagedModel
from messenger.admin_window.table.saving import SaveBar
from messenger.admin_window.table.table_page import TablePage, Tools
from messenger.language import _, ngettext
from messenger.sdk.administration import Administration
from messenger.sdk.administration.results import RoomDetails, RoomEntry
from messenger.ui.quantities import date_and_time, number
from messenger.windows.widgets.buttons import DangerButton, acting
from messenger.windows.widgets.menus import add_to_menu

_MEMBERS = 200
"""Members in the panel: of more nobody reads the names."""


class RoomsPage(TablePage[RoomEntry]):
    """All open rooms."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests
        super().__init__(
            "rooms",
            _("Rooms"),
            PagedModel(_columns(), paged(requests, _fetch), lambda row: row.room),
            Query((), "room"),
            Tools(_("Search by name or topic")),
        )
        self.table.fill_menu = self._fill_menu
        self.saving = SaveBar(
            self, requests, partial(Pages, _fetch, self.model.key), _more_columns()
        )
        self.panel: Panel[RoomEntry, RoomDetails] = Panel(
            requests, lambda server, row: server.room(row.room), self._fill_panel
        )
        self.set_panel(self.panel)
        self.panel.follow(self.table)

    def summarize(self, total: int) -> str:
        """Return how many rooms there are."""
        return ngettext("{shown} room", "{shown} rooms", total, shown=number(total))

    def close_room(self, row: RoomEntry) -> None:
        """Close a room, after a question that says what that does."""
        members = ngettext(
            "{shown} member", "{shown} members", row.members, shown=number(row.members)
        )
        act = Act(
            _("Close {room} for good?", room=row.room),
            _(
                "All of its members ({members}) leave it, and nobody can write in it any more. They"
                " keep the messages that their devices have. The name is free again; a new room of"
                " that name begins empty. This cannot be undone.",
                members=members,
            ),
            _("Close the room"),
            lambda server: server.close_room(row.room),
            _("The room {room} is closed.", room=row.room),
        )
        perform(self, self._requests, act)

    def _fill_menu(self, menu: QMenu, row: RoomEntry) -> None:
        add_to_menu(menu, f"{_('Close the room')}…", "trash", lambda: self.close_room(row))

    def _fill_panel(
        self, panel: Panel[RoomEntry, RoomDetails], row: RoomEntry, found: RoomDetails | None
    ) -> None:
        panel.set_head(row.room, row.topic or _("no topic"))
        panel.add_facts(
            [
                (_("Created by"), row.creator or "–"),
                (_("Created"), date_and_time(row.created)),
                (_("Messages"), number(row.messages)),
                (_("Encryption"), _("on") if row.encrypted else _("off")),
                (_("History"), _("for new members, too") if row.history else _("since joining")),
            ]
        )
        if found is not None:
            here = [one for one in found.members if not one.banned]
            count = len(here)
            panel.add_section(
                ngettext("{shown} member", "{shown} members", count, shown=number(count))
            )
            for member in here[:_MEMBERS]:
                dot = "good" if member.online else "faint"
                guest = f" {_('(guest)')}" if member.guest else ""
                panel.add_person(member.account_name + guest, dot)
            if count > _MEMBERS:
                panel.add_note(_("and {count} others", count=number(count - _MEMBERS)))
            if banned := [one.account_name for one in found.members if one.banned]:
                panel.add_section(_("Banned"))
                panel.add_note(", ".join(banned))
        button = DangerButton(f"{_('Close the room')}…")
        panel.add_button(acting(button, lambda: self.close_room(row)))


def _fetch(server: Administration, /, **keys: Any) -> Slice[RoomEntry]:
    found = server.rooms(**keys)
    return Slice(found.rooms, found.total)


def _columns() -> list[Column[RoomEntry]]:
    return [
        Column(_("Room"), lambda row: row.room, "room", 150, is_strong=True),
        Column(_("Topic"), lambda row: row.topic, width=160, stretches=True, tone=_soft),
        Column(_("Created by"), lambda row: row.creator, "creator", 130, absent="–"),
        Column(_("Members"), lambda row: row.members, "members", 96, NUMBER),
        Column(_("Online"), lambda row: row.online, width=84, kind=NUMBER),
        Column(_("Messages"), lambda row: row.messages, width=100, kind=NUMBER),
        Column(_("Created"), lambda row: row.created, "created", 160, TIME, tone=_soft),
    ]


def _more_columns() -> list[Column[RoomEntry]]:
    """Return what a file has besides."""
    return [Column(_("Encryption"), lambda row: _("on") if row.encrypted else _("off"))]


def _soft(_row: RoomEntry) -> Any:
    return "soft"
