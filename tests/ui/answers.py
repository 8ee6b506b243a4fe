"""A user who answers what an interface asks."""

from collections.abc import Iterable

from messenger.ui.prompts import Cancelled, Needed, NoLogin, Prompter


class Answering(Prompter):
    """Somebody with answers for the questions to come, in their order; `heard` is what was said."""

    def __init__(
        self,
        answers: Iterable[str] = (),
        *,
        agrees: bool = False,
        may_ask: bool = True,
        password: str | None = None,
        may_rename: bool = False,
    ) -> None:
        super().__init__(may_ask=may_ask, password=password, may_rename=may_rename)
        self.heard: list[str] = []
        self.asked: list[str] = []
        self._answers = list(answers)
        self._agrees = agrees

    def say(self, text: str) -> None:
        """Hear something before the next question."""
        self.heard.append(text)

    def read(self, prompt: str, *, secret: bool = False) -> str:
        """Answer; raises Cancelled where there is no answer left."""
        self.asked.append(prompt)
        if not self._answers:
            raise Cancelled("Cancelled.")
        return self._answers.pop(0)

    def missing(self, needed: Needed) -> NoLogin:
        """Name what is needed."""
        return NoLogin(needed.name)

    def agrees(self, question: str) -> bool:
        """Answer with yes or no."""
        self.asked.append(question)
        return self._agrees
