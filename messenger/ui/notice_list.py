"""Notices that the user still needs to see: where each belongs, and what makes it obsolete."""

from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any, NamedTuple

from messenger.jim.errors import DeviceRemoved
from messenger.sdk.events import (
    ApprovalChanged,
    BackupOutdated,
    ConnectionState,
    DeviceAppeared,
    DeviceApproved,
    IdentityChanged,
    MembersAppeared,
    MessageChanged,
    MessagesLost,
    MessagesMissing,
    RecoveryChanged,
    ServerAnnounced,
    StateChanged,
    TrustDecided,
    VerificationChanged,
)
from messenger.sdk.key_states import RecoveryState
from messenger.sdk.results import RoomChanged
from messenger.sdk.store import MessageState
from messenger.ui.connection_notices import ConnectionNotices
from messenger.ui.notices import Do, Notice, NoticeAction, failure_notice, notice_of

_MOST = 20
"""Notices of one place that are kept: nobody reads more of them."""

Key = tuple[str, str]
"""What a notice is about, and whom: a later notice with the same key takes its place."""


class Entry(NamedTuple):
    """A notice that is to be seen; `conversation` is empty for one about the user's account."""

    id: int
    key: Key
    conversation: str
    notice: Notice
    event: object = None


class NoticeList:
    """The notices of all conversations and of the account, kept up by events."""

    def __init__(self, me: str) -> None:
        self._me = me
        self._ids = count(1)
        self._entries: dict[Key, Entry] = {}
        self._connection = ConnectionNotices()
        self._readers: dict[type, Callable[[Any], None]] = {
            DeviceAppeared: self._device_appeared,
            DeviceApproved: self._device_approved,
            IdentityChanged: self._identity_changed,
            TrustDecided: self._trust_decided,
            VerificationChanged: self._verification_changed,
            MembersAppeared: self._members_appeared,
            MessagesMissing: self._log_changed,
            MessagesLost: self._log_changed,
            ApprovalChanged: self._approval_changed,
            RecoveryChanged: self._recovery_changed,
            BackupOutdated: self._backup_outdated,
            ServerAnnounced: self._server_announced,
            RoomChanged: self._room_changed,
            MessageChanged: self._message_changed,
            StateChanged: self._state_changed,
        }

    def take(self, event: object) -> bool:
        """Take an event; return whether the notices have changed."""
        before = list(self._entries.values())
        read = self._readers.get(type(event))
        if read is not None:
            read(event)
        return before != list(self._entries.values())

    def add(self, notice: Notice, key: Key, conversation: str = "", event: object = None) -> None:
        """Add a notice, in the place of an older one about the same."""
        self.remove(key)
        self._entries[key] = Entry(next(self._ids), key, conversation, notice, event)
        of_place = [one for one in self._entries.values() if one.conversation == conversation]
        for old in of_place[:-_MOST]:
            self.remove(old.key)

    def remove(self, key: Key) -> bool:
        """Remove what there is about something; return whether there was anything."""
        return self._entries.pop(key, None) is not None

    def done(self, action: NoticeAction) -> bool:
        """Remove the notices that an action has made obsolete; return whether there were any.

        A message that was not sent stays so, whatever is decided about its recipient.
        """
        again = (Do.SEND_AGAIN, Do.SEND_UNENCRYPTED)
        obsolete = [
            one.key
            for one in self
            if action in one.notice.actions and (one.key[0] != "failed" or action.do in again)
        ]
        return self._remove_all(obsolete)

    def compare_devices(self, approved: Mapping[str, bool]) -> bool:
        """Remove notices about new devices of the user that are approved, or gone, by now."""
        obsolete = [
            one.key
            for one in self
            if isinstance(one.event, DeviceAppeared)
            and one.key[0] == "device"
            and approved.get(one.event.device_id, not one.event.approved) != one.event.approved
        ]
        return self._remove_all(obsolete)

    def _remove_all(self, keys: list[Key]) -> bool:
        for key in keys:
            self.remove(key)
        return bool(keys)

    def of(self, conversation: str) -> list[Entry]:
        """Return the notices of a conversation, or of the account (empty), the latest first."""
        found = [one for one in self._entries.values() if one.conversation == conversation]
        return found[::-1]

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    # --- events ----------------------------------------------------------------------------------

    def _put(self, event: object, key: Key, conversation: str = "") -> None:
        notice = notice_of(event, self._me)
        if notice is None:
            self.remove(key)
        else:
            self.add(notice, key, conversation, event)

    def _device_appeared(self, event: DeviceAppeared) -> None:
        if event.account == self._me:
            self._put(event, ("device", event.device_id))
        else:
            self._put(event, ("devices", event.account), event.account)

    def _device_approved(self, event: DeviceApproved) -> None:
        self.remove(("device", event.device_id))

    def _identity_changed(self, event: IdentityChanged) -> None:
        self._put(event, ("identity", event.account), event.account)

    def _trust_decided(self, event: TrustDecided) -> None:
        self.remove(("comparison", event.account))
        self._put(event, ("identity", event.account), event.account)

    def _verification_changed(self, event: VerificationChanged) -> None:
        account = event.verification.account
        self._put(event, ("comparison", account))

    def _members_appeared(self, event: MembersAppeared) -> None:
        self._put(event, ("members", event.room), event.room)

    def _log_changed(self, event: MessagesMissing | MessagesLost) -> None:
        self._put(event, ("log", event.conversation), event.conversation)

    def _approval_changed(self, event: ApprovalChanged) -> None:
        self._put(event, ("approval", ""))

    def _recovery_changed(self, event: RecoveryChanged) -> None:
        state = event.recovery.state
        if state is RecoveryState.CODE_UNCONFIRMED:
            self._put(event, ("recovery", ""))
        elif state is RecoveryState.RESTORING:
            if event.recovery.keys == 0:
                self._put(event, ("restoring", ""))
        else:
            self.remove(("restoring", ""))
            self.remove(("recovery", ""))

    def _backup_outdated(self, event: BackupOutdated) -> None:
        self._put(event, ("backup", ""))

    def _server_announced(self, event: ServerAnnounced) -> None:
        self._put(event, ("announcement", ""))

    def _room_changed(self, event: RoomChanged) -> None:
        # All else that happens in a room is part of its conversation.
        if event.change == "invited":
            self._put(event, ("invitation", event.room))
        elif event.change == "joined" and event.account_name == self._me:
            self.remove(("invitation", event.room))

    def _message_changed(self, event: MessageChanged) -> None:
        message = event.message
        if message.state is MessageState.FAILED:
            notice = failure_notice(message, event.error)
            self.add(notice, ("failed", message.conversation), message.conversation, event)
        elif message.state is MessageState.SENT:
            self.remove(("failed", message.conversation))

    def _state_changed(self, event: StateChanged) -> None:
        notice = self._connection.of(event)
        if event.state is ConnectionState.ONLINE:
            self.remove(("login", ""))
            self.remove(("server", ""))
        # A connection that is lost and made again is shown elsewhere, and quietly.
        elif event.state is ConnectionState.REFUSED and notice is not None:
            self.add(notice, ("login", ""), event=event)
        if isinstance(event.error, DeviceRemoved):
            self.remove(("approval", ""))
