"""Sends events to sessions: about contacts, rooms and receipts."""

import time
from collections.abc import Iterable

from messenger.jim.codec import AnyEvent, encode
from messenger.jim.contacts import ContactChanged
from messenger.jim.messages import ReceiptChanged
from messenger.server.presence import Online
from messenger.server.records import Account, Conversation, Session


class EventSender:
    """Sends events to sessions that asked for them; a blocked connection misses them."""

    def __init__(self, online: Online) -> None:
        self._online = online

    def send(self, event: AnyEvent, sessions: Iterable[Session]) -> None:
        """Send an event to those of the sessions that asked for events."""
        frame = b""
        for session in sessions:
            if session.events and not session.connection.blocked:
                frame = frame or encode(event) + b"\n"  # once, and only if somebody gets it
                session.connection.send(frame)

    def send_to_watchers(self, account: Account, *, offline: bool = False) -> None:
        """Send the account's presence to the accounts that have it as a contact."""
        if not account.watchers:
            return
        person = account.as_person()
        if offline:
            person.state = "offline"
            person.last_seen = time.time()
        watchers = (
            self._online.get(name) for name in account.watchers if not account.is_apart_from(name)
        )
        self.send(
            ContactChanged(time=time.time(), person=person),
            (session for watcher in watchers if watcher for session in watcher.sessions),
        )

    def send_receipt(
        self,
        conversation: Conversation,
        reader: Account,
        delivered: int,
        read: int,
        senders: Iterable[str],
    ) -> None:
        """Send the reader's receipt to the senders, and to the reader's own sessions.

        Not to those whom the reader has blocked, nor to those who have blocked the reader.
        """
        online = (self._online.get(name) for name in senders if not reader.is_apart_from(name))
        # One event for each account: the two sides of a direct chat call it by different names.
        for account in (*filter(None, online), reader):
            event = ReceiptChanged(
                time=time.time(),
                conversation=conversation.name_for(account.name),
                from_=reader.name,
                delivered=delivered,
                read=read,
            )
            self.send(event, account.sessions)
