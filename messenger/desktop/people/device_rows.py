"""The devices of a person, with their fingerprints."""

from PyQt6.QtWidgets import QVBoxLayout, QWidget

from messenger.desktop.bridge import Bridge
from messenger.language import _
from messenger.output import visible
from messenger.sdk.verbs.devices import KnownDevice
from messenger.ui.errors import explain
from messenger.windows.look.tokens import Space
from messenger.windows.widgets.labels import mono, text

_GROUP = 4
_SHOWN = 30
"""Devices; who has more has a program that makes them."""


class DeviceRows(QWidget):
    """Asks the server for the devices, and shows them."""

    def __init__(self, bridge: Bridge, name: str) -> None:
        super().__init__()
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(Space.S)
        self._note = text(_("Asking the server…"), small=True)
        self._layout.addWidget(self._note)
        bridge.request(
            lambda client: client.keys.devices_of(name),
            self._show,
            owner=self,
            failed=lambda error: self._note.setText(explain(error)),
        )

    def _show(self, devices: list[KnownDevice]) -> None:
        self._note.setText("" if devices else _("No device with encryption."))
        self._note.setVisible(not devices)
        for device in devices[:_SHOWN]:
            said = _("verified by the account") if device.approved else _("not verified")
            title = visible(device.name or device.device_id)
            self._layout.addWidget(text(f"{title} · {said}", small=True))
            print_ = mono(_in_groups(device.fingerprint))
            print_.setAccessibleName(_("Fingerprint of {name}", name=title))
            self._layout.addWidget(print_)


def _in_groups(fingerprint: str) -> str:
    # Invisible places to break: without them a label is as wide as all of it.
    return " ".join(fingerprint[at : at + _GROUP] for at in range(0, len(fingerprint), _GROUP))
