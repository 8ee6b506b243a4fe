"""Decrypts waiting messages once their keys have arrived or their senders' devices count."""

import time
from collections.abc import Callable, Iterable

from messenger.crypto.to_device import DecryptedToDevice
from messenger.jim.codec import decode_message
from messenger.sdk.encryption.context import DeviceContext
from messenger.sdk.encryption.message_decryption import MessageDecryption
from messenger.sdk.encryption.replays import NO_NUMBER
from messenger.sdk.encryption.session_keys import Reach, SessionKeys
from messenger.sdk.events import MessageDecrypted
from messenger.sdk.store import StoredMessage
from messenger.sdk.store.keys import Waiting

_AT_ONCE = 100  # Messages in one step, during which the database is locked.
# Checking again what the server says may count takes a twentieth of the time at most.
_REST = 20
_LONGEST_REST = 30.0  # A suspend of the whole program may count as work.


class Redecryption:
    """Decrypts messages that arrived before their keys, or before their sender's device counted."""

    def __init__(
        self,
        context: DeviceContext,
        sessions: SessionKeys,
        decryption: MessageDecryption,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._keys = context.keys
        self._me = context.account
        self._tell = context.tell
        self._sessions = sessions
        self._decryption = decryption
        self._clock = clock
        self._later: dict[str, int] = {}
        self._rests_until = 0.0

    def take_key(self, message: DecryptedToDevice) -> list[StoredMessage]:
        """Store a session key that a device has sent; return the messages that it decrypts.

        Raises SignatureError, as `SessionKeys.take_key` does.
        """
        exported = message.type == "m.forwarded_room_key"
        reach = self._sessions.take_key(message.content, message.sender, exported=exported)
        return [] if reach is None else self.reached(reach)

    def reached(self, reach: Reach) -> list[StoredMessage]:
        """Try the messages that a key reaches; return those that it has decrypted."""
        return self._decrypted(self._keys.waiting_for(*reach))

    def restored(self, session_ids: Iterable[str]) -> None:
        """Decrypt and report the messages that wait for these sessions."""
        with self._keys.transaction():
            decrypted = [one for name in session_ids for one in self.reached(Reach(name, 0))]
        self._tell_of(decrypted)

    def decided(self, account: str) -> None:
        """Decrypt the waiting messages of an account after the user's decision about it."""
        with self._keys.transaction():
            decrypted = self._decrypted(self._keys.waiting_of(account))
        self._tell_of(decrypted)

    def changed(self, account: str) -> None:
        """As `decided`, but step by step, as the server or the account's holder causes this.

        They may do it again and again.
        """
        self._later.pop(account, None)  # Start from the beginning, and queue behind the others.
        self._later[account] = 0

    def resume(self) -> None:
        """Continue with the messages that were not checked before the program ended."""
        for account in self._keys.held_back():
            self.changed(account)

    def tick(self) -> None:
        """Decrypt the next step of what `changed` has queued. Call it periodically."""
        started = self._clock()
        if not self._later or started < self._rests_until:
            return
        account, after = next(iter(self._later.items()))
        with self._keys.transaction():
            waiting = self._keys.waiting_of(account, after, _AT_ONCE)
            decrypted = self._decrypted(waiting)
        del self._later[account]
        if len(waiting) == _AT_ONCE:
            # Behind the others, so that each account gets its turn.
            self._later[account] = waiting[-1].message.id
        self._tell_of(decrypted)
        rest = min(_REST * (self._clock() - started), _LONGEST_REST)
        self._rests_until = self._clock() + rest

    def _decrypted(self, waiting: Iterable[Waiting]) -> list[StoredMessage]:
        decrypted = []
        for message, encrypted in waiting:
            received = decode_message(encrypted)
            if received.seq and (message.seq or 0) <= 0:
                # It has lost its number since: that belongs to another message now.
                received.seq = NO_NUMBER
            contents = self._decryption.decrypt(message.conversation, [received])[0]
            if not contents.encrypted:
                decrypted.append(self._keys.settle(message, contents, self._me))
        return decrypted

    def _tell_of(self, decrypted: Iterable[StoredMessage]) -> None:
        for message in decrypted:
            self._tell(MessageDecrypted(message))
