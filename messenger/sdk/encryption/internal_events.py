"""Events by which a part of encryption notifies those above it, which it does not import."""

from typing import NamedTuple

from messenger.crypto.devices import Device


class DeviceSigned(NamedTuple):
    """A known device counts from now on: its account's identity has signed it."""

    device: Device


class IdentityAccepted(NamedTuple):
    """An unverified account has another identity: other devices of it may count."""

    account: str


class TrustChanged(NamedTuple):
    """The user has decided about an account's identity: other devices of it may count."""

    account: str


class ApprovalPublished(NamedTuple):
    """The server has this device's signature: others share keys with it from now on."""


class OlmSessionBegun(NamedTuple):
    """A new session with a device exists: it may not have decrypted earlier requests."""

    account: str


class KeysMissing(NamedTuple):
    """Messages have arrived that wait for their keys."""


class EarlierKeysMissing(NamedTuple):
    """Messages from before this device was added have arrived: only the backup has their keys."""


class RoomReplaced(NamedTuple):
    """The name of a room stands for another room from now on."""

    room: str


class HistoryRestored(NamedTuple):
    """All keys of the backup are stored: older messages can be decrypted."""


class InboxFetched(NamedTuple):
    """Missing to-device messages are no longer on their way: handled, or refused by the server."""


InternalEvent = (
    DeviceSigned
    | IdentityAccepted
    | TrustChanged
    | ApprovalPublished
    | OlmSessionBegun
    | KeysMissing
    | EarlierKeysMissing
    | RoomReplaced
    | HistoryRestored
    | InboxFetched
)
