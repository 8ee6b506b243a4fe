"""Prepares messages to be sent: encrypted for the devices of their conversation, or not at all."""

from collections.abc import Callable, Sequence
from typing import Any

from messenger.crypto.devices import MEGOLM
from messenger.crypto.messages import index_of, read_encrypted
from messenger.jim.errors import OutdatedDevices
from messenger.jim.names import EVERYONE
from messenger.sdk.encryption.context import DeviceContext
from messenger.sdk.encryption.device_lists import DeviceList, DeviceLists
from messenger.sdk.encryption.megolm_outbound import Draft, Outbound, OutboundSessions
from messenger.sdk.encryption.olm_sessions import Content, OlmSessions
from messenger.sdk.encryption.room_history import RoomHistory
from messenger.sdk.encryption.unencrypted import Plain, PreparedMessage, in_plain
from messenger.sdk.key_errors import (
    EncryptionOff,
    NoSignedDevice,
    RecipientsCannotDecrypt,
    ServerCannotEncrypt,
)
from messenger.sdk.store import MessageSecurity, StoredMessage

OnPrepared = Callable[[Sequence[PreparedMessage | Exception]], None]
"""Gets each message as it is to be sent, or why it cannot be."""


class MessageEncryption:
    """Encrypts each message once: the ciphertext is stored until the server has it."""

    def __init__(
        self,
        context: DeviceContext,
        device_lists: DeviceLists,
        olm_sessions: OlmSessions,
        outbound: OutboundSessions,
        history: RoomHistory,
        plain: Plain,
    ) -> None:
        self._store = context.store
        self._keys = context.keys
        self._me = context.account
        self._availability = context.availability
        self._device_lists = device_lists
        self._olm_sessions = olm_sessions
        self._outbound = outbound
        self._history = history
        self._plain = plain

    def prepare(self, messages: Sequence[StoredMessage], on_prepared: OnPrepared) -> None:
        """Encrypt messages for the recipients in their conversation; `on_prepared` gets them.

        They stay unencrypted in the common chat, and if a recipient cannot decrypt. A conversation
        that was encrypted once never becomes unencrypted by itself: there the messages fail.
        """
        # Guests and plain clients read the common chat, and they have no keys.
        if messages[0].conversation == EVERYONE:
            on_prepared([in_plain(message) for message in messages])
        elif self._availability.refused:
            error = EncryptionOff(self._availability.refused)
            on_prepared([error] * len(messages))
        elif not self._availability.enabled:
            on_prepared(self._plain.prepared(messages, ServerCannotEncrypt(), None))
        else:
            self._encrypt_once(messages, on_prepared)

    def sent(self, conversation: str, messages: Sequence[StoredMessage]) -> None:
        """Note that the server has stored messages of a conversation."""
        encrypted = [one for one in messages if one.security is MessageSecurity.ENCRYPTED]
        if encrypted:
            self._plain.note_encrypted(conversation)
            self._keys.drop_outgoing(one.sent_id or "" for one in encrypted)

    def failed(self, message: StoredMessage) -> None:
        """Note that the server has refused a message."""
        self._keys.drop_outgoing([message.sent_id or ""])

    def outdated(self, message: StoredMessage, error: OutdatedDevices) -> None:
        """Note that a message was encrypted for an outdated device list."""
        self._keys.drop_outgoing([message.sent_id or ""])
        self._device_lists.changed(message.conversation, error.changes)

    def _encrypt_once(self, messages: Sequence[StoredMessage], on_prepared: OnPrepared) -> None:
        """Encrypt messages, or reuse their stored ciphertexts.

        Those of the first ones only: behind a message that is encrypted now, a message at an
        earlier position of the session would be a replay (`replays`). If a recipient cannot decrypt
        them, `Plain` decides whether they are sent unencrypted or fail.
        """
        conversation = messages[0].conversation
        kept = self._kept(messages)
        new = messages[len(kept) :]

        def prepared(found: Sequence[PreparedMessage | Exception]) -> None:
            on_prepared([*kept, *found])

        def listed(device_list: DeviceList | Exception) -> None:
            self._encrypt_for(new, device_list, prepared)

        if new:
            self._keys.drop_outgoing_in(conversation)
            self._device_lists.of(conversation, listed)
        else:
            prepared([])

    def _kept(self, messages: Sequence[StoredMessage]) -> list[PreparedMessage]:
        """Return the stored ciphertexts of the first messages that have them, in order."""
        kept: list[PreparedMessage] = []
        positions: dict[str, int] = {}
        for message in messages:
            found = self._keys.outgoing(message.sent_id or "")
            if found is None:
                break
            encrypted = read_encrypted(found.encrypted)
            session_id, position = encrypted.session_id, index_of(encrypted)
            if position <= positions.get(session_id, -1):
                break
            positions[session_id] = position
            kept.append(PreparedMessage(found.encrypted, MEGOLM, found.devices))
        return kept

    def _encrypt_for(
        self,
        messages: Sequence[StoredMessage],
        device_list: DeviceList | Exception,
        on_prepared: OnPrepared,
    ) -> None:
        conversation = messages[0].conversation
        if isinstance(device_list, Exception):
            on_prepared([device_list] * len(messages))
            return
        if device_list.plain:
            why = RecipientsCannotDecrypt(", ".join(sorted(device_list.plain)))
            # Not from the cache next time: once they have keys, messages are encrypted.
            self._device_lists.forget(conversation)
            recipients = device_list.accounts - {self._me} | device_list.plain
            on_prepared(self._plain.prepared(messages, why, recipients, device_list.version))
            return
        # A message that is encrypted for nobody would look sent.
        if device_list.excludes_all_of(conversation):
            on_prepared([NoSignedDevice(conversation)] * len(messages))
            self._device_lists.forget(conversation)
            return
        outbound = self._outbound.session_for(
            conversation,
            device_list,
            shared_history=self._history.is_shown(conversation),
            setting=self._history.number(conversation),
        )
        if outbound.missing:
            self._share_and_encrypt(messages, outbound, device_list, on_prepared)
        else:
            on_prepared(self._encrypt(messages, outbound, device_list))

    def _share_and_encrypt(
        self,
        messages: Sequence[StoredMessage],
        outbound: Outbound,
        device_list: DeviceList,
        on_prepared: OnPrepared,
    ) -> None:
        """Send the session's key to the devices that lack it, and then encrypt messages."""

        def shared(reached: set[Any] | Exception) -> None:
            if isinstance(reached, Exception):
                on_prepared([reached] * len(messages))
                return
            # A device that was not reached requests the key when it gets a message.
            self._outbound.shared(outbound, outbound.missing)
            self._outbound.history_shared(outbound)
            on_prepared(self._encrypt(messages, outbound, device_list))

        # The key leaves before the message: otherwise that would wait for it at the recipients.
        key = self._outbound.key_of(outbound)
        contents = [Content(device, "m.room_key", key) for device in outbound.missing]
        history = self._history_for(messages[0].conversation, outbound)
        self._olm_sessions.send([*contents, *history], shared)

    def _history_for(self, conversation: str, outbound: Outbound) -> list[Content]:
        """Return to-device messages with the keys of earlier messages, for new devices."""
        if not self._history.is_shown(conversation):
            return []
        return [
            Content(device, "m.forwarded_room_key", key)
            for device in self._outbound.without_history(outbound)
            for key in self._outbound.history(outbound.room_id)
        ]

    def _encrypt(
        self, messages: Sequence[StoredMessage], outbound: Outbound, device_list: DeviceList
    ) -> list[PreparedMessage]:
        conversation = messages[0].conversation
        with self._keys.transaction():
            drafts = [Draft(one.sent_id or "", one.text, one.time) for one in messages]
            # Recipients notice by it that the server withholds messages from them.
            seen = self._store.seen(conversation)
            encrypted = self._outbound.encrypt(outbound, device_list.version, drafts, seen)
            self._plain.note_encrypting(conversation)
        return [PreparedMessage(one, MEGOLM, device_list.version) for one in encrypted]
