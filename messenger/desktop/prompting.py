"""Prompts in dialogs: threads wait for the answers, the GUI thread shows one at a time."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PyQt6.QtWidgets import QWidget

from messenger.desktop.first_run.question_dialog import (
    BACKUP,
    KEY_LOST,
    LOGIN,
    UNLOCK,
    QuestionDialog,
    Topic,
)
from messenger.given_secrets import given_passphrase
from messenger.ui.waiting_prompter import Answered, Question, WaitingPrompter
from messenger.windows.gui_thread import GuiThread


class DialogPrompter(WaitingPrompter):
    """Asks in dialogs over a window.

    `parent` returns that window, None while there is none; it is called in the GUI thread.
    """

    def __init__(
        self, gui: GuiThread, parent: Callable[[], QWidget | None], password: str | None = None
    ) -> None:
        super().__init__(password=password)
        self._gui = gui
        self._parent = parent
        self._topic = LOGIN
        self._questions: deque[tuple[Topic, Question, Answered]] = deque()
        self._dialog: QuestionDialog | None = None
        self._shown = LOGIN

    def show(self, question: Question, answered: Answered) -> None:
        """Ask in a dialog once no other one is open."""
        topic = self._topic
        self._gui.call(lambda: self._queue(topic, question, answered))

    def passphrase(self) -> str:
        """Return the passphrase of the local data; the dialog stays until it is known to fit."""
        with self._about(UNLOCK):
            return super().passphrase()

    def recovery_code(self, mistake: Exception | None) -> str:
        """Return the recovery code: the keyring has lost the key of the local data."""
        with self._about(KEY_LOST):
            return super().recovery_code(mistake)

    def passphrase_of_backup(self) -> str:
        """Return the passphrase of a backup; it is asked for once."""
        with self._about(BACKUP):
            return super().passphrase_of_backup()

    def given_passphrase(self) -> str | None:
        """Return the passphrase from the environment, if any."""
        return given_passphrase()

    def close(self) -> None:
        """Close the open dialog; for the GUI thread."""
        dialog, self._dialog = self._dialog, None
        if dialog is not None:
            dialog.reject()
            dialog.deleteLater()

    @contextmanager
    def _about(self, topic: Topic) -> Iterator[None]:
        before, self._topic = self._topic, topic
        try:
            yield
        finally:
            self._topic = before

    # --- in the GUI thread -----------------------------------------------------------------------

    def _queue(self, topic: Topic, question: Question, answered: Answered) -> None:
        self._questions.append((topic, question, answered))
        self._ask_next()

    def _ask_next(self) -> None:
        dialog = self._dialog
        if not self._questions or (dialog is not None and not dialog.is_answered):
            return
        if dialog is not None and self._questions[0][0] != self._shown:
            self.close()  # Its end asks the next question.
            return
        topic, question, answered = self._questions.popleft()
        if self._dialog is None:
            self._dialog, self._shown = QuestionDialog(topic, self._parent()), topic
            self._dialog.finished.connect(self._finished)
        self._dialog.ask(question, answered)
        self._dialog.show()
        self._dialog.raise_()
        self._dialog.activateWindow()

    def _finished(self) -> None:
        if self._dialog is not None:
            self._dialog.deleteLater()
            self._dialog = None
        self._ask_next()
