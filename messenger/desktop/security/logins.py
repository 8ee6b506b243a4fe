"""The dialog of recent logins: when, from where, by which program."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QGridLayout, QWidget

from messenger.desktop.bridge import Bridge
from messenger.desktop.dialog_pages import RequestDialog
from messenger.language import _
from messenger.output import visible
from messenger.sdk.results import LoginRecord
from messenger.ui.wording import when
from messenger.windows.look.tokens import Space
from messenger.windows.widgets.labels import heading, text

_MOST = 100


class LoginsDialog(RequestDialog):
    """Lists the account's logins, the latest first."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(bridge, _("Recent logins"), parent, width=500)
        self.setObjectName("logins")
        self._show_logins([])
        self.request(lambda client: client.logins(), self._show_logins)

    def _show_logins(self, logins: list[LoginRecord]) -> None:
        card = QFrame()
        card.setObjectName("card")
        grid = QGridLayout(card)
        grid.setContentsMargins(Space.M, Space.M, Space.M, Space.M)
        grid.setHorizontalSpacing(Space.L)
        grid.setVerticalSpacing(Space.S)
        grid.setColumnStretch(2, 1)
        for row, login in enumerate(logins[:_MOST]):
            cells = (when(login.time), visible(login.address), visible(login.program))
            for column, cell in enumerate(cells):
                label = text(cell, soft=column > 0, wrap=column == 2)
                label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                grid.addWidget(label, row, column)
        note = text(_("If one of these was not you, change your password."), soft=True)
        self.show_page([heading(_("Recent logins")), note, card], [self.closing(_("Close"))])
