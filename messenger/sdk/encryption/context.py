"""What every part of encryption works with: one device, its database, and the way to the server."""

from collections.abc import Callable
from dataclasses import dataclass

from messenger.crypto.identity import Identity
from messenger.sdk.encryption.internal_events import InternalEvent
from messenger.sdk.events import CoreEvent
from messenger.sdk.link import Ask
from messenger.sdk.store import Store
from messenger.sdk.store.keys import KeyStore


@dataclass(frozen=True)
class DeviceContext:
    """One device of one account: made once, and given to every part.

    `ask` sends a request and hands on its answer. `tell` takes events for the user interface,
    `emit` those for other parts of the client. `clock` returns unix time, in seconds.
    """

    store: Store
    keys: KeyStore
    identity: Identity
    ask: Ask
    tell: Callable[[CoreEvent], None]
    emit: Callable[[InternalEvent], None]
    clock: Callable[[], float]

    @property
    def account(self) -> str:
        """The account that the device belongs to."""
        return self.identity.account


def load_identity(keys: KeyStore, account: str, device_id: str) -> Identity:
    """Return the identity of this device, made when it is needed first."""
    pickle = keys.get("identity")
    if pickle is not None and keys.get("identity_of") == f"{account}\n{device_id}":
        return Identity.from_pickle(account, device_id, pickle)
    identity = Identity(account, device_id)
    with keys.transaction():
        keys.put("identity", identity.pickle())
        keys.put("identity_of", f"{account}\n{device_id}")
    return identity
