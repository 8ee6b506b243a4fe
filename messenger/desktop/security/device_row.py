"""A row of the list of devices: what it is, when and where it was used, and what can be done."""

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from messenger.language import _
from messenger.output import visible
from messenger.sdk.verbs.devices import KnownDevice
from messenger.ui.device_lines import device_name, device_notes
from messenger.windows.look.tokens import Size, Space
from messenger.windows.widgets.buttons import IconButton, LinkButton
from messenger.windows.widgets.icon_label import IconLabel
from messenger.windows.widgets.labels import text

_ICON = 24


class DeviceRow(QFrame):
    """One device. Signals: `removed`, `approved`, when the user wants that."""

    removed = pyqtSignal(object)
    approved = pyqtSignal(object)

    def __init__(self, device: KnownDevice, *, may_approve: bool) -> None:
        """`may_approve`: the device in front of the user can approve others."""
        super().__init__()
        self.setObjectName("card")
        self.device = device
        name, line = device_name(device), row_line(device)
        self.setAccessibleName(f"{name}, {line}")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(Space.S, Space.M, Space.S, Space.M)
        layout.setSpacing(Space.S)
        layout.addWidget(_sign(device))
        column = QVBoxLayout()
        column.setSpacing(Space.XS)
        column.addWidget(_texts(name, line, device))
        layout.addLayout(column, 1)
        if may_approve and not device.approved and device.fingerprint:
            # Below the texts: beside them it would leave no room on a narrow window.
            approve = LinkButton(_("Approve…"))
            approve.clicked.connect(lambda: self.approved.emit(device))
            column.addWidget(approve, 0, Qt.AlignmentFlag.AlignLeft)
        if not device.is_this:
            remove = IconButton("trash", _("Remove {name}", name=name))
            remove.clicked.connect(lambda: self.removed.emit(device))
            layout.addWidget(remove)


def row_line(device: KnownDevice) -> str:
    """Return what the second line of a row says."""
    notes = device_notes(device)
    if device.address:
        notes.append(visible(device.address))
    if not device.fingerprint:
        notes.append(_("cannot decrypt"))
    return " · ".join(notes)


def approval_words(device: KnownDevice) -> tuple[str, str]:
    """Return whether a device is approved, in words, and the name of the label that shows it."""
    if device.approved:
        return _("Approved"), "good"
    return _("Not approved"), "warn"


def _sign(device: KnownDevice) -> QLabel:
    sign = IconLabel("desktop", size=_ICON, colour="accent" if device.is_this else "soft")
    sign.setFixedWidth(Size.BUTTON)
    return sign


def _texts(name: str, line: str, device: KnownDevice) -> QWidget:
    words, label_name = approval_words(device)
    state = text(words)
    state.setObjectName(label_name)
    title = text(name)
    title.setObjectName("name")
    found = QWidget()
    layout = QVBoxLayout(found)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(2)
    layout.addWidget(title)
    if line:
        layout.addWidget(text(line, small=True))
    layout.addWidget(state)
    return found
