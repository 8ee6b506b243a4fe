"""The time since the server's last bytes: it is probed, then the connection is closed."""

SILENCE = 45.0
"""After so many silent seconds a client probes the server; after twice as many, it is gone."""


class Silence:
    """Measures a connection's silence. Times are monotonic, in seconds."""

    def __init__(self) -> None:
        self.heard_at = 0.0
        self._asked = False

    def heard(self, now: float) -> None:
        """Bytes have arrived, or the connection is new."""
        self.heard_at = now
        self._asked = False

    def is_too_long(self, now: float) -> bool:
        """Tell whether the connection is dead."""
        return now - self.heard_at > 2 * SILENCE

    def is_to_be_asked(self, now: float) -> bool:
        """Tell, once, that it is time to probe the server."""
        due = now - self.heard_at > SILENCE and not self._asked
        self._asked = self._asked or due
        return due
