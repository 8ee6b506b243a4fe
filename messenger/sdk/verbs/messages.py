"""Verbs for messages: send, mark as read, fetch older ones; none waits for the server."""

import time
from collections.abc import Callable

from messenger.jim.messages import Typing
from messenger.sdk.store import StoredMessage
from messenger.sdk.verbs.shell import Shell


class MessageVerbs(Shell):
    """Verbs for messages; they return immediately."""

    def send_text(self, conversation: str, text: str, *, keep_draft: bool = False) -> StoredMessage:
        """Send a text to a person or a room; returns immediately, with the message as stored.

        It takes the place of the conversation's draft, which is deleted on all devices, unless you
        `keep_draft`. Raises TextTooLong for a text that the server would refuse.
        """

        def send() -> StoredMessage:
            message = self.core.outbox.add(conversation, text, time.time())
            if not keep_draft:
                self.core.encryption.account_data.set_draft(message.conversation, "")
            return message

        return self._at_once(send)

    def send_again(self, message: StoredMessage) -> StoredMessage:
        """Send a failed message again; returns immediately, with its new state."""
        return self._at_once(lambda: self.core.outbox.add_again(message))

    def mark_read(self, conversation: str) -> None:
        """Mark all stored messages of a conversation as read."""
        self._at_once(lambda: self.core.mark_read(conversation))

    def fetch_older(self, conversation: str, on_done: Callable[[int], None]) -> None:
        """Fetch messages older than the stored ones; `on_done` gets how many arrived."""
        self._at_once(lambda: self.core.fetch_older(conversation, on_done))

    def typing(self, conversation: str, *, stopped: bool = False) -> None:
        """Send a notice that the user is typing, or has stopped; does nothing while offline."""
        self.post(Typing(to=conversation, stopped=stopped))
