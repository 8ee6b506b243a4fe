"""End-to-end encryption of a client: what it writes is sealed here, what it gets is opened."""

from messenger.sdk.sealing.plain import Parcel
from messenger.sdk.sealing.sealing import Sealing

__all__ = ["Parcel", "Sealing"]
