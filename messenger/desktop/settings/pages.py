"""The pages of settings that are choices: general, appearance, notifications, data."""

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from messenger.desktop.settings.changes import Changes
from messenger.desktop.settings.hooks import Hooks, Open
from messenger.desktop.settings.parts import (
    Page,
    SettingBox,
    SettingSlider,
    SettingSwitch,
    action_row,
    note,
    row,
)
from messenger.language import _
from messenger.windows.look.fonts import metrics
from messenger.windows.look.painting import plate, write
from messenger.windows.look.theme import theme
from messenger.windows.look.tokens import Radius, Space
from messenger.windows.widgets.buttons import PlainButton, acting


class GeneralPage(Page):
    """Language, the key that sends, the tray."""

    def __init__(self, changes: Changes, hooks: Hooks) -> None:
        super().__init__(_("General"))
        before = changes.value("language")
        self._restart = QWidget()
        restart = QVBoxLayout(self._restart)
        restart.setContentsMargins(0, 0, 0, 0)
        restart.addWidget(note(_("The new language applies after a restart.")))
        if hooks.restart is not None:
            again, button = hooks.restart, PlainButton(_("Restart now"))
            acting(button, again)
            restart.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self._restart.hide()
        box = SettingBox(changes, "language")
        box.currentIndexChanged.connect(
            lambda _index: self._restart.setVisible(box.currentData() != before)
        )
        said = _("The other key begins a new line, as Shift+Enter always does.")
        self.add(
            row(_("Language"), box),
            self._restart,
            row(_("Send with"), SettingBox(changes, "send_key"), said),
        )
        tray = SettingSwitch(changes, "close_to_tray", _("Keep running when closed"))
        tray.setEnabled(hooks.has_tray)
        about = _("The icon in the tray brings the window back.")
        if not hooks.has_tray:
            about = _("There is no tray here: closing the window ends the program.")
        self.add(tray, note(about))
        self.end()


class AppearancePage(Page):
    """Theme and size of text, with a sample."""

    def __init__(self, changes: Changes) -> None:
        super().__init__(_("Appearance"))
        self.add(
            row(_("Theme"), SettingBox(changes, "theme")),
            row(_("Text size"), SettingSlider(changes, "text_size")),
            Sample(),
        )
        self.end()


class Sample(QWidget):
    """Two messages, as the theme shows them."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(_("A sample of messages"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._texts = (_("How does this look?"), _("Just right"))
        theme.changed.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        self.setFixedHeight(round(2 * self._line() + Space.L + 2 * Space.M))
        self.update()

    @staticmethod
    def _line() -> float:
        return metrics().height() + 2 * Space.S

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Paint them."""
        colours = theme.colours
        painter = QPainter(self)
        ratio = self.devicePixelRatioF()
        radii = (Radius.CARD,) * 4
        plate(painter, QRectF(self.rect()), colours.chat, radii, ratio)
        top = float(Space.M)
        for words, ground, ink, is_mine in (
            (self._texts[0], colours.theirs, colours.text, False),
            (self._texts[1], colours.mine, colours.on_mine, True),
        ):
            width = min(
                metrics().horizontalAdvance(words) + 2 * Space.M, self.width() - 2.0 * Space.M
            )
            left = self.width() - width - Space.M if is_mine else float(Space.M)
            box = QRectF(left, top, width, self._line())
            corner, other = int(Radius.LAST), int(Radius.BUBBLE)
            tail = (other, other, corner, other) if is_mine else (other, other, other, corner)
            plate(painter, box, ground, tail, ratio)
            write(painter, box.adjusted(Space.M, 0, -Space.S, 0), words, colour=ink, elide=True)
            top += self._line() + Space.L
        painter.end()


class NotificationsPage(Page):
    """What alerts the user, and what a notification shows."""

    def __init__(self, changes: Changes, hooks: Hooks) -> None:
        super().__init__(_("Notifications"))
        notes = SettingSwitch(changes, "notes", _("Show notifications"))
        shows = SettingBox(changes, "notes_show")
        sound = SettingSwitch(changes, "bell", _("Play a sound"))
        notes.toggled.connect(shows.setEnabled)
        shows.setEnabled(notes.isChecked())
        self.add(
            row(_("Notify about"), SettingBox(changes, "notify_about")),
            notes,
            row(_("They show"), shows),
            sound,
            note(
                _(
                    "You are not notified of what you are looking at, nor of conversations that "
                    "you have muted."
                )
            ),
        )
        if hooks.test_notification is not None:
            button = PlainButton(_("Show a test notification"))
            acting(button, hooks.test_notification)
            self.rows.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self.end()


class DataPage(Page):
    """The passphrase of local data, backup, restore, export."""

    def __init__(self, hooks: Hooks) -> None:
        super().__init__(_("Data"))
        self._add(
            hooks.protect,
            _("Protection"),
            _("Your messages here are encrypted. A passphrase can be asked for at each start."),
            _("Passphrase…"),
        )
        self._add(
            hooks.back_up,
            _("Backup"),
            _("Save all messages and keys of this computer to an encrypted file."),
            _("Back up…"),
        )
        self._add(
            hooks.restore,
            _("Restore"),
            _("Replace what is on this computer by what is in a backup."),
            _("Restore…"),
        )
        self._add(
            hooks.export,
            _("Export"),
            _("Save the open conversation as a page to read (HTML), or for programs (JSON)."),
            _("Export…"),
        )
        self.end()

    def _add(self, do: Open | None, title: str, help: str, words: str) -> None:
        if do is not None:
            button = PlainButton(words)
            button.clicked.connect(lambda: do(self))
            self.add(action_row(title, help, button))
