"""End-to-end encryption of a client: it encrypts outgoing messages, and decrypts received ones."""

from messenger.sdk.encryption.encryption import Encryption
from messenger.sdk.encryption.message_decryption import MessageDecryption
from messenger.sdk.encryption.message_encryption import MessageEncryption
from messenger.sdk.encryption.unencrypted import PreparedMessage

__all__ = ["Encryption", "MessageDecryption", "MessageEncryption", "PreparedMessage"]
