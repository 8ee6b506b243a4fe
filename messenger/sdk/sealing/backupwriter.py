"""Writes into the key backup; where it is full, what is wanted least makes room."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from messenger.jim.errors import BackupFull
from messenger.jim.replies import Reply
from messenger.jim.requests import BackUpKeys
from messenger.sdk.link import Answer, Ask
from messenger.sdk.store.keys import KeyStore
from messenger.sdk.store.sessions import OWNER_LENGTH, Group

_ROOM_AT_ONCE = 40
_MOST_FORGOTTEN = 100

OnAnswer = Callable[[Answer], None]


class _Room(NamedTuple):
    """What is to go from a full backup: the names of entries, and the sessions that they are of."""

    names: list[str]
    groups: list[Group]


class BackupWriter:
    """Has the server keep entries of the backup, in the place of others where there is no room.

    A server keeps so many for an account. Where there are as many, what is `useless` there goes
    first, then sessions of the account that has the most of them: nobody's keys push out those of
    others who have fewer, and what the user has decided always finds room. `me` is whose it is.
    """

    def __init__(self, keys: KeyStore, ask: Ask, me: str) -> None:
        self._keys = keys
        self._ask = ask
        self._me = me
        self.useless: list[str] = []

    def put(
        self, entries: Mapping[str, str], on_answer: OnAnswer, groups: Sequence[Group] = ()
    ) -> None:
        """Back entries up, by their names; `groups` are the sessions whose keys are in them."""

        def answered(answer: Answer) -> None:
            room = self._room_for(entries, groups) if isinstance(answer, BackupFull) else None
            if room is None:
                self._settle(answer, on_answer, groups)
            else:
                self._put_instead(entries, on_answer, groups, room)

        self._ask(BackUpKeys(keys=dict(entries)), answered)

    def _room_for(self, entries: Mapping[str, str], groups: Sequence[Group]) -> _Room | None:
        """Return what is to go, so that entries find room; None if nothing is known that can go."""
        most = max(_ROOM_AT_ONCE, len(entries))
        useless, self.useless = self.useless[:_MOST_FORGOTTEN], self.useless[_MOST_FORGOTTEN:]
        if useless:
            return _Room(useless, [])
        least = self._keys.least_wanted(self._me, most, [group.name for group in groups])
        return _Room([backup_name(group) for group in least], least) if least else None

    def _put_instead(
        self, entries: Mapping[str, str], on_answer: OnAnswer, groups: Sequence[Group], room: _Room
    ) -> None:
        """Back entries up that are wanted more than what is to go, which may be one of them."""
        kept = {name: entry for name, entry in entries.items() if name not in room.names}
        gone = sorted(set(room.names) - set(entries))

        def answered(answer: Answer) -> None:
            if isinstance(answer, BackupFull) and not room.groups:
                self.put(entries, on_answer, groups)
            else:
                self._settle(answer, on_answer, groups, room.groups)

        self._ask(BackUpKeys(keys=kept, forget=gone), answered)

    def _settle(
        self,
        answer: Answer,
        on_answer: OnAnswer,
        groups: Sequence[Group],
        left_out: Sequence[Group] = (),
    ) -> None:
        """Note what is in the backup now."""
        if isinstance(answer, Reply):
            with self._keys.transaction():
                self._keys.note_backed_up(group.name for group in groups)
                self._keys.note_left_out(group.name for group in left_out)
        on_answer(answer)


def backup_name(group: Group) -> str:
    """Return the name by which a session's key is backed up.

    It names the owner: who claims another's session must not replace the owner's key. A key that
    opens later messages only has a name of its own: it must not replace one of all.
    """
    return entry_name(group.name, group.first)


def entry_name(session: str, first: int) -> str:
    """Return the name by which the key of a session is backed up that opens it from `first` on."""
    separator = "" if " " in session else " "  # Where its owner is not known.
    return f"{session}{separator}{first:x}" if first else session


def session_of_backup(name: str) -> str:
    """Return the name of the session whose key is backed up by a name."""
    session_id, _, rest = name.partition(" ")
    owner = rest[:OWNER_LENGTH]
    # What clients of older days have backed up names no owner.
    return f"{session_id} {owner}" if len(owner) == OWNER_LENGTH else session_id
