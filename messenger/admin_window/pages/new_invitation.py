"""The dialog that makes an invitation, and shows its link and its QR code once."""

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QComboBox, QSpinBox, QWidget

from messenger.admin_window.requests import Requests
from messenger.language import N_, _
from messenger.sdk.administration.results import Invitation
from messenger.ui.errors import explain
from messenger.windows.widgets.banner import Banner
from messenger.windows.widgets.buttons import PlainButton, PrimaryButton, acting
from messenger.windows.widgets.copying import CopyButton
from messenger.windows.widgets.dialog import Dialog
from messenger.windows.widgets.labels import mono, text
from messenger.windows.widgets.layouts import centred
from messenger.windows.widgets.qr_code import QrCode

_TIMES = ((N_("A day"), 1), (N_("A week"), 7), (N_("A month"), 30), (N_("A year"), 365))
_MOST = 1000
_QR = 220


class NewInvitation(Dialog):
    """Asks for how many and for how long. Signals: `made`, when there is an invitation."""

    made = pyqtSignal()

    def __init__(self, requests: Requests, parent: QWidget | None) -> None:
        super().__init__(_("New invitation"), parent, width=440)
        self._requests = requests
        self._parts: list[QWidget] = []
        self.uses = QSpinBox()
        self.uses.setRange(1, _MOST)
        self.uses.setAccessibleName(_("How many people can register"))
        self.days = QComboBox()
        self.days.setAccessibleName(_("How long it is valid"))
        self.days.addItems([_(words) for words, _days in _TIMES])
        self.days.setCurrentIndex(1)
        for words, field in (
            (_("How many people can register"), self.uses),
            (_("How long it is valid"), self.days),
        ):
            label = text(words, wrap=False)
            label.setBuddy(field)
            self._add(label)
            self._add(field)
        self.cancel = PlainButton(_("Cancel"))
        self.make = PrimaryButton(_("Make a link"))
        self.add_buttons(acting(self.cancel, self.reject), acting(self.make, self._submit))
        self.uses.setFocus()

    def _add(self, part: QWidget) -> None:
        self._parts.append(part)
        self.body.addWidget(part)

    def _submit(self) -> None:
        uses, days = self.uses.value(), _TIMES[self.days.currentIndex()][1]
        self.set_busy(True)
        self.make.setEnabled(False)
        self._requests.ask(
            lambda server: server.invite(uses, days), self._show, failed=self._refused, owner=self
        )

    def _refused(self, error: Exception) -> None:
        self.set_busy(False)
        self.make.setEnabled(True)
        self.show_error(explain(error))

    def _show(self, found: Invitation) -> None:
        self.made.emit()
        self.set_busy(False)
        for part in self._parts:
            part.hide()
        if found.warning:
            self.body.addWidget(Banner(found.warning, icon_name="warning"))
        self.body.addWidget(text(_("The link is shown only now: copy it."), soft=True))
        code = QrCode(found.link, _("QR code of the invitation link"), side=_QR)
        self.body.addWidget(centred(code))
        link = mono(found.link)
        link.setAccessibleName(_("Invitation link"))
        self.body.addWidget(link)
        self.make.hide()
        self.cancel.setText(_("Close"))
        self.copy = CopyButton(_("Copy the link"), found.link, "primary")
        self.add_buttons(self.copy)
        self.copy.setFocus()
        self.fit()
