"""Encrypts and decrypts a client's messages: the interface of this package to the client."""

import logging
import time
from collections.abc import Callable
from typing import Any

from messenger.crypto.to_device import DecryptedToDevice
from messenger.jim.devices import Published
from messenger.jim.errors import ProtocolError
from messenger.sdk.blocked import blocked_in
from messenger.sdk.encryption.approval import APPROVAL
from messenger.sdk.encryption.context import DeviceContext, load_identity
from messenger.sdk.encryption.cross_signing import CrossSigning
from messenger.sdk.encryption.device_lists import DeviceLists
from messenger.sdk.encryption.device_trust import DeviceTrust
from messenger.sdk.encryption.inbox import Inbox, Taker
from messenger.sdk.encryption.internal_events import (
    ApprovalPublished,
    DeviceSigned,
    EarlierKeysMissing,
    IdentityAccepted,
    InternalEvent,
    KeysMissing,
    OlmSessionBegun,
    TrustChanged,
)
from messenger.sdk.encryption.key_answers import KeyAnswers
from messenger.sdk.encryption.key_requests import KeyRequests
from messenger.sdk.encryption.key_upload import KeyUpload
from messenger.sdk.encryption.megolm_outbound import OutboundSessions
from messenger.sdk.encryption.members import Members
from messenger.sdk.encryption.message_decryption import InboundSessions, MessageDecryption
from messenger.sdk.encryption.message_encryption import MessageEncryption
from messenger.sdk.encryption.olm_sessions import OlmSessions
from messenger.sdk.encryption.redecryption import Redecryption
from messenger.sdk.encryption.room_history import RoomHistory
from messenger.sdk.encryption.room_ids import RoomIds
from messenger.sdk.encryption.session_keys import SessionKeys
from messenger.sdk.encryption.trust_records import TRUST_RECORD
from messenger.sdk.encryption.unencrypted import Plain
from messenger.sdk.encryption.verification import PREFIX, Verifications
from messenger.sdk.events import ConversationChanged, CoreEvent
from messenger.sdk.link import Ask
from messenger.sdk.store import Store
from messenger.sdk.store.keys import KeyStore

_logger = logging.getLogger("messenger.client")

_EVERY = 5.0  # Seconds: what is due is seldom, and looking for it reads the database.


