"""The fields of the first window: server, name, password, and what follows from them."""

from PyQt6.QtCore import QEvent, QObject, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QKeySequence
from PyQt6.QtWidgets import QApplication, QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from messenger.desktop.first_run.invitation_input import InvitationInput
from messenger.desktop.first_run.server_key import ServerKey
from messenger.desktop.first_run.strength_bar import StrengthBar
from messenger.language import N_, _
from messenger.sdk.invitation import Invitation, parse_server
from messenger.sdk.password_store import PasswordLocation
from messenger.sdk.server_identity import Encryption
from messenger.ui.profile_choice import Suggestions
from messenger.ui.welcome_form import AFTER_RESET, CODE_HELP, Entered, Kind, Mistake, Part
from messenger.windows.file_questions import picture_to_open
from messenger.windows.gui_thread import GuiThread
from messenger.windows.look.tokens import Size, Space
from messenger.windows.widgets.buttons import IconButton, LinkButton
from messenger.windows.widgets.field import Field
from messenger.windows.widgets.icon_label import IconLabel
from messenger.windows.widgets.labels import text
from messenger.windows.widgets.switch import Switch

_SECRECY = {
    Kind.NEW: N_(
        "Messages to people and in rooms are end-to-end encrypted: nobody on the server can read "
        "them. Your copies on this computer are encrypted, too."
    ),
    Kind.GUEST: N_(
        "Guests' messages are not end-to-end encrypted. Your copies on this computer are encrypted."
    ),
}
_SECRECY[Kind.KNOWN] = _SECRECY[Kind.NEW]
_SECRECY[Kind.FORGOTTEN] = AFTER_RESET


