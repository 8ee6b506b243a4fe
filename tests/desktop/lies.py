"""Events that no honest server and client would have let through: odd names, texts and times."""

import random
import time
from collections.abc import Callable, Sequence
from typing import Any

from messenger.sdk import events
from messenger.sdk.errors import NotOnline
from messenger.sdk.key_states import (
    Approval,
    ApprovalState,
    CancelReason,
    Recovery,
    RecoveryState,
    Verification,
    VerificationState,
)
from messenger.sdk.results import ContactChanged, Person, RoomChanged, TypingNotice
from messenger.sdk.store import IdentityTrust, MessageSecurity, MessageState, StoredMessage
from tests.ui.samples import message, row

ODD = (
    "", " ", "plain", "<b>bold</b> <img src='file:///etc/passwd'>", "a&b && c", "\u202etxt.exe",
    "z" + "\u0301\u0316" * 300, "😀" * 700, "👩‍👩‍👧", "\n" * 300, "w" * 30_000, "тест ёж",
    "שלום עולם", "\u200b\u2060", "a\x00b\x07c", "/", "//", "/help", "/who", "/nonsense x",
    "/join #", "@", ":smile", "https://[::1", "https://bank.example@evil.example/ jim://x",
    "\u2028\u2029\x0b", "{name}", "%s %d",
)  # fmt: skip
"""Texts and names that have broken programs."""
TIMES = (0.0, -1.0, 1.0, 1e18, -1e18, 6.7e16, -6.7e16, 4e9, 2.0**53)


class Lies:
    """Makes events up; `names` are people who exist."""

    def __init__(self, names: Sequence[str], seed: int) -> None:
        self._names = names
        self._random = random.Random(seed)

    def anything(self, place: str) -> list[Any]:
        """Return events about a conversation, or about the account."""
        kinds: tuple[Callable[[str], list[Any]], ...] = (
            self._message, self._message, self._change, self._room, self._keys, self._account,
        )  # fmt: skip
        return self._random.choice(kinds)(place)

    def _message(self, place: str) -> list[Any]:
        pick, text, found = self._random.choice, self._text, self._stored(place)
        person = Person(self._name, status=text, last_seen=pick(TIMES))
        changed = row(
            place, last=found, topic=self._text, draft=pick(("", text)), person=person,
            unread=pick((0, 1, 10**9)), encrypted=pick((True, False)),
            trust=pick(list(IdentityTrust)), muted_until=pick(TIMES),
        )  # fmt: skip
        typing = TypingNotice(conversation=place, from_=self._name)
        return [events.MessageReceived(found), events.SummariesChanged((changed,)), typing]

    def _change(self, place: str) -> list[Any]:
        found = self._stored(place)
        return [
            self._random.choice(
                (
                    events.MessageChanged(found),
                    events.MessageDecrypted(found),
                    events.MessagesMissing(place),
                    events.MessagesLost(place),
                    events.ConversationChanged(place),
                )
            )
        ]

    def _room(self, place: str) -> list[Any]:
        change = self._random.choice(("topic", "closed", "invited", "removed", "creator", "left"))
        return [
            RoomChanged(room=place, change=change, account_name=self._name, topic=self._text),
            events.MembersAppeared(place, (self._name, self._name)),
            events.MembersChanged(place),
            ContactChanged(person=Person(self._name, status=self._text)),
            events.ContactsChanged((self._name,)),
        ]

    def _keys(self, _place: str) -> list[Any]:
        pick, name = self._random.choice, self._name
        state = pick(list(VerificationState))
        reason = pick((None, *CancelReason))
        return [
            events.IdentityChanged(name, was_verified=pick((True, False))),
            events.DeviceAppeared(name, self._text, approved=pick((True, False))),
            events.TrustDecided(name, pick(list(IdentityTrust))),
            events.VerificationChanged(Verification(name, state, (1, 2, 3, 4, 5, 6, 63), reason)),
        ]

    def _account(self, _place: str) -> list[Any]:
        pick = self._random.choice
        approval = Approval(pick(list(ApprovalState)), self._text, pick((True, False)))
        return [
            events.ApprovalChanged(approval, pick(list(ApprovalState))),
            events.RecoveryChanged(Recovery(pick(list(RecoveryState)), self._text, 10**9)),
            events.KeysRestored(pick((0, 1, 10**9))),
            events.BackupOutdated(),
            events.ServerAnnounced(self._text, self._name),
            events.StateChanged(
                pick(list(events.ConnectionState)),
                pick((None, NotOnline(), ValueError(self._text))),
                pick((None, *TIMES)),
            ),
        ]

    def _stored(self, place: str) -> StoredMessage:
        pick = self._random.choice
        return message(
            self._text,
            id=self._random.randrange(10**6, 10**6 + 300),
            seq=pick((None, 0, 1, -5, 2**52, int(time.time()))),
            sender=self._name,
            conversation=place,
            time=pick(TIMES),
            stored=pick((*TIMES, time.time())),
            state=pick(list(MessageState)),
            security=pick(list(MessageSecurity)),
            guest=pick((True, False)),
        )

    @property
    def _text(self) -> str:
        return self._random.choice(ODD)

    @property
    def _name(self) -> str:
        return self._random.choice((self._random.choice(ODD), *self._names))
