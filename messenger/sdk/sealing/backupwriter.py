"""Writes into the key backup; where it is full, what is wanted least makes room."""

from collections.abc import Callable, Collection, Mapping, Sequence

from messenger.jim.errors import BackupFull
from messenger.jim.replies import Reply
from messenger.jim.requests import BackUpKeys
from messenger.sdk.link import Answer, Ask
from messenger.sdk.store.keys import KeyStore
from messenger.sdk.store.sessions import OWNER_LENGTH, Group

_ROOM_AT_ONCE = 40
_FORGOTTEN_AT_ONCE = 100

OnAnswer = Callable[[Answer], None]


class BackupWriter:
    """Has the server keep entries of the backup, or forget them.

    A server keeps so many for an account. Where there are as many, sessions of the account that has
    the most of them there make room: nobody's keys push out those of others who have fewer, and
    what the user has decided always finds room. `me` is whose backup it is.
    """

    def __init__(self, keys: KeyStore, ask: Ask, me: str) -> None:
        self._keys = keys
        self._ask = ask
        self._me = me

    def put(
        self, entries: Mapping[str, str], on_answer: OnAnswer, groups: Sequence[Group] = ()
    ) -> None:
        """Back entries up, by their names; `groups` are the sessions whose keys are in them."""

        def answered(answer: Answer) -> None:
            least = self._least_wanted(entries, groups) if isinstance(answer, BackupFull) else []
            if least:
                self._make_room(entries, on_answer, groups, least)
            else:
                self._settle(answer, on_answer, groups)

        self._ask(BackUpKeys(keys=dict(entries)), answered)

    def _least_wanted(self, entries: Mapping[str, str], groups: Sequence[Group]) -> list[Group]:
        most, among = max(_ROOM_AT_ONCE, len(entries)), [group.name for group in groups]
        return self._keys.least_wanted(self._me, most, among)

    def _make_room(
        self,
        entries: Mapping[str, str],
        on_answer: OnAnswer,
        groups: Sequence[Group],
        least: Sequence[Group],
    ) -> None:
        """Back up what is wanted more than something else that is there, or that is to be."""
        left_out = {backup_name(group) for group in least}
        kept = {name: entry for name, entry in entries.items() if name not in left_out}
        self._ask(
            BackUpKeys(keys=kept, forget=sorted(left_out - set(entries))),
            lambda answer: self._settle(answer, on_answer, groups, least),
        )

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

    def forget(self, names: Collection[str]) -> None:
        """Have the server forget entries that say nothing that others do not say."""
        listed = sorted(names)
        for start in range(0, len(listed), _FORGOTTEN_AT_ONCE):
            batch = listed[start : start + _FORGOTTEN_AT_ONCE]
            self._ask(BackUpKeys(keys={}, forget=batch), lambda _: None)


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
