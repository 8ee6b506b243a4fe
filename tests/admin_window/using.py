"""A user of the administration window: what he sees, presses and is asked."""

from typing import Any, TypeVar

from PyQt6.QtWidgets import QApplication, QDialog, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from messenger.admin_window.main_window import AdminWindow
from messenger.admin_window.page import Page
from messenger.admin_window.requests import Requests
from messenger.windows.widgets.question import Question

_Dialog = TypeVar("_Dialog", bound=QDialog)


class User:
    """Somebody who uses a window that is shown."""

    def __init__(self, window: AdminWindow, requests: Requests, qtbot: QtBot) -> None:
        self.window = window
        self.requests = requests
        self.qtbot = qtbot

    @property
    def page(self) -> Any:
        """The page in sight."""
        assert isinstance(self.window.page, Page)
        return self.window.page

    def settle(self) -> None:
        """Wait until everything is shown that was asked for."""
        for _turn in range(3):
            self.qtbot.waitUntil(lambda: self.requests.is_idle)
            QApplication.sendPostedEvents()
            QApplication.processEvents()

    def search(self, words: str) -> None:
        """Search for words, and wait for what is found."""
        self.page.search.setText(words)
        self.page.ask_anew()
        self.settle()

    def open_row(self, number: int = 0) -> None:
        """Choose a row, and open the panel that tells about it."""
        self.page.table.selectRow(number)
        self.page.table.opened.emit(self.page.model.row(number))

    def open_found(self, words: str) -> None:
        """Search for words, and open the first row that is found."""
        self.search(words)
        self.open_row()

    def names(self) -> list[str]:
        """Return the texts of the first column, of the rows that are there."""
        model = self.page.model
        return [
            model.index(row, 0).data()
            for row in range(model.rowCount())
            if model.row(row) is not None
        ]

    def asked(self) -> str:
        """Return the words of the question that is shown."""
        question = QApplication.activeModalWidget()
        assert isinstance(question, Question)
        return "\n".join(label.text() for label in question.findChildren(QLabel))

    def answer(self, *, yes: bool) -> None:
        """Answer the question, and wait for what comes of it."""
        question = QApplication.activeModalWidget()
        assert isinstance(question, Question)
        (question.yes if yes else question.cancel).click()
        self.settle()

    def dialog(self, kind: type[_Dialog]) -> _Dialog:
        """Return the dialog that is open."""
        found = QApplication.activeModalWidget()
        assert isinstance(found, kind)
        return found

    def press(self, words: str, where: QWidget | None = None) -> None:
        """Press the button with these words."""
        self.button(words, where).click()

    def button(self, words: str, where: QWidget | None = None) -> QPushButton:
        """Return the button with these words."""
        buttons = (where or self.page).findChildren(QPushButton)
        found = [one for one in buttons if one.text().rstrip("…") == words and one.isVisible()]
        assert len(found) == 1, [one.text() for one in buttons]
        return found[0]

    def read(self, where: QWidget | None = None) -> str:
        """Return all texts that are in sight."""
        labels = (where or self.page).findChildren(QLabel)
        return "\n".join(one.text() for one in labels if one.isVisible())


class NoServerKnown:
    """Stores no key of a server: the first one is trusted."""

    def get(self, _name: str) -> str | None:
        """Return nothing."""
        return None

    def put(self, _name: str, _value: str | None) -> None:
        """Store nothing."""
