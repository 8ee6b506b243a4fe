"""How long a server has been silent: it is asked whether it is there, then given up."""

SILENCE = 45.0
"""After so many silent seconds a client asks whether the server is there; after two, it is not."""


class Silence:
    """Times are monotonic, in seconds."""

    def __init__(self) -> None:
        self._heard = 0.0
        self._asked = False

    def heard(self, now: float) -> None:
        """The server has said something, or the link is new."""
        self._heard = now
        self._asked = False

    def is_too_long(self, now: float) -> bool:
        """Tell whether the link is dead."""
        return now - self._heard > 2 * SILENCE

    def is_to_be_asked(self, now: float) -> bool:
        """Tell, once, that it is time to ask whether the server is there."""
        due = now - self._heard > SILENCE and not self._asked
        self._asked = self._asked or due
        return due
