"""Messages that are sent a second time, or put elsewhere in the log: they are noticed."""

from collections.abc import Sequence

from messenger.jim.messages import Message
from messenger.sdk.store.keys import KeyStore
from messenger.sdk.store.messages import Contents, MessageSecurity

NO_PLACE = -1
"""The number of a message that the server has forgotten: it is at no place of the log any more."""


class _Places:
    """At which places of the log the messages at the positions of a session are."""

    def __init__(self, taken: dict[int, int]) -> None:
        self._taken = taken
        self._last = max(taken, default=-1)
        self._highest = max(taken.values(), default=0)

    def take(self, position: int, seq: int) -> bool:
        """Take a place; False if it is another's, or the session's order would not be that."""
        if seq == NO_PLACE:
            is_new = position not in self._taken
            self._taken.setdefault(position, 0)
            return is_new
        if position > self._last and seq > self._highest:
            self._last, self._highest = position, seq
        elif position in self._taken:
            return self._taken[position] == seq
        elif any(
            place and (other < position) != (place < seq) for other, place in self._taken.items()
        ):
            # Those that are at no place any more say nothing of the order of the others.
            return False
        self._taken[position] = seq
        return True


def without_replays(
    keys: KeyStore, messages: Sequence[Message], found: list[tuple[Contents, int]]
) -> list[Contents]:
    """Return the contents; those that were sent again, or put elsewhere, are forged.

    `found` has each message's contents and its position in its session. Megolm opens a replay as
    well: each position of a session is at one place of the log only, and what was sealed later
    comes later.
    """
    sessions: dict[str, _Places] = {}
    new: list[tuple[str, int, int]] = []
    result = []
    for message, (contents, position) in zip(messages, found, strict=True):
        if position < 0:
            result.append(contents)
            continue
        if not message.seq:
            # At no place of the log: it could be shown as often as the server likes.
            result.append(Contents("", MessageSecurity.INVALID))
            continue
        session_id = contents.session_id
        if session_id not in sessions:
            sessions[session_id] = _Places(keys.decrypted_in(session_id))
        if sessions[session_id].take(position, message.seq):
            new.append((session_id, position, max(0, message.seq)))
            result.append(contents)
        else:
            result.append(Contents("", MessageSecurity.INVALID))
    keys.note_decrypted(new)
    return result
