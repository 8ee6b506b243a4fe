"""The dialog with what is known of a message."""

from PyQt6.QtWidgets import QGridLayout, QWidget

from messenger.language import _
from messenger.sdk.store import IdentityTrust, StoredMessage
from messenger.ui.message_facts import facts_of
from messenger.windows.look.tokens import Space
from messenger.windows.widgets.buttons import PrimaryButton
from messenger.windows.widgets.dialog import Dialog
from messenger.windows.widgets.labels import text


class MessageInformation(Dialog):
    """Who wrote a message, when, whether it was encrypted, and its state."""

    def __init__(self, message: StoredMessage, trust: IdentityTrust, parent: QWidget) -> None:
        super().__init__(_("Message"), parent)
        grid = QGridLayout()
        grid.setHorizontalSpacing(Space.L)
        grid.setVerticalSpacing(Space.S)
        grid.setColumnStretch(1, 1)
        for row, fact in enumerate(facts_of(message, trust)):
            label, value = text(fact.label, soft=True, wrap=False), text(fact.value)
            value.setAccessibleName(f"{fact.label}: {fact.value}")
            grid.addWidget(label, row, 0)
            grid.addWidget(value, row, 1)
        self.body.addLayout(grid)
        close = PrimaryButton(_("Close"))
        close.clicked.connect(self.accept)
        self.add_buttons(close)
