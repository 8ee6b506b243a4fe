"""The dialog about a server whose key has changed: it is trusted only by an explicit choice."""

from PyQt6.QtWidgets import QWidget

from messenger.desktop.dialog_pages import PagedDialog, icon_head
from messenger.language import _
from messenger.output import visible
from messenger.sdk.server_identity import ServerChanged
from messenger.ui.errors import explain
from messenger.ui.server_keys import KeyChange, change_of, fingerprint_of, in_two_lines
from messenger.windows.look.fonts import font
from messenger.windows.look.tokens import Type
from messenger.windows.widgets.buttons import DangerButton, PrimaryButton, acting
from messenger.windows.widgets.field import Field
from messenger.windows.widgets.labels import mono, section, text
from messenger.windows.widgets.switch import Switch


class ServerChangedDialog(PagedDialog):
    """Explains the change; if it is accepted, `trusted` is what the user wants to trust.

    That is for `trust_server`, or for the `trust` of a first login. It needs no client.
    """

    def __init__(
        self, error: ServerChanged, parent: QWidget | None = None, server: str = ""
    ) -> None:
        """`server` is named where the user has not chosen it just now."""
        super().__init__(_("The server's key"), parent, width=500)
        self.setObjectName("server changed")
        self.trusted = ""
        self._change = change_of(error)
        self._field = Field(_("Fingerprint that the operator names"))
        self._sure = Switch(_("The operator has confirmed the new key"))
        trust = DangerButton(_("Trust the new key"))
        trust.setEnabled(False)
        self._sure.toggled.connect(trust.setEnabled)
        stay = PrimaryButton(_("Do not connect"))
        self.show_page(
            [
                icon_head("shield-warning", self._change.title, visible(server), colour="bad"),
                text(self._change.meaning),
                *_fingerprints(self._change),
                *([] if self._change.trusted else [self._field]),
                self._sure,
            ],
            [acting(trust, self._trust), acting(stay, self.reject)],
        )

    def _trust(self) -> None:
        trusted = self._change.trusted
        if not trusted:
            try:
                trusted = fingerprint_of(self._field.text)
            except ValueError as error:
                self._field.show_error(explain(error))
                self.fit()
                return
        self.trusted = trusted
        self.accept()


def _fingerprints(change: KeyChange) -> list[QWidget]:
    parts: list[QWidget] = []
    for title, digits in ((_("Until now"), change.before), (_("Now"), change.now)):
        if digits:
            shown = mono(in_two_lines(digits))
            shown.setAccessibleName(f"{title}: {digits}")
            shown.setStyleSheet(f"font-size: {font(Type.SMALL).pixelSize()}px")
            parts += [section(title), shown]
    return parts
