"""What is being written in each conversation: it is found there again, also after a restart."""

from messenger.console.screen.guarded import GuardedApp
from messenger.console.screen.threads import Pen, off_loop
from messenger.console.talk import Talk


class Drafts:
    """Texts that are not sent yet; those that are known are at hand, and the rest is read."""

    def __init__(self, app: GuardedApp[int], talk: Talk, pen: Pen) -> None:
        self._app = app
        self._talk = talk
        self._pen = pen
        self._texts: dict[str, str] = {}

    def known(self, name: str) -> str | None:
        """Return the text for a conversation; None if it has not been read yet."""
        return self._texts.get(name)

    async def read(self, name: str) -> str:
        """Return the text for a conversation, from the local database."""
        found = await off_loop(self._talk.draft, name)
        return self._texts.setdefault(name, found)

    def keep(self, name: str, text: str) -> None:
        """Keep a text, after whatever is being written to the local database now."""
        if self._texts.get(name) != text:
            self._texts[name] = text
            self._pen.put(self._app.guarded(self._talk.keep_draft, name, text))
