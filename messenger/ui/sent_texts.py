"""The texts that the user has sent lately, to recall them one after another."""

_MAX_KEPT = 200


class SentTexts:
    """Recalls texts as a shell does; the unfinished text is the newest of them.

    `recalled` is the text that was recalled last; None if the unfinished one is in the field.
    """

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._place = 0
        self._unfinished = ""

    @property
    def recalled(self) -> str | None:
        """The sent text that is in the field, unless the user has changed it."""
        return self._texts[self._place] if self._place < len(self._texts) else None

    def add(self, text: str) -> None:
        """Keep a text that is sent."""
        self._texts = [*self._texts[-_MAX_KEPT:], text]
        self.leave()

    def leave(self) -> None:
        """Begin with the newest again: another conversation was opened."""
        self._place = len(self._texts)

    def older(self, current: str) -> str | None:
        """Return the text sent before the recalled one, None if there is none.

        `current` is what is in the field; it returns after the newest one.
        """
        if self._place == 0:
            return None
        if self._place == len(self._texts):
            self._unfinished = current
        self._place -= 1
        return self._texts[self._place]

    def newer(self) -> str | None:
        """Return the text sent after the recalled one, None if nothing was recalled."""
        if self._place >= len(self._texts):
            return None
        self._place += 1
        recalled = self.recalled
        return self._unfinished if recalled is None else recalled
