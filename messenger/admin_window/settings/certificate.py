"""The sheet about the server's certificate: fingerprint, expiry, and a new one."""

from PyQt6.QtWidgets import QVBoxLayout

from messenger.admin_window.acting import Act, perform
from messenger.admin_window.page import Page
from messenger.admin_window.requests import Requests
from messenger.admin_window.sheets import Sheet, add_facts
from messenger.crypto.certificates import grouped
from messenger.language import _
from messenger.sdk.administration.results import Certificate
from messenger.ui.certificate_words import expiry_warning, is_expired
from messenger.ui.errors import explain
from messenger.ui.quantities import date_and_time
from messenger.windows.look.tokens import Space
from messenger.windows.widgets.button_row import ButtonRow
from messenger.windows.widgets.buttons import PlainButton, acting
from messenger.windows.widgets.copying import CopyButton
from messenger.windows.widgets.labels import mono, text
from messenger.windows.widgets.layouts import empty


class CertificateSheet(Sheet):
    """Shows the certificate, and has the server renew its own."""

    def __init__(self, requests: Requests, page: Page) -> None:
        super().__init__(_("Certificate"))
        self._requests = requests
        self._page = page
        self._shown: Certificate | None = None
        self._inside = QVBoxLayout()
        self._inside.setSpacing(Space.S)
        self.body.addLayout(self._inside)
        self.renew = PlainButton(f"{_('Renew')}…")
        acting(self.renew, self._renew)

    def refresh(self) -> None:
        """Ask for the certificate."""
        self._requests.ask(
            lambda server: server.certificate(), self._show, failed=self._fail, owner=self
        )

    def _fail(self, error: Exception) -> None:
        self._shown = None
        self._clear()
        self._inside.addWidget(text(explain(error), soft=True))

    def _show(self, found: Certificate) -> None:
        known = self._shown
        self._shown = found
        if known is not None and (known.fingerprint, known.not_after) == (
            found.fingerprint,
            found.not_after,
        ):
            return
        self._clear()
        add_facts(
            self._inside,
            [
                (_("File"), found.file),
                (_("Issued for"), ", ".join(found.names)),
                (_("Issued by"), _("the server itself") if found.is_own else found.issuer),
                (_("Valid until"), date_and_time(found.not_after)),
            ],
        )
        if warning := expiry_warning(found.not_after):
            words = text(warning)
            words.setObjectName("error" if is_expired(found.not_after) else "warn")
            self._inside.addWidget(words)
        self._inside.addWidget(text(_("Fingerprint of its key, for people to compare"), soft=True))
        code = mono(grouped(found.fingerprint))
        code.setAccessibleName(_("Fingerprint of its key, for people to compare"))
        self._inside.addWidget(code)
        buttons = [CopyButton(_("Copy the fingerprint"), found.fingerprint)]
        self._inside.addWidget(ButtonRow(*buttons, *([self.renew] if found.is_own else [])))
        self.renew.setVisible(found.is_own)

    def _clear(self) -> None:
        # It stays for the next one.
        self.renew.setParent(None)
        self.renew.hide()
        empty(self._inside)

    def _renew(self) -> None:
        act = Act(
            _("Renew the certificate?"),
            _(
                "The server makes a new one for ten years, with the same key: people need not"
                " confirm it again, and connections stay open."
            ),
            _("Renew"),
            lambda server: server.renew_certificate(),
            _("The certificate is renewed."),
        )
        perform(self._page, self._requests, act)
