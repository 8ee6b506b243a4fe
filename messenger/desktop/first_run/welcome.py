"""The first window of a new user: a server, and an account there."""

import itertools

from PyQt6.QtCore import QTimer, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import QVBoxLayout

from messenger.desktop.first_run.attempts import Attempts, Outcome
from messenger.desktop.first_run.welcome_fields import WelcomeFields
from messenger.jim.errors import ProtocolError
from messenger.language import N_, _
from messenger.sdk.errors import Cancelled
from messenger.sdk.server_identity import Encryption, ServerChanged
from messenger.ui.errors import explain
from messenger.ui.first_run import Newcomer
from messenger.ui.profile_choice import Suggestions
from messenger.ui.welcome_form import Kind, Mistake, Part, checked, correction
from messenger.windows.gui_thread import GuiThread
from messenger.windows.look.tokens import Space
from messenger.windows.widgets.buttons import LinkButton, PlainButton, PrimaryButton
from messenger.windows.widgets.dialog import Dialog
from messenger.windows.widgets.labels import text
from messenger.windows.widgets.progress import ProgressLine

_WIDTH = 420
_GO = {
    Kind.NEW: N_("Create account"),
    Kind.KNOWN: N_("Log in"),
    Kind.FORGOTTEN: N_("Set password and log in"),
    Kind.GUEST: N_("Continue"),
}
_OTHER = {
    Kind.NEW: (Kind.KNOWN, N_("I have an account")),
    Kind.KNOWN: (Kind.NEW, N_("I have no account yet")),
    Kind.FORGOTTEN: (Kind.KNOWN, N_("I know my password")),
    Kind.GUEST: (Kind.NEW, N_("Create an account instead")),
}
"""The kind of login that the second button goes to, and its text."""