class Encryption:
    """Encryption of one account's device; not `enabled` if the server does not support it.

    Call `start` on each connection before anything is fetched or sent, and `stop` when it is lost.
    It has more attributes than other classes, as it creates the parts, each with those it uses.
    """

    def __init__(
        self,
        store: Store,
        account: str,
        device_id: str,
        ask: Ask,
        tell: Callable[[CoreEvent], None],
        clock: Callable[[], float] = time.time,
        *,
        emit: Callable[[InternalEvent], None] = lambda _: None,
    ) -> None:
        self.keys = KeyStore(store)
        self.identity = load_identity(self.keys, account, device_id)
        self._emit = emit
        self.context = context = DeviceContext(
            store, self.keys, self.identity, ask, tell, self._react, clock
        )
        self.trust = DeviceTrust(context)
        self.rooms = RoomIds(context)
        self.members = Members(context)
        self.device_lists = DeviceLists(context, self.trust, self.rooms, self.members)
        self._publishing = KeyUpload(context)
        self.olm_sessions = OlmSessions(context, self._publishing)
        self.plain = Plain(context, self.rooms)
        self.history = RoomHistory(context, self.rooms)
        self.sessions = SessionKeys(context, self.trust, self.history)
        self.outbound = OutboundSessions(context, self.trust, self.rooms, self.sessions)
        inbound = InboundSessions(context, self.trust, self.rooms, self.sessions)
        self.incoming = MessageDecryption(
            context, inbound, self.plain, self.rooms, self._publishing
        )
        self.outgoing = MessageEncryption(
            context, self.device_lists, self.olm_sessions, self.outbound, self.history, self.plain
        )
        self._redecryption = Redecryption(context, self.sessions, self.incoming)
        self.account = CrossSigning(
            context, self.device_lists, self.olm_sessions, self.sessions, self._redecryption
        )
        self.account_data = self.account.account_data
        self.verifications = Verifications(
            context, self.device_lists, self.olm_sessions, self.account.decide
        )
        self._requests = KeyRequests(context, self.device_lists, self.olm_sessions, self.rooms)
        self._answers = KeyAnswers(self.olm_sessions, self.sessions)
        self.inbox = Inbox(context, self.olm_sessions, self.device_lists, self._takers())
        self._due = 0.0
        self._reactions: dict[type[InternalEvent], Callable[[Any], None]] = {
            ApprovalPublished: self._on_approval,
            DeviceSigned: self._on_device_signed,
            EarlierKeysMissing: lambda _event: self.account.backup.look_for_earlier(),
            # It may be a former identity again: messages of its devices were held back meanwhile.
            IdentityAccepted: lambda event: self._redecryption.changed(event.account),
            KeysMissing: lambda _event: self.ask_for_keys(),
            OlmSessionBegun: self._on_session_begun,
            TrustChanged: self._on_trust_changed,
        }

    def _takers(self) -> dict[str, Taker]:
        """Return the handlers of to-device messages, by type."""
        return {
            # The typed code proves it: this device may not know its account's identity yet.
            APPROVAL: Taker(self.account.take_approval, proves_itself=True),
            TRUST_RECORD: Taker(self.account.take_decision),
            PREFIX: Taker(self._take_verification),
            "m.room_key": Taker(self._redecryption.take_key),
            "m.forwarded_room_key": Taker(self._redecryption.take_key),
            "m.room_key_request": Taker(self._answers.answer, afterwards=True),
        }

    def _take_verification(self, message: DecryptedToDevice) -> None:
        """Pass a step on, unless its sender is blocked: a common room lets it through."""
        if message.sender.account not in blocked_in(self.context.store):
            self.verifications.take(message)

    # --- the connection ------------------------------------------------------------------------

    def start(self, on_ready: Callable[[], None]) -> None:
        """Publish this device's keys, fetch its to-device messages, and then call `on_ready`."""
        self.context.availability.enabled = True
        self.context.availability.refused = None

        def published(answer: Published | ProtocolError) -> None:
            if isinstance(answer, ProtocolError):
                # The client goes online nevertheless: the common chat needs no keys.
                _logger.warning("Encryption is off: %s", answer)
                self.context.availability.enabled = False
                self.context.availability.refused = answer
                on_ready()
                return
            # Before the inbox: the identity decides whose to-device messages have an effect.
            self.account.begin(answer.identity)
            self._redecryption.resume()
            self.inbox.fetch(on_ready)

        self._publishing.publish(self.account.device_keys, published)

    @property
    def enabled(self) -> bool:
        """Whether the server has accepted this device's keys on this connection."""
        return self.context.availability.enabled

    @property
    def is_used(self) -> bool:
        """Whether this device encrypts, or ever has: then it creates rooms as encrypted."""
        return self.enabled or self.keys.get("keys_since") is not None

    def stop(self) -> None:
        """Forget what belongs to the connection that was lost."""
        self.context.availability.enabled = False
        self.inbox.stop()
        self.device_lists.forget()
        self.trust.forget()
        self.keys.read_anew()
        self._requests.forget()
        self.account.backup.stop()
        self.account_data.stop()

    def begin_anew(self) -> None:
        """Begin new sessions, and compare the key backup: the server was restored from a backup.

        It has lost keys that this device has shared since then, and whoever they were for.
        """
        self.outbound.begin_anew()
        self.account.backup.compare_soon()

    def tick(self, now: float) -> None:
        """Run what is due; `now` is monotonic, in seconds."""
        if not self.enabled or self.inbox.is_fetching or now < self._due:
            return
        self._due = now + _EVERY
        self.device_lists.announce_late()
        self.history.ask_whose()
        if not self.context.store.lasting:
            self.sessions.forget_old()
        self.ask_for_keys()
        self._redecryption.tick()
        self.account.backup.tick()
        self.verifications.tick()
        self.account_data.tick()
        # Not after each message: one request acknowledges all of the last seconds.
        if self.inbox.is_unacknowledged:
            self.inbox.fetch(lambda: None)
            # Those that began sessions have used up one-time keys.
            self._publishing.top_up()

    # --- missing keys --------------------------------------------------------------------------

    def ask_for_keys(self) -> None:
        """Look for missing keys in the inbox, and then request them from their owners."""
        if self.enabled and not self.inbox.is_fetching and self._requests.are_due():
            self.inbox.fetch(self._ask_for_keys)

    def _ask_for_keys(self) -> None:
        """Request keys, also from the backup: another device of the user may have stored them."""
        if sessions := self._requests.ask():
            self.account.backup.look_for_keys(sessions)

    # --- reactions to internal events ----------------------------------------------------------

    def _react(self, event: InternalEvent) -> None:
        self._reactions.get(type(event), self._emit)(event)

    def _on_session_begun(self, event: OlmSessionBegun) -> None:
        if self.enabled:
            self._requests.ask_again(event.account)

    def _on_approval(self, _event: ApprovalPublished) -> None:
        self._requests.forget()
        self.ask_for_keys()

    def _on_device_signed(self, event: DeviceSigned) -> None:
        """Decrypt what the device has sent before, or request its keys."""
        self.device_lists.forget()
        self._requests.forget_of(event.device.account)
        self._redecryption.restored(self.keys.sessions_of(event.device.key))

    def _on_trust_changed(self, event: TrustChanged) -> None:
        """Decrypt messages that were held back until the user's decision."""
        self.context.tell(ConversationChanged(event.account))  # Lists show the trust.
        self._requests.forget_of(event.account)
        self._redecryption.decided(event.account)
