"""Messages: writing them, reading them, fetching older ones. Nothing here waits for the server."""

import time
from collections.abc import Callable

from messenger.jim.messages import Typing
from messenger.sdk.store import StoredMessage
from messenger.sdk.verbs.shell import Shell


class MessageVerbs(Shell):
    """Verbs for messages, which return at once."""

    def send_text(self, conversation: str, text: str) -> StoredMessage:
        """Write to a person or a room; returns at once, with the message as it is kept.

        Raises TextTooLong for what the server would refuse.
        """
        return self._at_once(lambda: self.core.send_text(conversation, text, time.time()))

    def send_again(self, message: StoredMessage) -> StoredMessage:
        """Send a message that failed once more; returns at once, with the message as it is now."""
        return self._at_once(lambda: self.core.send_again(message))

    def mark_read(self, conversation: str) -> None:
        """Note that everything that is here of the conversation has been read."""
        self._at_once(lambda: self.core.mark_read(conversation))

    def fetch_older(self, conversation: str, on_done: Callable[[int], None]) -> None:
        """Fetch what came before what is here; `on_done` gets how many messages came."""
        self._at_once(lambda: self.core.fetch_older(conversation, on_done))

    def typing(self, conversation: str, *, stopped: bool = False) -> None:
        """Tell others that the user is writing, or has stopped; nothing happens while offline."""
        self.post(Typing(to=conversation, stopped=stopped))
