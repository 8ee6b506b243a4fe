"""What is not encrypted: sent only where that lowers nothing, and marked where it comes."""

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from messenger.jim.errors import Forbidden
from messenger.jim.names import EVERYONE
from messenger.language import _
from messenger.sdk.store import Lock, Store, StoredMessage
from messenger.sdk.store.keys import KeyStore
from messenger.sdk.store.messages import Contents


class Parcel(NamedTuple):
    """A message as it goes out, for the devices of this version."""

    message: str
    encoding: str
    devices: str | None = None


class Plain:
    """Decides what may be sent unencrypted, by what the user has said and not by the server."""

    def __init__(self, store: Store, keys: KeyStore) -> None:
        self._store = store
        self._keys = keys

    def parcel(
        self,
        message: StoredMessage,
        reason: str,
        readers: Iterable[str],
        version: str | None = None,
    ) -> Parcel | Forbidden:
        """Return a message for readers who can open nothing, unless that lowers its protection.

        A conversation that was encrypted, and people whose identity is known, are written to in
        plain only where the user has said so for this conversation.
        """
        was_sealed = self._keys.is_sealed(message.conversation)
        has_identity = any(self._keys.identity_of(name) is not None for name in readers)
        if (was_sealed or has_identity) and message.conversation not in self._allowed():
            return Forbidden(
                _("{reason}: not sent unencrypted. /plain sends without encryption", reason=reason)
            )
        # Plain for these readers: once all of them can open it, it is refused, and sealed.
        return in_plain(message)._replace(devices=version)

    def allow(self, conversation: str, *, allowed: bool) -> None:
        """Keep whether what cannot be encrypted there may go out in plain."""
        changed = self._allowed() - {conversation} | ({conversation} if allowed else set())
        self._keys.put("plain_allowed", msgspec.json.encode(sorted(changed)).decode())

    def note_encrypted(self, conversation: str) -> None:
        """Keep that a conversation is encrypted, whatever comes; the common chat never is."""
        if conversation != EVERYONE:
            self._store.describe(conversation, sealed=True)

    def marked(self, conversation: str, found: list[Contents]) -> list[Contents]:
        """Mark what came plain into a conversation that is encrypted: the server may have made it.

        Messages in one's own name, too.
        """
        if conversation == EVERYONE or not self._keys.is_sealed(conversation):
            return found
        return [one._replace(lock=Lock.PLAIN) if one.lock is Lock.OPEN else one for one in found]

    def _allowed(self) -> set[str]:
        return msgspec.json.decode(self._keys.get("plain_allowed") or "[]", type=set[str])


def in_plain(message: StoredMessage) -> Parcel:
    """Return a message as it is, for the common chat and for those who can open nothing."""
    return Parcel(message.text, message.encoding)
