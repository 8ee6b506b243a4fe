"""Decrypting and storing messages of the server, in one transaction."""

from collections.abc import Sequence

from messenger.jim.messages import Message
from messenger.jim.names import is_room
from messenger.sdk.encryption import Encryption
from messenger.sdk.store import MessageSecurity, Store, StoredMessage
from messenger.sdk.store.messages import WAITS, Contents


class Incoming:
    """Stores messages, each once, and asks for the keys that some of them wait for."""

    def __init__(self, store: Store, encryption: Encryption, me: str) -> None:
        self._store = store
        self._encryption = encryption
        self._me = me

    def keep(self, conversation: str, messages: Sequence[Message]) -> list[StoredMessage]:
        """Store messages of a conversation's log; return those that were not stored before."""
        new = self._store.add_received(conversation, self._me, messages, self._decrypt)
        if any(stored.security in WAITS for stored in new):
            self._encryption.ask_for_keys()
        if any(stored.security is MessageSecurity.EARLIER for stored in new):
            self._encryption.account.backup.look_for_earlier()
        return new

    def keep_unnumbered(self, conversation: str, message: Message) -> StoredMessage | None:
        """Store a message of a server without sequence numbers; None if it was stored before."""
        return self._store.add_unnumbered(conversation, self._me, message, self._decrypt)

    def _decrypt(self, conversation: str, messages: Sequence[Message]) -> list[Contents]:
        """Return the contents of messages.

        Messages from before this account joined the room do not wait for keys: in a room that does
        not show its history to new members nobody sends these.
        """
        found = self._encryption.decrypt(conversation, messages)
        if not is_room(conversation) or all(
            one.security is not MessageSecurity.WAITING for one in found
        ):
            return found
        row = self._store.conversation(conversation)
        joined = row.joined if row is not None and not row.history else 0.0
        return [
            contents._replace(security=MessageSecurity.BEFORE)
            if contents.security is MessageSecurity.WAITING and message.stored < joined
            else contents
            for message, contents in zip(messages, found, strict=True)
        ]
