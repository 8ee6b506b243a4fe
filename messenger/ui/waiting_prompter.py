"""Prompts from threads that work: they wait until the user interface's thread has asked."""

import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from enum import Enum, auto
from typing import Any, NamedTuple

from messenger.language import _
from messenger.ui.prompts import Cancelled, Prompter


class Answer(Enum):
    """The kind of answer that a question wants."""

    LINE = auto()
    SECRET = auto()
    """A line that is not shown."""
    CONSENT = auto()
    """Yes or no."""


class Question(NamedTuple):
    """A question for the user; `said` are texts that were said before it."""

    prompt: str
    wanted: Answer
    said: str = ""

    @property
    def text(self) -> str:
        """The texts that were said before, and the question."""
        return "\n".join(filter(None, (self.said, self.prompt)))


Answered = Callable[[Any], None]
"""Takes the answer to a question: a string, or a bool if consent is wanted; None: cancelled."""


class WaitingPrompter(Prompter):
    """Asks in the user interface's thread, and waits for the answer in the thread that asks.

    A user interface implements `show`.
    """

    def __init__(self, *, password: str | None = None) -> None:
        super().__init__(may_ask=True, password=password)
        self._said: list[str] = []
        self._lock = threading.Lock()
        self._open: set[Future[Any]] = set()
        self._is_over = False

    def show(self, question: Question, answered: Answered) -> None:
        """Have the user interface ask; called in the thread that asks, and must not wait."""
        raise NotImplementedError

    def give_up(self) -> None:
        """Cancel waiting and future questions: the program ends, and nobody can answer."""
        with self._lock:
            self._is_over = True
            for answer in self._open:
                answer.cancel()

    def resume(self) -> None:
        """Ask again after `give_up`: what was to end has ended."""
        with self._lock:
            self._is_over = False

    def read(self, prompt: str, *, secret: bool = False) -> str:
        """Return a line that the user writes, unseen if it is secret; raises Cancelled."""
        wanted = Answer.SECRET if secret else Answer.LINE
        return str(self._ask_for(Question(prompt, wanted, self.left_to_say())))

    def agrees(self, question: str) -> bool:
        """Ask a yes-or-no question; raises Cancelled."""
        return bool(self._ask_for(Question(question, Answer.CONSENT, self.left_to_say())))

    def say(self, text: str) -> None:
        """Say something before the next question."""
        self._said.append(text)

    def left_to_say(self) -> str:
        """Return texts that were said after the last question, once."""
        said, self._said = self._said, []
        return "\n".join(said)

    def wait_for(self, ask: Callable[[Answered], object]) -> Any:
        """Return what the user answers; blocks, so not for the user interface's thread.

        `ask` has the user interface ask, as `show` does. Raises Cancelled.
        """
        answer: Future[Any] = Future()
        with self._lock:
            if self._is_over:
                raise Cancelled(_("Cancelled."))
            self._open.add(answer)

        def answered(found: Any) -> None:
            # `give_up` may have cancelled it.
            if not answer.done():
                answer.set_result(found)

        ask(answered)
        try:
            found = answer.result()
        except CancelledError:
            found = None
        finally:
            with self._lock:
                self._open.discard(answer)
        if found is None:
            raise Cancelled(_("Cancelled."))
        return found

    def _ask_for(self, question: Question) -> Any:
        return self.wait_for(lambda answered: self.show(question, answered))
