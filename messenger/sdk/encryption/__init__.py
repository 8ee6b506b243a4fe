"""End-to-end encryption of a client: it encrypts outgoing messages, and decrypts received ones."""

from messenger.sdk.encryption.encryption import Encryption
from messenger.sdk.encryption.unencrypted import PreparedMessage

__all__ = ["Encryption", "PreparedMessage"]
