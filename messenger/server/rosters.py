"""Rosters: which devices read a conversation, so that what is sealed is sealed for all of them.

A roster is worked out in the journal's thread, after every change that was asked for before: a
message that names its version is sealed for exactly those who will find it in the log.
"""

from typing import NamedTuple

from msgspec import Raw

from messenger.crypto.devices import version_of
from messenger.jim.errors import OutdatedDevices
from messenger.jim.keys import AccountKeys, DeviceKeys, DeviceName, DevicesChanged
from messenger.server.conversations import Conversation, Conversations
from messenger.server.journal import Journal
from messenger.server.session import Account
from messenger.server.store import keys as key_store


class Roster(NamedTuple):
    """The devices of a conversation by (account, ident), and members who have none.

    `identities` vouch for the devices.
    """

    version: str
    devices: dict[tuple[str, str], DeviceKeys]
    plain: frozenset[str]
    identities: dict[str, AccountKeys]


class Rosters:
    """Works out rosters when they are asked for, and keeps them until something changes."""

    def __init__(self, journal: Journal, conversations: Conversations) -> None:
        self._journal = journal
        self._conversations = conversations

    async def of(self, conversation: Conversation) -> Roster:
        """Return the roster of a conversation."""
        while (roster := conversation.roster) is None:
            changes = conversation.changes
            rows = await self._journal.write(key_store.readers, conversation.id)
            if conversation.changes == changes:
                conversation.roster = _roster(conversation, rows)
        return roster

    def changes(self, conversation: Conversation) -> None:
        """Somebody comes to the conversation or leaves it: call it before that is written."""
        conversation.changes += 1
        if conversation.roster is not None:
            conversation.roster_before, conversation.roster = conversation.roster, None

    def changes_of(self, account: Account) -> None:
        """The account's devices change: call it before that is written."""
        for room in account.rooms.values():
            self.changes(room)
        for conversation in self._conversations.of_pair(account.name):
            self.changes(conversation)

    def check(self, conversation: Conversation, version: str) -> None:
        """Raise OutdatedDevices unless this is the version of the conversation's roster."""
        roster = conversation.roster
        assert roster is not None
        if version == roster.version:
            return
        changes = DevicesChanged(409, version=roster.version, plain=sorted(roster.plain))
        before = conversation.roster_before
        if before is not None and before.version == version:
            changes.added = [
                keys for name, keys in roster.devices.items() if before.devices.get(name) != keys
            ]
            changes.removed = [
                DeviceName(*name) for name in before.devices.keys() - roster.devices.keys()
            ]
        raise OutdatedDevices("The devices of those who read this have changed", changes)


def _roster(conversation: Conversation, rows: list[key_store.DeviceRow]) -> Roster:
    devices = {
        (row.account, row.ident): DeviceKeys(row.account, row.ident, Raw((row.keys or "").encode()))
        for row in rows
        if row.ident is not None
    }
    # Who can open nothing has no part in a room that takes nothing else.
    plain = set() if conversation.encrypted else {row.account for row in rows if row.ident is None}
    if conversation.pair is None and not conversation.encrypted:
        # Guests are members for as long as they are here.
        plain |= {
            reader.account.name
            for reader in conversation.readers
            if reader.account is not None and reader.account.guest
        }
    named = [(row.account, row.ident or "", row.ed25519 or "") for row in rows if row.ident]
    masters = {row.account: row.master_key for row in rows if row.master_key and row.ident}
    identities = {
        row.account: AccountKeys(row.account, Raw(row.identity.encode()))
        for row in rows
        if row.identity is not None and row.account in masters
    }
    version = version_of(named, plain, masters.items(), conversation.unique_id)
    return Roster(version, devices, frozenset(plain), identities)
