"""Prepares messages to be sent: encrypted for the devices of their conversation, or not at all."""

from collections.abc import Callable
from typing import Any

from messenger.crypto.devices import MEGOLM
from messenger.jim.errors import Forbidden, OutdatedDevices
from messenger.jim.names import EVERYONE
from messenger.language import N_, _
from messenger.sdk.encryption.context import DeviceContext
from messenger.sdk.encryption.device_lists import DeviceList, DeviceLists
from messenger.sdk.encryption.megolm_outbound import Outbound, OutboundSessions
from messenger.sdk.encryption.olm_sessions import Content, OlmSessions
from messenger.sdk.encryption.room_history import RoomHistory
from messenger.sdk.encryption.unencrypted import Plain, PreparedMessage, in_plain
from messenger.sdk.errors import VerificationNeeded
from messenger.sdk.store import MessageSecurity, StoredMessage

OnPrepared = Callable[[PreparedMessage | Exception], None]


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

    def prepare(self, message: StoredMessage, on_prepared: OnPrepared) -> None:
        """Encrypt a message for the recipients in its conversation; `on_prepared` gets it.

        It stays unencrypted in the common chat, and if a recipient cannot decrypt. A conversation
        that was encrypted once never becomes unencrypted by itself: there the message fails.
        """
        if message.conversation == EVERYONE:
            on_prepared(in_plain(message))
        elif self._availability.refused:
            reason = self._availability.refused
            on_prepared(Forbidden(_("Encryption is off: {reason}", reason=reason)))
        elif not self._availability.enabled:
            reason = _("This server does not support encrypted messages")
            on_prepared(self._plain.prepared(message, reason, None))
        else:
            self._encrypt_once(message, on_prepared)

    def sent(self, message: StoredMessage) -> None:
        """Note that the server has stored a message."""
        if message.security is MessageSecurity.ENCRYPTED:
            self._plain.note_encrypted(message.conversation)
        self._keys.drop_outgoing(message.sent_id or "")

    def failed(self, message: StoredMessage) -> None:
        """Note that the server has refused a message."""
        self._keys.drop_outgoing(message.sent_id or "")

    def outdated(self, message: StoredMessage, error: OutdatedDevices) -> None:
        """Note that a message was encrypted for an outdated device list."""
        self._keys.drop_outgoing(message.sent_id or "")
        self._device_lists.changed(message.conversation, error.changes)

    def _encrypt_once(self, message: StoredMessage, on_prepared: OnPrepared) -> None:
        """Encrypt a message, or reuse its stored ciphertext.

        If a recipient cannot decrypt it, `Plain` decides whether it is sent unencrypted or fails.
        """
        kept = self._keys.outgoing(message.sent_id or "")
        if kept is not None:
            on_prepared(PreparedMessage(kept.encrypted, MEGOLM, kept.devices))
            return
        self._device_lists.of(
            message.conversation, lambda found: self._encrypt_for(message, found, on_prepared)
        )

    def _encrypt_for(
        self, message: StoredMessage, device_list: DeviceList | Exception, on_prepared: OnPrepared
    ) -> None:
        if isinstance(device_list, Exception):
            on_prepared(device_list)
            return
        if device_list.plain:
            names = ", ".join(sorted(device_list.plain))
            reason = _("{names} cannot read encrypted messages", names=names)
            self._device_lists.forget(message.conversation)
            recipients = device_list.accounts - {self._me} | device_list.plain
            on_prepared(self._plain.prepared(message, reason, recipients, device_list.version))
            return
        if device_list.excludes_all_of(message.conversation):
            on_prepared(_no_device(message.conversation))
            self._device_lists.forget(message.conversation)
            return
        outbound = self._outbound.session_for(
            message.conversation,
            device_list,
            shared_history=self._history.is_shown(message.conversation),
            setting=self._history.number(message.conversation),
        )
        if outbound.missing:
            self._share_and_encrypt(message, outbound, device_list, on_prepared)
        else:
            on_prepared(self._encrypt(message, outbound, device_list))

    def _share_and_encrypt(
        self,
        message: StoredMessage,
        outbound: Outbound,
        device_list: DeviceList,
        on_prepared: OnPrepared,
    ) -> None:
        """Send the session's key to the devices that lack it, and then encrypt a message."""

        def shared(reached: set[Any] | Exception) -> None:
            if isinstance(reached, Exception):
                on_prepared(reached)
                return
            # A device that was not reached requests the key when it gets the message.
            self._outbound.shared(outbound, outbound.missing)
            self._outbound.history_shared(outbound)
            on_prepared(self._encrypt(message, outbound, device_list))

        key = self._outbound.key_of(outbound)
        messages = [Content(device, "m.room_key", key) for device in outbound.missing]
        self._olm_sessions.send(
            [*messages, *self._history_for(message.conversation, outbound)], shared
        )

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
        self, message: StoredMessage, outbound: Outbound, device_list: DeviceList
    ) -> PreparedMessage:
        with self._keys.transaction():
            named = [(message.sent_id or "", message.text)]
            seen = self._store.seen(message.conversation)
            encrypted = self._outbound.encrypt(
                outbound, device_list.version, named, seen, message.time
            )
            self._plain.note_encrypting(message.conversation)
        return PreparedMessage(encrypted[0], MEGOLM, device_list.version)


def _no_device(name: str) -> VerificationNeeded:
    text = N_("No device of {name} is signed by the identity that you know: nothing is sent")
    return VerificationNeeded(_(text, name=name), name)
