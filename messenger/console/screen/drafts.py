"""What is being written in each conversation: it is found there again, also after a restart."""

from messenger.console.screen.guarded import GuardedApp
from messenger.console.screen.threads import Pen
from messenger.console.talk import Talk


class Drafts:
    """Texts that are not sent yet.

    All are read before the screen is shown: one that came later could replace what is typed, or
    be replaced by it.
    """

    def __init__(self, app: GuardedApp[int], talk: Talk, pen: Pen) -> None:
        self._app = app
        self._talk = talk
        self._pen = pen
        self._texts = talk.drafts()

    def of(self, name: str) -> str:
        """Return the text for a conversation."""
        return self._texts.get(name, "")

    def keep(self, name: str, text: str) -> None:
        """Keep a text, after whatever is being written to the local database now."""
        if self.of(name) != text:
            self._texts[name] = text
            self._pen.put(self._app.guarded(self._talk.keep_draft, name, text))
