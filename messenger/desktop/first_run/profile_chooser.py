"""A window to choose one of several profiles, or to add an account."""

from typing import NamedTuple

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QIcon
from PyQt6.QtWidgets import QListWidget, QListWidgetItem

from messenger.language import _
from messenger.ui.waiting_prompter import Answered
from messenger.windows.look.avatars import avatar
from messenger.windows.look.tokens import Size
from messenger.windows.widgets.buttons import PlainButton, PrimaryButton
from messenger.windows.widgets.dialog import Dialog

_MOST_ROWS = 6
"""Rows that are seen at once."""


class KnownProfile(NamedTuple):
    """A profile as its user sees it: its name, the account and the server."""

    name: str
    account: str
    server: str


class ProfileChooser(Dialog):
    """Answers with the name of a profile, an empty one for another account, None if closed."""

    def __init__(self, profiles: list[KnownProfile], answered: Answered) -> None:
        super().__init__(_("Choose an account"), width=420)
        self.setObjectName("profiles")
        self.setModal(False)
        self._answered = answered
        self.list = QListWidget()
        self.list.setAccessibleName(_("Accounts on this computer"))
        self.list.setIconSize(QSize(Size.CHAT_AVATAR, Size.CHAT_AVATAR))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        ratio = self.devicePixelRatioF()
        for profile in profiles:
            picture = avatar(profile.account, Size.CHAT_AVATAR, ratio)
            face = QIcon(picture)
            face.addPixmap(picture, QIcon.Mode.Selected)  # Qt would tint it.
            item = QListWidgetItem(face, f"{profile.account}\n{profile.server}")
            item.setData(Qt.ItemDataRole.UserRole, profile.name)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{profile.account}, {profile.server}")
            item.setSizeHint(QSize(0, Size.ROW))
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.list.setFixedHeight(min(len(profiles), _MOST_ROWS) * Size.ROW + 8)
        self.body.addWidget(self.list)
        self.add = PlainButton(_("Add an account"))
        self.open_button = PrimaryButton(_("Open"))
        self.add_buttons(self.add, self.open_button)
        self.list.itemActivated.connect(self._open)
        self.open_button.clicked.connect(self._open)
        self.add.clicked.connect(lambda: self._tell(""))
        self.list.setFocus()

    def reject(self) -> None:
        """Answer that nothing was chosen."""
        self._tell(None)

    def _open(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self._tell(str(item.data(Qt.ItemDataRole.UserRole)))

    def _tell(self, answer: str | None) -> None:
        self._answered(answer)
        super().done(0)  # In any case: it is the answer that tells one end from another.
