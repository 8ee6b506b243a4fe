"""The dialog of the recovery code: to be noted, saved, printed or copied, and confirmed."""

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QPushButton, QWidget

from messenger.desktop.bridge import Bridge
from messenger.desktop.dialog_pages import RequestDialog, icon_head
from messenger.desktop.security.button_row import ButtonRow
from messenger.desktop.security.printing import can_print, print_code
from messenger.files import write_private
from messenger.language import _
from messenger.output import visible
from messenger.sdk.client import Client
from messenger.windows.file_questions import file_to_save
from messenger.windows.look.fonts import font
from messenger.windows.look.icons import icon
from messenger.windows.look.tokens import Type
from messenger.windows.widgets.buttons import PlainButton, PrimaryButton, acting
from messenger.windows.widgets.copying import copy_text
from messenger.windows.widgets.labels import mono, text
from messenger.windows.widgets.switch import Switch


class RecoveryCodeDialog(RequestDialog):
    """Shows the recovery code; accepted once the user has confirmed that he has noted it."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(bridge, _("Recovery code"), parent, width=500)
        self.setObjectName("recovery")
        self._code = ""
        self._noted = Switch(_("I have noted it, and can find it again"))
        self._done = PrimaryButton(_("Done"))
        self._note = text("")
        self._show_code("")
        self.request(lambda client: client.keys.recovery_code, self._fetched)

    def _fetched(self, code: str | None) -> None:
        if code is None:
            said = _("An approved device of yours can show it, or approve this one.")
            head = icon_head("key", _("This device is not approved yet"), said)
            self.show_page([head], [self.closing(_("Close"))])
        else:
            self._show_code(code)

    def _show_code(self, code: str) -> None:
        self._code = code
        said = _(
            "It restores all your messages if you lose all your devices. Keep it where nobody else "
            "can read it: whoever has it can read your messages, too."
        )
        self._noted = Switch(_("I have noted it, and can find it again"))
        self._done = PrimaryButton(_("Done"))
        self._done.setEnabled(False)
        self._noted.toggled.connect(self._done.setEnabled)
        shown = mono(_in_two_lines(code))
        shown.setAccessibleName(_("Recovery code"))
        shown.setAlignment(Qt.AlignmentFlag.AlignCenter)
        shown.setStyleSheet(f"font-size: {font(Type.TITLE).pixelSize()}px")
        self._note = text(_("On a new device: log in, then enter this code."), small=True)
        self.show_page(
            [
                icon_head("key", _("Your recovery code"), said),
                shown,
                self._ways(),
                self._note,
                self._noted,
            ],
            [self.closing(_("Later")), acting(self._done, self._confirm)],
        )

    def _ways(self) -> QWidget:
        ways = [
            _way("copy", _("Copy"), self._copy),
            _way("floppy-disk", _("Save…"), self._choose_file),
        ]
        if can_print():
            ways.append(_way("printer", _("Print…"), self._print))
        return ButtonRow(ways, fills=True)

    def _confirm(self) -> None:
        self.request(
            lambda client: client.keys.confirm_recovery_code(), lambda _none: self.accept()
        )

    def _copy(self) -> None:
        if copy_text(self._code):
            self._say(_("Copied: paste it into your password manager."))

    def _say(self, words: str) -> None:
        self.set_busy(False)
        self._note.setText(words)
        self.fit()

    def _choose_file(self) -> None:
        name = _("Recovery code of {name}", name=self.bridge.me) + ".txt"
        if (file := file_to_save(self, _("Save the recovery code"), name)) is not None:
            self.save(file)

    def save(self, file: Path) -> None:
        """Write the code to a file that only its owner can read."""
        written = "\n".join([self._title(), "", self._code, "", *self._notes(), ""])

        def write(_client: Client) -> None:
            write_private(file, written.encode())

        self.request(write, lambda _none: self._say(_("Saved in {file}", file=file)))

    def _print(self) -> None:
        print_code(self._title(), self._code, self._notes(), self)

    def _title(self) -> str:
        return _("Messenger: recovery code of {name}", name=visible(self.bridge.me))

    def _notes(self) -> list[str]:
        return [
            _("On a new device: log in, then enter this code."),
            _("Whoever has it can read your messages: keep it in a safe place."),
        ]


def _way(icon_name: str, words: str, do: Callable[[], object]) -> QPushButton:
    button = PlainButton(words)
    button.setIcon(icon(icon_name))
    acting(button, do)
    return button


def _in_two_lines(code: str) -> str:
    """Return a code with half of its groups on each line: it is too wide for one."""
    groups = code.split("-")
    half = len(groups) // 2
    return "-".join(groups[:half]) + "-\n" + "-".join(groups[half:])
