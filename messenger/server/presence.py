"""The accounts that are online, and the sessions that subscribe to a conversation."""

import time
from collections.abc import Iterable

from messenger.jim.lookalikes import looks
from messenger.server.records import Account, Conversation, Session


class Online:
    """The accounts that are online, by name; all of them take part in the common chat."""

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.everyone: Conversation | None = None
        self._guest_looks: dict[str, Account] = {}
        self._changes = 0

    def get(self, name: str) -> Account | None:
        """Return the account of that name if it is online."""
        return self.accounts.get(name)

    def add(self, session: Session, account: Account) -> bool:
        """Bring a session of the account online; tell whether it is the account's first."""
        self._changes += 1
        session.account = account
        session.logged_in_at = time.time()
        first = not account.sessions
        account.sessions.append(session)
        if first:
            self.accounts[account.name] = account
            if account.guest:
                self._guest_looks |= dict.fromkeys(looks(account.name), account)
        if self.everyone is not None:
            self.everyone.subscribers[session] = None
        for room in account.rooms.values():
            room.subscribers[session] = None
        return first

    def remove(self, session: Session) -> bool:
        """Take a session offline; tell whether it was the account's last."""
        account = session.account
        if account is None:
            return False
        self._changes += 1
        session.account = None
        account.sessions.remove(session)
        if self.everyone is not None:
            self.everyone.subscribers.pop(session, None)
        for room in account.rooms.values():
            room.subscribers.pop(session, None)
        if account.sessions:
            return False
        # The name of a guest may be another account's by now.
        if self.accounts.get(account.name) is account:
            del self.accounts[account.name]
            if account.guest:
                for look in looks(account.name):
                    self._guest_looks.pop(look, None)
        return True

    def guest_like(self, name: str, *, but: Account | None) -> Account | None:
        """Return a guest, other than `but`, whose name looks like this one."""
        for look in looks(name):
            found = self._guest_looks.get(look)
            if found is not None and found is not but:
                return found
        return None

    def join_room(self, account: Account, room: Conversation) -> None:
        """Subscribe the account's sessions to the room."""
        account.rooms[room.name] = room
        for session in account.sessions:
            room.subscribers[session] = None

    def leave_room(self, account: Account, room: Conversation) -> None:
        """Unsubscribe the account's sessions from the room."""
        account.rooms.pop(room.name, None)
        account.routes.pop(room.name, None)
        for session in account.sessions:
            room.subscribers.pop(session, None)

    def sessions_of(self, conversation: Conversation) -> Iterable[Session]:
        """Return the sessions that subscribe to a conversation."""
        if conversation.pair is not None and conversation.subscribers_as_of != self._changes:
            # Looked up again only after somebody has gone online or offline.
            conversation.subscribers_as_of = self._changes
            accounts = (self.accounts.get(name) for name in conversation.pair)
            conversation.subscribers = {
                session: None for account in accounts if account for session in account.sessions
            }
        return conversation.subscribers

    def forget_route(self, name: str) -> None:
        """Drop the cached routes to a name: it belongs to another account from now on."""
        for account in self.accounts.values():
            account.routes.pop(name, None)
