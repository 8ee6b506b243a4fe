"""Sorts out of the client's events what concerns the open conversation."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from messenger.sdk.events import (
    ConnectionState,
    ConversationChanged,
    IdentityChanged,
    MembersAppeared,
    MessageChanged,
    MessageDecrypted,
    MessageReceived,
    MessagesLost,
    MessagesMissing,
    StateChanged,
    SummariesChanged,
    TrustDecided,
    VerificationChanged,
)
from messenger.sdk.results import RoomChanged
from messenger.sdk.store import StoredMessage
from messenger.ui.notices import notice_of

_NOTED = (RoomChanged, MembersAppeared, MessagesMissing, MessagesLost)
"""Events of a conversation that are told between its messages."""
_CHANGE_TRUST = (IdentityChanged, TrustDecided, VerificationChanged)


@dataclass
class Happenings:
    """What has happened in a conversation: messages that are new or have changed, and notes.

    `is_encrypted` is not None if that is told. `is_lost`: the server has lost messages, so that
    others have other numbers. `is_online`: the client has just come online.
    """

    received: list[StoredMessage] = field(default_factory=list)
    changed: dict[int, StoredMessage] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    is_encrypted: bool | None = None
    may_change_trust: bool = False
    has_changed: bool = False
    is_lost: bool = False
    is_online: bool = False


def sorted_out(events: Iterable[Any], name: str, me: str) -> Happenings:
    """Return what events mean for the conversation of a name."""
    found = Happenings()
    for event in events:
        if isinstance(event, MessageReceived):
            if event.message.conversation == name:
                found.received.append(event.message)
        elif isinstance(event, MessageChanged | MessageDecrypted):
            if event.message.conversation == name:
                found.changed[event.message.id] = event.message
        else:
            _take(event, name, me, found)
    return found


def _take(event: Any, name: str, me: str, found: Happenings) -> None:
    if isinstance(event, SummariesChanged):
        for row in event.summaries:
            if row.name == name:
                found.is_encrypted = row.encrypted
    elif isinstance(event, StateChanged):
        found.is_online |= event.state is ConnectionState.ONLINE
    elif isinstance(event, _CHANGE_TRUST):
        found.may_change_trust = True
    if _place_of(event) != name:
        return
    found.has_changed = True
    found.may_change_trust |= isinstance(event, ConversationChanged)
    found.is_lost |= isinstance(event, MessagesLost)
    if isinstance(event, _NOTED) and (notice := notice_of(event, me)) is not None:
        found.notes.append(notice.text)


def _place_of(event: Any) -> str | None:
    """Return the conversation or room that an event belongs to; None for other events."""
    return getattr(event, "conversation", None) or getattr(event, "room", None)
