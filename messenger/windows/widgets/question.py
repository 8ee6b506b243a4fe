"""A question before something that cannot be undone, or that others notice."""

from collections.abc import Callable

from PyQt6.QtWidgets import QWidget

from messenger.language import _
from messenger.windows.widgets.buttons import DangerButton, PlainButton, PrimaryButton
from messenger.windows.widgets.dialog import Dialog, open_dialog
from messenger.windows.widgets.labels import text as text_label


class Question(Dialog):
    """Asks a question. Enter agrees; where something is lost, *Cancel* has the focus instead."""

    def __init__(
        self,
        title: str,
        text: str,
        yes: str,
        do: Callable[[], object],
        parent: QWidget | None,
        *,
        is_danger: bool = True,
    ) -> None:
        """`yes` is the button's text; `do` is called if it is clicked.

        `is_danger`: something is lost, or people are disturbed, by it.
        """
        super().__init__(title, parent, width=400)
        self._do = do
        self.body.addWidget(text_label(text, soft=True))
        self.cancel = PlainButton(_("Cancel"))
        self.cancel.clicked.connect(self.reject)
        self.yes: DangerButton | PrimaryButton = (DangerButton if is_danger else PrimaryButton)(yes)
        self.yes.clicked.connect(self._agree)
        self.add_buttons(self.cancel, self.yes)
        (self.cancel if is_danger else self.yes).setFocus()

    def _agree(self) -> None:
        self.accept()
        self._do()


def ask(
    title: str,
    text: str,
    yes: str,
    do: Callable[[], object],
    parent: QWidget | None,
    *,
    is_danger: bool = True,
) -> Question:
    """Show a question above a widget's window; returns at once."""
    return open_dialog(Question(title, text, yes, do, parent, is_danger=is_danger))
