"""A backup in the list of them: when it was made, its size, and whether it was verified."""

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from messenger.language import _
from messenger.sdk.administration.results import BackupEntry
from messenger.ui.quantities import date_and_time, size
from messenger.windows.look.tokens import Space
from messenger.windows.widgets.buttons import PlainButton, acting
from messenger.windows.widgets.icon_label import IconLabel
from messenger.windows.widgets.labels import text


class BackupRow(QFrame):
    """Signals: `verify_wanted` and `restore_wanted`, with the name of the backup."""

    verify_wanted = pyqtSignal(str)
    restore_wanted = pyqtSignal(str)

    def __init__(self, entry: BackupEntry) -> None:
        super().__init__()
        icon_name, colour = "archive", "faint"
        said = _("Not verified since the server's start")
        if entry.problem:
            icon_name, colour, said = "x-circle", "bad", entry.problem
        elif entry.verified is not None:
            icon_name, colour = "check-circle", "good"
            said = _("Verified at {time}", time=date_and_time(entry.verified))
        name = text(f"{date_and_time(entry.made)} · {size(entry.size)}")
        name.setObjectName("name")
        self.setAccessibleName(entry.backup)
        self.setAccessibleDescription(said)
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(name)
        below = text(entry.backup, small=True)
        below.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addWidget(below)
        column.addWidget(text(said, small=True))
        self.verify = PlainButton(_("Verify"))
        self.verify.setAccessibleDescription(entry.backup)
        acting(self.verify, lambda: self.verify_wanted.emit(entry.backup))
        words = _("Restore it")
        self.restore = PlainButton(f"{words}…")
        self.restore.setAccessibleDescription(entry.backup)
        acting(self.restore, lambda: self.restore_wanted.emit(entry.backup))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, Space.S, 0, Space.S)
        layout.setSpacing(Space.M)
        layout.addWidget(IconLabel(icon_name, colour=colour), 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(column, 1)
        layout.addWidget(self.verify, 0, Qt.AlignmentFlag.AlignVCenter)
        layout.addWidget(self.restore, 0, Qt.AlignmentFlag.AlignVCenter)
