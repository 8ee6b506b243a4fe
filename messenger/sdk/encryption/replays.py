"""Detects messages that are replayed, or moved to another number in the log."""

from collections.abc import Sequence

from messenger.jim.messages import Message
from messenger.sdk.store.keys import KeyStore
from messenger.sdk.store.messages import Contents, MessageSecurity

NO_NUMBER = -1
"""The number of a message that the server has lost: it is not in the log any more."""


class _Numbers:
    """The log numbers of the messages at the positions of a session."""

    def __init__(self, known: dict[int, int]) -> None:
        self._known = known
        self._last = max(known, default=-1)
        self._highest = max(known.values(), default=0)

    def take(self, position: int, seq: int) -> bool:
        """Note a message; False if its position has another number, or the orders contradict."""
        if seq == NO_NUMBER:
            is_new = position not in self._known
            self._known.setdefault(position, 0)
            return is_new
        # The usual case costs no search: messages arrive in the order of their session.
        if position > self._last and seq > self._highest:
            self._last, self._highest = position, seq
        # The same message again, such as in a page that is fetched twice, has the same number.
        elif position in self._known:
            return self._known[position] == seq
        elif any(
            number and (other < position) != (number < seq) for other, number in self._known.items()
        ):
            # Messages without a number (0) are not compared.
            return False
        self._known[position] = seq
        return True


def without_replays(
    keys: KeyStore, messages: Sequence[Message], found: list[tuple[Contents, int]]
) -> list[Contents]:
    """Return the contents; those of replayed or moved messages are marked as invalid.

    `found` has each message's contents and its position in its session. Megolm itself decrypts
    replays: so each position of a session may have one number only, and later positions must have
    higher numbers.
    """
    sessions: dict[str, _Numbers] = {}
    new: list[tuple[str, int, int]] = []
    result = []
    for message, (contents, position) in zip(messages, found, strict=True):
        if position < 0:
            result.append(contents)
            continue
        if not message.seq:
            # Without a number it could be replayed as often as the server likes.
            result.append(Contents("", MessageSecurity.INVALID))
            continue
        session_id = contents.session_id
        if session_id not in sessions:
            sessions[session_id] = _Numbers(keys.decrypted_in(session_id))
        if sessions[session_id].take(position, message.seq):
            new.append((session_id, position, max(0, message.seq)))
            result.append(contents)
        else:
            result.append(Contents("", MessageSecurity.INVALID))
    keys.note_decrypted(new)
    return result
