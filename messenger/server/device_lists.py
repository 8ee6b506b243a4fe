"""Device lists: the devices of a conversation's members, for which its messages are encrypted.

A device list is computed in the journal's thread, after every change that was requested before: a
message that names its version is encrypted for exactly those who will find it in the log.
"""

from msgspec import Raw

from messenger.crypto.devices import version_of
from messenger.jim.devices import AccountKeys, DeviceKeys, DeviceName, DevicesChanged
from messenger.jim.errors import OutdatedDevices
from messenger.server.conversations import Conversations
from messenger.server.journal import Journal
from messenger.server.records import Account, Conversation, DeviceList
from messenger.server.store import keys as key_store


class DeviceLists:
    """Computes device lists on demand, and caches them until something changes."""

    def __init__(self, journal: Journal, conversations: Conversations) -> None:
        self._journal = journal
        self._conversations = conversations

    async def of(self, conversation: Conversation) -> DeviceList:
        """Return the device list of a conversation."""
        while (device_list := conversation.device_list) is None:
            changes = conversation.changes
            rows = await self._journal.write(key_store.recipient_devices, conversation.id)
            # A change that was requested meanwhile is missing in these rows.
            if conversation.changes == changes:
                conversation.device_list = _device_list(conversation, rows)
        return device_list

    def invalidate(self, conversation: Conversation) -> None:
        """Drop the cached list: call it before a change of the members is written."""
        # Also without a cached list: one that is being computed would be outdated.
        conversation.changes += 1
        # The previous list lets `check` answer an outdated client with the difference only.
        if conversation.device_list is not None:
            conversation.previous_device_list, conversation.device_list = (
                conversation.device_list,
                None,
            )

    def invalidate_for(self, account: Account) -> None:
        """Drop the cached lists with this account: call it before its devices change."""
        for room in account.rooms.values():
            self.invalidate(room)
        for conversation in self._conversations.of_pair(account.name):
            self.invalidate(conversation)

    def check(self, conversation: Conversation, version: str) -> DeviceList:
        """Return the conversation's list; raises OutdatedDevices if this is not its version."""
        device_list = conversation.device_list
        assert device_list is not None  # callers await `of` before
        if version == device_list.version:
            return device_list
        changes = DevicesChanged(409, version=device_list.version, plain=sorted(device_list.plain))
        previous = conversation.previous_device_list
        if previous is not None and previous.version == version:
            changes.added = [
                keys
                for name, keys in device_list.devices.items()
                if previous.devices.get(name) != keys
            ]
            changes.removed = [
                DeviceName(*name) for name in previous.devices.keys() - device_list.devices.keys()
            ]
        raise OutdatedDevices("The conversation's device list has changed", changes)


def _device_list(conversation: Conversation, rows: list[key_store.DeviceRow]) -> DeviceList:
    devices = {
        (row.account, row.device_id): DeviceKeys(
            row.account, row.device_id, Raw((row.keys or "").encode())
        )
        for row in rows
        if row.device_id is not None
    }
    # Members without a device read nothing in a room that accepts only encrypted messages.
    plain = (
        set() if conversation.encrypted else {row.account for row in rows if row.device_id is None}
    )
    if conversation.pair is None and not conversation.encrypted:
        # Guests are members while they are online.
        plain |= {
            subscriber.account.name
            for subscriber in conversation.subscribers
            if subscriber.account is not None and subscriber.account.guest
        }
    named = [(row.account, row.device_id or "", row.ed25519 or "") for row in rows if row.device_id]
    masters = {row.account: row.master_key for row in rows if row.master_key and row.device_id}
    identities = {
        row.account: AccountKeys(row.account, Raw(row.identity.encode()))
        for row in rows
        if row.identity is not None and row.account in masters
    }
    version = version_of(named, plain, masters.items(), conversation.unique_id)
    return DeviceList(version, devices, frozenset(plain), identities)