class WelcomeWindow(Dialog):
    """Asks until a login succeeds; its attempts are made in another thread.

    Signals: `left`, when the user closes it.
    """

    left = pyqtSignal()

    def __init__(
        self,
        gui: GuiThread,
        attempts: Attempts,
        suggestions: Suggestions,
        encryption: Encryption = "auto",
    ) -> None:
        super().__init__("", width=_WIDTH)
        self.setWindowTitle(_("Welcome to Messenger"))
        self.setObjectName("welcome")
        self.setModal(False)  # Nothing else is open.
        self.setAcceptDrops(True)
        self._gui = gui
        self._attempts = attempts
        self._unreachable: Newcomer | None = None
        self._is_over = False
        self.fields = WelcomeFields(gui, suggestions, encryption)
        self.go = PrimaryButton("")
        self.other = PlainButton("")
        self.forgot = LinkButton(_("Forgot your password?"))
        self.guest = LinkButton(_("Continue as a guest, without a password"))
        self.offline = LinkButton(_("Continue offline"))
        self.cancel = PlainButton(_("Cancel"))
        self._progress = ProgressLine()
        self._busy = text("", soft=True)
        self._lay_out()
        self.fields.changed.connect(self._changed)
        self.go.clicked.connect(self._go_on)
        self.other.clicked.connect(lambda: self.show_kind(_OTHER[self.fields.kind][0]))
        self.forgot.clicked.connect(self._ask_for_code)
        self.fields.has_code.connect(lambda: self.show_kind(Kind.FORGOTTEN))
        self.guest.clicked.connect(lambda: self.show_kind(Kind.GUEST))
        self.offline.clicked.connect(self._go_offline)
        self.cancel.clicked.connect(self._cancel)
        self.show_kind(_first_kind(self.fields, suggestions))
        self._show_busy("")
        self.fields.focus_first()

    @property
    def is_busy(self) -> bool:
        """Whether an attempt is being made."""
        return not self._progress.isHidden()

    def show_kind(self, kind: Kind) -> None:
        """Ask for an account, a new one or a known one, or let a guest in."""
        self.fields.show_kind(kind)
        self.go.setText(_(_GO[kind]))
        self.other.setText(_(_OTHER[kind][1]))
        self._show_links()
        self._refit()

    def take_link(self, link: str) -> None:
        """Fill in the invitation link of a further start of the program."""
        if link and not self.is_busy:
            self.fields.take_link(link)

    def tell(self, outcome: Outcome) -> None:
        """Show what has become of an attempt; called in the thread that makes it."""
        self._gui.call(lambda: self._show(outcome))

    # --- what the user does ----------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        """Take texts and pictures."""
        if event is not None and self.fields.invitations.takes(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:
        """Look for an invitation in what is dropped."""
        data = event.mimeData() if event is not None else None
        if event is not None and data is not None and not self.is_busy:
            event.acceptProposedAction()
            self.fields.invitations.take(data)

    def reject(self) -> None:
        """Esc cancels an attempt; it does not throw away what was entered."""
        if self.is_busy:
            self._cancel()

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Leave: no account is wanted."""
        self.fields.stop()
        # In any case: a thread may wait for an attempt, also when a signal ends the program.
        self._attempts.leave()
        if not self._is_over:
            self._is_over = True
            self.left.emit()
        if event is not None:
            event.accept()

    def finish(self) -> None:
        """Close it: another window takes over."""
        self._is_over = True
        self.close()

    def _go_on(self) -> None:
        if self.is_busy:
            return
        self.fields.clear_errors()
        try:
            newcomer = checked(self.fields.entered())
        except Mistake as mistake:
            self._correct(mistake)
            return
        # What the user has seen, and may have compared, is what he is connected to.
        seen = newcomer.fingerprint or self.fields.fingerprint
        self._unreachable = None
        self._show_busy(_("Connecting to {server}…", server=newcomer.address))
        self._attempts.submit(newcomer._replace(fingerprint=seen))

    def _ask_for_code(self) -> None:
        self.show_kind(Kind.FORGOTTEN)
        self.fields.code.edit.setFocus()

    def _go_offline(self) -> None:
        if self._unreachable is not None:
            self._show_busy(_("One moment…"))
            self._attempts.go_offline(self._unreachable)

    def _cancel(self) -> None:
        self._attempts.cancel()

    def _changed(self) -> None:
        self._unreachable = None
        self.offline.hide()
        self._refit()

    # --- what comes of it ------------------------------------------------------------------------

    def _show(self, outcome: Outcome) -> None:
        if outcome.is_login:
            self._show_busy(_("Setting up this computer…"))
            self.cancel.setEnabled(False)
            return
        self._show_busy("")
        error = outcome.error
        if outcome.unreachable is not None:
            self._unreachable = outcome.newcomer
            said = _(
                "{reason}. Correct the address, or continue offline.",
                reason=explain(outcome.unreachable.error),
            )
            self._correct(Mistake(Part.SERVER, said))
            self.offline.show()
        elif isinstance(error, ProtocolError) and not isinstance(error, Cancelled):
            self._correct(_explained(correction(error, outcome.newcomer)))
        self._refit()

    def _correct(self, mistake: Mistake) -> None:
        self.fields.correct(mistake)
        self._refit()

    def _show_busy(self, said: str) -> None:
        is_busy = bool(said)
        self.fields.setEnabled(not is_busy)
        self._busy.setText(said)
        for widget in (self._progress, self._busy, self.cancel):
            widget.setVisible(is_busy)
        for button in (self.go, self.other):
            button.setVisible(not is_busy)
        self._show_links()
        self.offline.hide()
        if is_busy:
            self.cancel.setFocus()
        self._refit()

    def _show_links(self) -> None:
        kind = None if self.is_busy else self.fields.kind
        self.guest.setVisible(kind in (Kind.NEW, Kind.KNOWN))
        self.forgot.setVisible(kind is Kind.KNOWN)

    def _lay_out(self) -> None:
        heading = text(_("Welcome"), wrap=False)
        heading.setObjectName("heading")
        self.body.addWidget(heading)
        self.body.addWidget(text(_("Connect to a server that somebody you know runs."), soft=True))
        self.body.addSpacing(Space.S)
        self.body.addWidget(self.fields)
        buttons = QVBoxLayout()
        buttons.setSpacing(Space.S)
        for widget in (self._progress, self._busy, self.go, self.other, self.cancel):
            buttons.addWidget(widget)
        buttons.addWidget(self.offline)
        buttons.addWidget(self.forgot)
        buttons.addWidget(self.guest)
        self.body.addLayout(buttons)
        order = (
            self.fields,
            self.go,
            self.other,
            self.offline,
            self.forgot,
            self.guest,
            self.cancel,
        )
        for before, after in itertools.pairwise(order):
            self.setTabOrder(before, after)

    def _refit(self) -> None:
        # Once the event loop has polished new texts: their height depends on their font.
        QTimer.singleShot(0, self._fit_again)

    def _fit_again(self) -> None:
        if (layout := self.fields.layout()) is not None:
            layout.activate()
        self.fit()


def _first_kind(fields: WelcomeFields, suggestions: Suggestions) -> Kind:
    if fields.code.text:
        return Kind.FORGOTTEN
    return Kind.KNOWN if suggestions.has_account else Kind.NEW


def _explained(mistake: Mistake) -> Mistake:
    """Say what to do about a server's key that has changed."""
    if not isinstance(mistake.error, ServerChanged):
        return mistake
    said = _("Ask whoever runs the server which key is right, before you go on.")
    return Mistake(mistake.part, f"{mistake}\n{said}", mistake.error)