class WelcomeFields(QWidget):
    """The fields, and what is shown for each kind of login.

    Signals: `changed`, whenever the user changes something; `has_code`, when a link has a code for
    a new password. It has an attribute for each field.
    """

    changed = pyqtSignal()
    has_code = pyqtSignal()

    def __init__(self, gui: GuiThread, suggestions: Suggestions, encryption: Encryption) -> None:
        super().__init__()
        self.kind = Kind.NEW
        self._suggestions = suggestions
        self._taken = ""
        self._invitations = InvitationInput(gui)
        self._invitations.found.connect(self.take_link)
        self.server = Field(_("Server or invitation link"))
        self._invitations.failed.connect(self.server.show_error)
        self._key = ServerKey(gui, encryption)
        self.name = Field(_("Name"))
        self.code = Field(_("Code or link from an administrator"), help=_(CODE_HELP))
        self.password = Field(_("Password"), secret=True)
        self._strength = StrengthBar(gui)
        self.stay = QCheckBox(_("Stay logged in on this computer"))
        self._where_kept = text("", small=True)
        self._more = LinkButton(_("More"))
        self._rest = QWidget()
        self.passphrase = Field(
            _("Passphrase for local data"),
            secret=True,
            help=_(
                "Optional. It is asked for at each start, and without it nobody can read what is "
                "stored on this computer."
            ),
        )
        self.plain = Switch(_("The server has no TLS"))
        self._secrecy = text("", small=True)
        self._fill_in(suggestions)
        self._lay_out()
        self._connect()
        self.show_kind(Kind.NEW)

    # --- what it is for --------------------------------------------------------------------------

    def entered(self) -> Entered:
        """Return what the user has entered."""
        place: PasswordLocation = "keyring" if self._suggestions.has_keyring else "file"
        return Entered(
            self.server.text.strip(),
            self.name.text.strip() or self._suggestions.name,
            self.kind,
            self.password.text,
            place if self.stay.isChecked() else None,
            self.passphrase.text,
            self.plain.isChecked(),
            self.code.text,
        )

    @property
    def fingerprint(self) -> str | None:
        """The fingerprint that the user has seen, if one is shown."""
        return self._key.fingerprint

    def show_kind(self, kind: Kind) -> None:
        """Ask for what this kind of login needs."""
        self.kind = kind
        for widget in (self.password, self.stay):
            widget.setVisible(kind is not Kind.GUEST)
        self.code.setVisible(kind is Kind.FORGOTTEN)
        self.password.rename(_("New password") if kind is Kind.FORGOTTEN else _("Password"))
        self._secrecy.setText(_(_SECRECY[kind]))
        is_open = kind is Kind.GUEST
        self._lock.show_icon(
            "lock-simple-open" if is_open else "lock-simple", "soft" if is_open else "good"
        )
        self._changed()

    def correct(self, mistake: Mistake) -> None:
        """Show a mistake at its field, and put the cursor there."""
        field = {
            Part.SERVER: self.server,
            Part.NAME: self.name,
            Part.PASSWORD: self.password,
            Part.CODE: self.code,
        }
        field[mistake.part].show_error(str(mistake))
        field[mistake.part].edit.setFocus()
        if mistake.part is Part.PASSWORD:
            self.password.edit.selectAll()

    def clear_errors(self) -> None:
        """Take the errors back."""
        for field in (self.server, self.name, self.code, self.password):
            field.show_error("")

    def take_link(self, link: str) -> None:
        """Fill an invitation link in."""
        self.server.edit.setText(link)
        self.server.edit.setCursorPosition(0)
        self._look_at_server()
        first = self.name if not self.name.text else self.password
        first.edit.setFocus()

    @property
    def invitations(self) -> InvitationInput:
        """What takes dropped texts and pictures."""
        return self._invitations

    def focus_first(self) -> None:
        """Put the cursor into the first field that is missing."""
        named = self._suggestions.is_named
        missing = self.server if not self.server.text else self.password if named else self.name
        missing.edit.setFocus()

    def stop(self) -> None:
        """Stop what runs in threads."""
        self._key.stop()

    # --- making it -------------------------------------------------------------------------------

    def _fill_in(self, suggestions: Suggestions) -> None:
        for field, name in (
            (self.server, "server"),
            (self.name, "name"),
            (self.password, "password"),
            (self.passphrase, "passphrase"),
        ):
            field.edit.setObjectName(f"{name}_edit")
        self.server.edit.setPlaceholderText("chat.example.org")
        self.server.edit.setText(suggestions.server)
        self.server.edit.setCursorPosition(0)
        if suggestions.is_named:
            self.name.edit.setText(suggestions.name)
        self.name.edit.setPlaceholderText(suggestions.name)
        self.code.edit.setText(suggestions.reset_code)
        self.stay.setChecked(True)
        self._rest.hide()

    def _lay_out(self) -> None:
        self._qr = IconButton("qr-code", _("Open a picture with the QR code of an invitation"))
        row = QHBoxLayout()
        row.setSpacing(Space.XS)
        row.addWidget(self.server, 1)
        column = QVBoxLayout()
        column.addSpacing(22)  # The label above the field.
        column.addWidget(self._qr)
        column.addStretch(1)
        row.addLayout(column)
        rest = QVBoxLayout(self._rest)
        rest.setContentsMargins(0, 0, 0, 0)
        rest.setSpacing(Space.M)
        rest.addWidget(self.passphrase)
        rest.addWidget(self.plain)
        said = _("Connect without encryption: only on networks that you trust.")
        rest.addWidget(text(said, small=True))
        staying = QHBoxLayout()
        staying.addWidget(self.stay)
        staying.addStretch(1)
        staying.addWidget(self._more)
        login = QVBoxLayout()
        login.setSpacing(Space.XS)
        login.addLayout(staying)
        login.addWidget(self._where_kept)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.M)
        layout.addLayout(row)
        for widget in (self._key, self.name, self.code, self.password, self._strength):
            layout.addWidget(widget)
        layout.addLayout(login)
        layout.addWidget(self._rest)
        layout.addLayout(self._with_lock(self._secrecy))

    def _with_lock(self, words: QWidget) -> QHBoxLayout:
        """Return a row with a lock before words."""
        self._lock = IconLabel(size=Size.ICON - 4)
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addWidget(self._lock, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(words, 1)
        return row

    def _connect(self) -> None:
        for field in (self.server, self.name, self.code, self.password):
            field.edit.textChanged.connect(self._changed)
        self.server.edit.textChanged.connect(self._take_code)
        self.stay.toggled.connect(self._changed)
        self.server.edit.editingFinished.connect(self._look_at_server)
        self.server.edit.installEventFilter(self)
        self._qr.clicked.connect(self._open_picture)
        self._more.clicked.connect(self._show_rest)
        self.plain.toggled.connect(self._look_at_server)
        self._look_at_server()

    # --- what the user does ----------------------------------------------------------------------

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Take a picture, or a link in several lines, that is pasted into the server's field."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() is QEvent.Type.KeyPress
            and event.matches(QKeySequence.StandardKey.Paste)
        ):
            clipboard = QApplication.clipboard()
            data = clipboard.mimeData() if clipboard is not None else None
            return data is not None and self._invitations.take(data)
        return super().eventFilter(watched, event)

    def _open_picture(self) -> None:
        said = _("Open a picture with the QR code of an invitation")
        if (file := picture_to_open(self, said)) is not None:
            self._invitations.open(file)

    def _show_rest(self) -> None:
        self._rest.setVisible(self._rest.isHidden())
        self._more.setText(_("More") if self._rest.isHidden() else _("Less"))
        self.changed.emit()

    def _look_at_server(self) -> None:
        self._key.look_at(None if self.plain.isChecked() else self._server())

    def _take_code(self) -> None:
        """Take the code and the name from a link for a forgotten password."""
        link = self._server()
        if link is not None and link.reset_code and link.reset_code != self._taken:
            self._taken = link.reset_code
            self.code.edit.setText(link.reset_code)
            self.name.edit.setText(link.account)
            self.has_code.emit()

    def _server(self) -> Invitation | None:
        try:
            return parse_server(self.server.text)
        except ValueError:
            return None

    def _changed(self) -> None:
        self.clear_errors()
        is_new = self.kind in (Kind.NEW, Kind.FORGOTTEN)
        name = self.name.text.strip() or self._suggestions.name
        self._strength.rate(self.password.text if is_new else "", name)
        said = self._said_of_keeping() if self.kind is not Kind.GUEST else ""
        self._where_kept.setText(said)
        self._where_kept.setVisible(bool(said))
        self.changed.emit()

    def _said_of_keeping(self) -> str:
        if not self.stay.isChecked():
            return _("Your password is asked for at each start.")
        if self._suggestions.has_keyring:
            return ""
        return _("There is no keyring here: your password is saved in a file only you can read.")
