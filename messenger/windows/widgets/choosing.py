"""Lists of which one row is chosen: by the pointer, the keyboard, or a screen reader."""

from collections.abc import Callable

from PyQt6.QtWidgets import QListWidget


def on_row_chosen(view: QListWidget, do: Callable[[int], object]) -> None:
    """Have a function called with the number of the row that is chosen.

    Screen readers choose a row without giving it the keyboard, which Qt then tells nobody of.
    """

    def choose() -> None:
        for index in view.selectedIndexes():
            view.setCurrentIndex(index)
            do(index.row())

    view.itemSelectionChanged.connect(choose)
