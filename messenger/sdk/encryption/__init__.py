"""End-to-end encryption of a client: what it writes is sealed here, what it gets is opened."""

from messenger.sdk.encryption.encryption import Encryption
from messenger.sdk.encryption.unencrypted import PreparedMessage

__all__ = ["Encryption", "PreparedMessage"]
