"""Verbs for messages: send and mark as read at once, fetch older ones from the server."""

import time

from messenger.jim.messages import Typing
from messenger.sdk.backfill import Fetched
from messenger.sdk.errors import ConnectionLost
from messenger.sdk.store import StoredMessage
from messenger.sdk.verbs.conversations import ConversationVerbs
from messenger.sdk.verbs.verb import ANSWER_TIMEOUT, Begin, verb


class MessageVerbs(ConversationVerbs):
    """Verbs for messages; all but `send_again` and those that fetch return immediately."""

    def send_text(self, conversation: str, text: str, *, keep_draft: bool = False) -> StoredMessage:
        """Send a text to a person or a room; returns immediately, with the message as stored.

        It takes the place of the conversation's draft, which is deleted on all devices, unless you
        `keep_draft`. Raises TextTooLong for a text that the server would refuse.
        """
        message = self.core.outbox.add(conversation, text, time.time())
        self._summaries.note(message.conversation)
        if keep_draft:
            self._soon(lambda: None)  # There is something to send.
        else:
            self.set_draft(message.conversation, "")
        return message

    def send_again(self, message: StoredMessage) -> StoredMessage:
        """Send a failed message again; return it in its new state, once that is stored."""
        return self._at_once(lambda: self.core.outbox.add_again(message))

    def mark_read(self, conversation: str) -> None:
        """Mark all stored messages of a conversation as read."""
        self._soon(lambda: self.core.mark_read(conversation))

    @verb
    async def fetch_older(self, conversation: str, timeout: float = ANSWER_TIMEOUT) -> Fetched:
        """Fetch a page of messages older than the stored ones; returns errors as part of it."""
        fetch = self.core.exchange.backfill.fetch_older
        return await self._fetched(lambda take: fetch(conversation, take), timeout)

    @verb
    async def fetch_around(
        self, conversation: str, number: int, timeout: float = ANSWER_TIMEOUT
    ) -> Fetched:
        """Fetch what is missing from shortly before a number on; returns errors as part of it.

        At most 10,000 messages. What arrives after the timeout is stored all the same.
        """
        return await self._fetched(
            lambda take: self.core.exchange.backfill.fetch_around(conversation, number, take),
            timeout,
        )

    async def _fetched(self, begin: Begin, timeout: float) -> Fetched:
        try:
            fetched: Fetched = await self._wait_for(begin, timeout)
        except ConnectionLost as error:
            return Fetched([], is_start=False, error=error)
        return fetched

    def typing(self, conversation: str, *, stopped: bool = False) -> None:
        """Send a notice that the user is typing, or has stopped; does nothing while offline."""
        self.post(Typing(to=conversation, stopped=stopped))
