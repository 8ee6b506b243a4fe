"""What a check has found: a sign for its level, what it says, how long it took, what to do."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from messenger.language import _
from messenger.sdk.administration.results import CheckLevel
from messenger.ui.quantities import milliseconds
from messenger.ui.server_words import level_name
from messenger.windows.look.tokens import Space
from messenger.windows.widgets.icon_label import IconLabel
from messenger.windows.widgets.labels import text

_SIGNS = {
    "ok": ("check-circle", "good"),
    "warning": ("warning", "warn"),
    "failed": ("x-circle", "bad"),
}


class Finding(QFrame):
    """A row for one finding; `subject` is what was checked, in the user's language."""

    def __init__(
        self,
        level: CheckLevel,
        subject: str,
        words: str,
        *,
        advice: str = "",
        seconds: float | None = None,
    ) -> None:
        super().__init__()
        icon_name, colour = _SIGNS[level]
        self.setAccessibleName(f"{subject}: {level_name(level)}")
        self.setAccessibleDescription(words)
        name = text(subject, wrap=False)
        name.setObjectName("name")
        head = QHBoxLayout()
        head.addWidget(name, 1)
        if seconds is not None:
            head.addWidget(
                text(_("{count} ms", count=milliseconds(seconds)), small=True, wrap=False)
            )
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addLayout(head)
        said = text(words)
        said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addWidget(said)
        if advice:
            column.addWidget(text(advice, small=True))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, Space.S, 0, Space.S)
        layout.setSpacing(Space.M)
        layout.addWidget(IconLabel(icon_name, colour=colour), 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(column, 1)
