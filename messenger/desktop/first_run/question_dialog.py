"""A dialog for one question of the program: a line, a secret, or yes or no."""

from typing import NamedTuple

from PyQt6.QtWidgets import QWidget

from messenger.language import N_, _
from messenger.ui.waiting_prompter import Answer, Answered, Question
from messenger.windows.widgets.buttons import PlainButton, PrimaryButton
from messenger.windows.widgets.dialog import Dialog
from messenger.windows.widgets.field import Field
from messenger.windows.widgets.labels import text


class Topic(NamedTuple):
    """What questions are about; all texts are untranslated.

    `field` is the label of the field, unless the question is to be. `stays`: the dialog waits,
    busy, for what comes of the answer, and shows what was wrong.
    """

    title: str
    explanation: str = ""
    button: str = N_("Continue")
    leave: str = N_("Cancel")
    field: str = ""
    stays: bool = False


LOGIN = Topic(N_("Log in"))
UNLOCK = Topic(
    N_("Unlock Messenger"),
    N_("Your messages on this computer are encrypted with a passphrase."),
    N_("Unlock"),
    N_("Quit"),
    N_("Passphrase"),
    stays=True,
)
KEY_LOST = Topic(
    N_("The key of your messages is lost"),
    N_(
        "The system's keyring does not have the key that your messages on this computer are "
        "encrypted with. Your recovery code opens them, too."
    ),
    N_("Unlock"),
    N_("Quit"),
    N_("Recovery code"),
    stays=True,
)
BACKUP = Topic(
    N_("Restore a backup"), N_("The backup is encrypted with a passphrase."), N_("Restore")
)


class QuestionDialog(Dialog):
    """Asks, and passes the answer on; None if the user closes it."""

    def __init__(self, topic: Topic, parent: QWidget | None = None) -> None:
        super().__init__(_(topic.title), parent, width=420)
        self.setObjectName("question")
        self._topic = topic
        self._answered: Answered | None = None
        self._wanted = Answer.LINE
        if topic.explanation:
            self.body.addWidget(text(_(topic.explanation), soft=True))
        self._question = text("")
        self.field = Field("", secret=False)
        self._secret = Field("", secret=True)
        for widget in (self._question, self.field, self._secret):
            self.body.addWidget(widget)
        self.no = PlainButton(_(topic.leave))
        self.yes = PrimaryButton(_(topic.button))
        self.add_buttons(self.no, self.yes)
        self.no.clicked.connect(self.reject)
        self.yes.clicked.connect(self._answer)

    def ask(self, question: Question, answered: Answered) -> None:
        """Ask a question; may be called again once the last one is answered."""
        self.set_busy(False)
        self._answered = answered
        self._wanted = question.wanted
        is_consent = question.wanted is Answer.CONSENT
        prompt = question.prompt.strip().rstrip(":")
        said = question.said
        if self._topic.stays:
            self.show_error(said)
            said = ""
        self._question.setText("\n".join(filter(None, (said, prompt if is_consent else ""))))
        self._question.setVisible(bool(self._question.text()))
        is_secret = question.wanted is Answer.SECRET
        self.field.setVisible(not is_consent and not is_secret)
        self._secret.setVisible(is_secret)
        self.edit.rename(_(self._topic.field) or prompt)
        self.edit.clear()
        if is_consent:
            self.yes.setText(_("Yes"))
            self.no.setText(_("No"))
            self.yes.setFocus()
        else:
            self.edit.edit.setFocus()
        self.yes.setEnabled(True)

    @property
    def edit(self) -> Field:
        """The field that is shown."""
        return self._secret if self._wanted is Answer.SECRET else self.field

    @property
    def is_answered(self) -> bool:
        """Whether it waits for what comes of the answer."""
        return self._answered is None

    def reject(self) -> None:
        """Pass on that nothing was answered; `no` is an answer to a question for consent."""
        is_no = self._wanted is Answer.CONSENT and self.sender() is self.no
        self._tell(False if is_no else None)
        super().reject()

    def _answer(self) -> None:
        self._tell(True if self._wanted is Answer.CONSENT else self.edit.text)
        if self._topic.stays:
            self.yes.setEnabled(False)
            self.set_busy(True)
        else:
            self.accept()

    def _tell(self, answer: str | bool | None) -> None:
        answered, self._answered = self._answered, None
        if answered is not None:
            answered(answer)
