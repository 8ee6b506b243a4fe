"""A device that receives, and others that write to it, without a server."""

import time
from collections.abc import Callable
from typing import Any

import vodozemac

from messenger.crypto.accounts import Secret
from messenger.crypto.devices import MEGOLM, Device
from messenger.crypto.identity import Identity
from messenger.crypto.messages import certify, encrypt, room_key
from messenger.crypto.names import room_id
from messenger.crypto.to_device_content import CERTIFICATE
from messenger.jim.messages import Message
from messenger.sdk.encryption import Encryption
from messenger.sdk.encryption.context import DeviceContext
from messenger.sdk.encryption.session_keys import Reach
from messenger.sdk.events import CoreEvent
from messenger.sdk.link import Ask
from messenger.sdk.store import IdentityTrust, MessageSecurity, Store, StoredMessage
from messenger.sdk.store.keys import KeyStore

IVAN, BOB = "Иван", "名前 b%41"


def context_of(
    identity: Identity,
    store: Store,
    ask: Ask = lambda *_: None,
    tell: Callable[[CoreEvent], None] = lambda _: None,
) -> DeviceContext:
    """Return a device context, for testing a part of encryption alone."""
    return DeviceContext(store, KeyStore(store), identity, ask, tell, lambda _: None, time.time)


class Reader:
    """A client's encryption and database, without a server."""

    def __init__(
        self, account: str = IVAN, device_id: str = "READER", store: Store | None = None
    ) -> None:
        self.store = store or Store()
        self.asked: list[Any] = []
        self.encryption = Encryption(
            self.store,
            account,
            device_id,
            lambda request, _: self.asked.append(request),
            lambda _: None,
        )
        self.encryption._publishing.since = time.time() - 3600.0
        self.account = account

    def meets(self, *devices: Device, secret: Secret | None = None) -> None:
        """Receive a device list with the identity of this secret."""
        if secret is not None:
            self.encryption.trust.recognise(secret.identity)
        self.encryption.trust.remember_all(devices)
        self.looks_through_all()

    def looks_through_all(self) -> None:
        """Decrypt again after an identity has changed, without the pauses."""
        redecryption = self.encryption._redecryption
        while redecryption._later:
            redecryption._rests_until = 0.0
            redecryption.tick()

    def sets_trust(self, secret: Secret, trust: IdentityTrust) -> None:
        self.encryption.account.trust_records.decide(secret.identity, trust)

    def receives(self, *messages: Message) -> list[StoredMessage]:
        return self.store.add_received(
            messages[0].from_, self.account, messages, self.encryption.incoming.decrypt
        )

    def all(self, conversation: str = BOB) -> list[StoredMessage]:
        return self.store.page(conversation)

    def locks(self, conversation: str = BOB) -> list[MessageSecurity]:
        return [one.security for one in self.all(conversation)]

    def opens(self, reach: Reach | None) -> None:
        """Decrypt what waits for a key, as when it has arrived."""
        if reach is not None:
            with self.store.transaction():
                self.encryption._redecryption.reached(reach)

    def texts(self, conversation: str = BOB) -> list[str]:
        return [one.text for one in self.all(conversation)]


class Writer:
    """A device, and its Megolm session for the reader."""

    def __init__(self, device_id: str, secret: Secret | None = None, account: str = BOB) -> None:
        self.identity = Identity(account, device_id)
        if secret is not None:
            self.identity.approve(secret.approve)
        self.room = room_id(account, IVAN)
        self.group = vodozemac.GroupSession()
        self._number = 0

    @property
    def device(self) -> Device:
        return self.identity.device

    def key(self) -> dict[str, Any]:
        certificate = certify(self.identity, self.room, self.group.session_id)
        return {**room_key(self.group, self.room), CERTIFICATE: certificate}

    def gives_key(self, reader: Reader) -> None:
        assert reader.encryption.sessions.take_key(self.key(), self.device)

    def writes(self, text: str, seq: int, stored: float | None = None) -> Message:
        sent_id = f"{self.identity.device_id} {seq}"
        now = time.time()
        encrypted = encrypt(self.identity, self.group, self.room, sent_id, text, 0, now)
        account = self.identity.account
        return Message(now, IVAN, account, encrypted, MEGOLM, seq, sent_id, stored or now)
