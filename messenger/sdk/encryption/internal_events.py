"""What a part of encryption tells those above it, which it does not know."""

from typing import NamedTuple

from messenger.crypto.devices import Device


class DeviceSigned(NamedTuple):
    """A device that was known counts from now on: its account's identity has signed it."""

    device: Device


class IdentityAccepted(NamedTuple):
    """An account that is not verified has another identity: other devices of it may count."""

    account: str


class TrustChanged(NamedTuple):
    """The user has decided whom of an account to believe: other devices of it may count."""

    account: str


class ApprovalPublished(NamedTuple):
    """The server has the signature of this device: others give keys to it from now on."""


class OlmSessionBegun(NamedTuple):
    """There is a new session with a device: it may not have understood what was asked before."""

    account: str


class RoomReplaced(NamedTuple):
    """The room of this name is another one from now on."""

    room: str


class HistoryRestored(NamedTuple):
    """All keys that were backed up are here: what was written before can be read."""


class InboxFetched(NamedTuple):
    """All to-device messages that were missing are here."""


InternalEvent = (
    DeviceSigned
    | IdentityAccepted
    | TrustChanged
    | ApprovalPublished
    | OlmSessionBegun
    | RoomReplaced
    | HistoryRestored
    | InboxFetched
)
