"""About the program: its version, and the licences of everything that is shipped with it."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from messenger import __version__
from messenger.desktop.bridge import Bridge
from messenger.desktop.messages.following import open_outside
from messenger.desktop.notifications.tray import tray_icon
from messenger.desktop.settings.parts import Page
from messenger.language import _
from messenger.ui.licences import Licence, licences
from messenger.windows.look.tokens import Space
from messenger.windows.widgets.buttons import LinkButton, PlainButton
from messenger.windows.widgets.dialog import Dialog, open_dialog
from messenger.windows.widgets.labels import section, text, title

_ICON = 56
_TEXT_HEIGHT = 340


class AboutPage(Page):
    """The version, and a list of licences: Enter or a click shows the text of one."""

    def __init__(self, bridge: Bridge) -> None:
        super().__init__(_("About"))
        self.list = QListWidget()
        self.list.setObjectName("licences")
        self.list.setAccessibleName(_("Licences"))
        self.list.setMinimumHeight(180)
        self.list.itemActivated.connect(self._open)
        self.list.itemClicked.connect(self._open)
        self._last: QListWidgetItem | None = None
        self.add(
            _head(),
            text(
                _(
                    "Messenger itself is under the MIT licence. Its windows use PyQt6, which is "
                    "under the GPL-3.0: whoever passes on both together has to follow the GPL for "
                    "the whole."
                ),
                soft=True,
            ),
            section(_("Licences of what is in it")),
        )
        self.rows.addWidget(self.list, 1)
        bridge.read(lambda _client: licences(), self._show, owner=self)

    def _show(self, found: list[Licence]) -> None:
        for one in found:
            item = QListWidgetItem(f"{one.name} {one.version} — {one.licence}")
            item.setData(Qt.ItemDataRole.UserRole, one)
            self.list.addItem(item)

    def _open(self, item: QListWidgetItem) -> None:
        # With some styles a click both clicks and activates.
        if any(child.isVisible() for child in self.findChildren(LicenceDialog)):
            return
        open_dialog(LicenceDialog(item.data(Qt.ItemDataRole.UserRole), self))


class LicenceDialog(Dialog):
    """The text of a licence, and a link to what it is of."""

    def __init__(self, licence: Licence, parent: QWidget | None = None) -> None:
        super().__init__(f"{licence.name} {licence.version}", parent, width=620)
        self.setObjectName("licence")
        self.body.addWidget(text(licence.licence, soft=True))
        words = QPlainTextEdit(licence.text)
        words.setReadOnly(True)
        words.setTabChangesFocus(True)
        words.setAccessibleName(_("Licence"))
        words.setMinimumHeight(_TEXT_HEIGHT)
        self.body.addWidget(words)
        if licence.address:
            link = LinkButton(licence.address)
            link.clicked.connect(lambda: open_outside(licence.address))
            self.body.addWidget(link, 0, Qt.AlignmentFlag.AlignLeft)
        close = PlainButton(_("Close"))
        close.clicked.connect(self.reject)
        self.add_buttons(close)


def _head() -> QWidget:
    mark = QLabel()
    mark.setPixmap(tray_icon().pixmap(_ICON, _ICON))
    mark.setFixedWidth(_ICON)
    words = QVBoxLayout()
    words.setSpacing(2)
    words.addStretch(1)
    words.addWidget(title(f"Messenger {__version__}"))
    words.addWidget(text(_("A private messenger that people run themselves"), soft=True))
    words.addStretch(1)
    found = QWidget()
    layout = QHBoxLayout(found)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(Space.L)
    layout.addWidget(mark)
    layout.addLayout(words, 1)
    return found
