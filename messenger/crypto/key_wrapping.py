"""Wraps one key with another (AES-256-GCM): whoever has the second can unwrap the first."""

import base64
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12  # as NIST SP 800-38D (5.2.1.1) recommends for AES-GCM


class WrongWrappingKey(ValueError):
    """The key was wrapped with another one, or was changed."""


def wrap(key: bytes, by: bytes) -> str:
    """Return a key as text that only the other key (32 bytes) can unwrap."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return base64.b64encode(nonce + _cipher(by).encrypt(nonce, key, None)).decode()


def unwrap(wrapped: str, by: bytes) -> bytes:
    """Return the key that was wrapped with the other one; raises WrongWrappingKey."""
    try:
        raw = base64.b64decode(wrapped, validate=True)
        return _cipher(by).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], None)
    except (InvalidTag, ValueError) as error:
        raise WrongWrappingKey("Wrong key") from error


def _cipher(key: bytes) -> AESGCM:
    # Derived, because the key itself encrypts the database.
    return AESGCM(HKDF(hashes.SHA256(), 32, None, b"messenger key wrapping").derive(key))
