"""Questions of threads come in dialogs, one at a time; the chooser, and a server's changed key."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PyQt6 import sip
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QDialog, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from messenger.desktop.first_run.inviting import InvitationDialog
from messenger.desktop.first_run.profile_chooser import KnownProfile, ProfileChooser
from messenger.desktop.first_run.question_dialog import QuestionDialog
from messenger.desktop.prompting import DialogPrompter
from messenger.desktop.security.server_changed import ServerChangedDialog
from messenger.sdk.server_identity import (
    AUTHORITY,
    CertificateRenewed,
    KeyReplaced,
    NoAuthority,
    ServerChanged,
)
from messenger.ui.prompts import Cancelled
from messenger.windows.gui_thread import GuiThread
from tests.desktop.checking import faults
from tests.desktop.typing import type_text

OLD = "3b68 5f8b a058 6509 2204 dfa4 9120 566c 0a71 3da2 982c 61f2 9f17 fc01 b531 9ee0"
NEW = f"6fa1 {OLD[5:]}"
PROFILES = [
    KnownProfile("anna@chat.example", "anna", "chat.example"),
    KnownProfile("Мария@school", "Мария Орлова", "school.example:7778"),
]


class Asking:
    """A thread that asks, and the hands that answer."""

    def __init__(self, qtbot: QtBot) -> None:
        self._qtbot = qtbot
        self.prompter = DialogPrompter(GuiThread(), lambda: None)
        self._threads: list[threading.Thread] = []

    def ask(self, question: Callable[[DialogPrompter], Any]) -> list[Any]:
        """Ask in a thread; the list gets the answer, or the exception."""
        found: list[Any] = []

        def work() -> None:
            try:
                found.append(question(self.prompter))
            except Cancelled as error:
                found.append(error)

        self._threads.append(threading.Thread(target=work))
        self._threads[-1].start()
        return found

    def dialog(self) -> QuestionDialog:
        """Wait for the dialog of a question that is open; return it."""
        self._qtbot.waitUntil(lambda: self._shown() is not None)
        shown = self._shown()
        assert shown is not None
        return shown

    def until(self, condition: Callable[[], object]) -> None:
        self._qtbot.waitUntil(lambda: bool(condition()))

    def close(self) -> None:
        self.prompter.give_up()
        self.prompter.close()
        for thread in self._threads:
            thread.join()

    def _shown(self) -> QuestionDialog | None:
        dialog = self.prompter._dialog
        is_open = dialog is not None and dialog.isVisible() and not dialog.is_answered
        return dialog if is_open else None


@pytest.fixture
def asking(qtbot: QtBot) -> Iterator[Asking]:
    found = Asking(qtbot)
    yield found
    found.close()


def enter(dialog: QuestionDialog, text: str) -> None:
    """Type an answer, and press Enter."""
    type_text(dialog.edit.edit, text)
    QTest.keyClick(dialog.edit.edit, Qt.Key.Key_Return)


def test_a_wrong_passphrase_is_told_in_the_same_window(asking: Asking) -> None:
    first = asking.ask(lambda prompter: prompter.passphrase())
    dialog = asking.dialog()
    assert faults(dialog) == []
    enter(dialog, "ключ")
    asking.until(lambda: first)
    assert dialog.isVisible(), "it waits for what comes of the answer"

    second = asking.ask(lambda prompter: prompter.passphrase())

    assert asking.dialog() is dialog
    assert "Wrong passphrase." in texts(dialog)
    assert dialog.edit.text == ""
    enter(dialog, "другой")
    asking.until(lambda: second)
    assert (first, second) == (["ключ"], ["другой"])


def test_a_question_about_something_else_ends_the_window_that_waits(asking: Asking) -> None:
    first = asking.ask(lambda prompter: prompter.passphrase())
    unlocking = asking.dialog()
    enter(unlocking, "ключ")
    asking.until(lambda: first)

    password = asking.ask(lambda prompter: prompter.password_of("anna"))
    enter(asking.dialog(), "secret")

    asking.until(lambda: password)
    assert password == ["secret"]
    assert sip.isdeleted(unlocking)


def test_the_recovery_code_is_asked_for_with_the_reason(asking: Asking) -> None:
    found = asking.ask(lambda prompter: prompter.recovery_code(None))
    dialog = asking.dialog()

    assert "keyring" in texts(dialog)
    enter(dialog, "CODE")
    asking.until(lambda: found)
    assert found == ["CODE"]


@pytest.mark.parametrize(("button", "answer"), [("yes", True), ("no", False)])
def test_consent_is_a_button(asking: Asking, button: str, answer: bool) -> None:
    found = asking.ask(lambda prompter: prompter.agrees("Make a new account?"))
    dialog = asking.dialog()
    assert faults(dialog) == []
    getattr(dialog, button).click()
    asking.until(lambda: found)

    assert found == [answer]


def test_who_closes_a_question_has_not_answered(asking: Asking) -> None:
    found = asking.ask(lambda prompter: prompter.agrees("Make a new account?"))
    QTest.keyClick(asking.dialog(), Qt.Key.Key_Escape)
    asking.until(lambda: found)

    assert isinstance(found[0], Cancelled)


def test_one_question_waits_for_the_other(asking: Asking) -> None:
    first = asking.ask(lambda prompter: prompter.read("First: "))
    dialog = asking.dialog()
    second = asking.ask(lambda prompter: prompter.read("Second: "))
    asking.until(lambda: asking.prompter._questions)
    enter(dialog, "1")
    asking.until(lambda: first)
    enter(asking.dialog(), "2")
    asking.until(lambda: second)

    assert (first, second) == (["1"], ["2"])


# --- other dialogs -------------------------------------------------------------------------------


def test_the_profile_that_was_used_last_is_opened_by_enter(qtbot: QtBot) -> None:
    answers: list[str | None] = []
    chooser = shown(qtbot, ProfileChooser(PROFILES, answers.append))
    assert faults(chooser) == []

    QTest.keyClick(chooser.list, Qt.Key.Key_Return)

    assert answers[:1] == ["anna@chat.example"]


def test_another_profile_or_account_can_be_chosen(qtbot: QtBot) -> None:
    answers: list[str | None] = []
    chooser = shown(qtbot, ProfileChooser(PROFILES, answers.append))
    QTest.keyClick(chooser.list, Qt.Key.Key_Down)
    chooser.open_button.click()
    shown(qtbot, ProfileChooser(PROFILES, answers.append)).add.click()
    shown(qtbot, ProfileChooser(PROFILES, answers.append)).reject()

    assert answers == ["Мария@school", "", None]


@pytest.mark.parametrize(
    ("error", "trusted"),
    [
        (KeyReplaced(OLD, NEW), NEW.replace(" ", "")),
        (CertificateRenewed(KeyReplaced(OLD, NEW)), AUTHORITY),
    ],
)
def test_a_new_key_is_trusted_only_deliberately(
    qtbot: QtBot, error: ServerChanged, trusted: str
) -> None:
    dialog = shown(qtbot, ServerChangedDialog(error, None, "chat.example"))
    assert faults(dialog) == []
    trust = button(dialog, "Trust the new key")
    assert not trust.isEnabled()
    dialog._sure.setChecked(True)

    trust.click()

    assert dialog.trusted == trusted


@pytest.mark.parametrize("error", [KeyReplaced(OLD, NEW), NoAuthority("expired")])
def test_whoever_does_not_connect_trusts_nothing(qtbot: QtBot, error: ServerChanged) -> None:
    dialog = shown(qtbot, ServerChangedDialog(error))
    dialog._sure.setChecked(True)

    button(dialog, "Do not connect").click()

    assert dialog.trusted == ""
    assert not dialog.isVisible()


def test_where_no_key_is_known_the_operator_has_to_name_one(qtbot: QtBot) -> None:
    dialog = shown(qtbot, ServerChangedDialog(NoAuthority("expired")))
    assert faults(dialog) == []
    dialog._sure.setChecked(True)

    button(dialog, "Trust the new key").click()
    assert dialog.isVisible()
    dialog._field.edit.setText(NEW)
    button(dialog, "Trust the new key").click()

    assert dialog.trusted == NEW.replace(" ", "")


def button(dialog: QDialog, words: str) -> QPushButton:
    return next(one for one in dialog.findChildren(QPushButton) if one.text() == words)


def test_an_invitation_is_copied_whole(qtbot: QtBot) -> None:
    link = (
        "jim://192.0.2.2:7777?invite=KmrG1uJgio7Okg-GTFXIPw&key=z6Chp-iGZDHg_TcfavoYg0bQvnVq3Ev35"
    )
    dialog = shown(qtbot, InvitationDialog(link, 10))
    assert faults(dialog) == []
    dialog.copy.click()

    clipboard = QApplication.clipboard()
    assert clipboard is not None
    assert clipboard.text() == link
    assert dialog.copy.text() == "Copied"


def shown(qtbot: QtBot, dialog: Any) -> Any:
    """Show a dialog."""
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def texts(widget: QWidget) -> str:
    """Return all texts of a widget that can be seen."""
    from PyQt6.QtWidgets import QLabel

    return "\n".join(one.text() for one in widget.findChildren(QLabel) if one.isVisible())
