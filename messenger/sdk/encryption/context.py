"""What all parts of encryption share: a device, its database, and the requests to the server."""

from collections.abc import Callable
from dataclasses import dataclass, field

from messenger.crypto.identity import Identity
from messenger.jim.errors import ProtocolError
from messenger.sdk.encryption.internal_events import InternalEvent
from messenger.sdk.events import CoreEvent
from messenger.sdk.link import Ask
from messenger.sdk.store import Store
from messenger.sdk.store.keys import KeyStore


@dataclass
class Availability:
    """Whether the server takes part in encryption: on this connection it is `enabled`.

    `refused` is the reason why it did not accept this device's keys, None if it did.
    """

    enabled: bool = False
    refused: ProtocolError | None = None


@dataclass(frozen=True)
class DeviceContext:
    """One device of one account: created once, and passed to every part.

    `ask` sends a request and passes its answer on. `tell` reports an event to the user interface,
    `emit` to other parts of the client. `clock` returns unix time, in seconds.
    """

    store: Store
    keys: KeyStore
    identity: Identity
    ask: Ask
    tell: Callable[[CoreEvent], None]
    emit: Callable[[InternalEvent], None]
    clock: Callable[[], float]
    availability: Availability = field(default_factory=Availability)

    @property
    def account(self) -> str:
        """The account that the device belongs to."""
        return self.identity.account


def load_identity(keys: KeyStore, account: str, device_id: str) -> Identity:
    """Return the identity of this device, created on first use."""
    pickle = keys.get("identity")
    if pickle is not None and keys.get("identity_of") == f"{account}\n{device_id}":
        return Identity.from_pickle(account, device_id, pickle)
    identity = Identity(account, device_id)
    with keys.transaction():
        keys.put("identity", identity.pickle())
        keys.put("identity_of", f"{account}\n{device_id}")
    return identity
