"""Wraps one key by another (AES-256-GCM): whoever has the second gets the first."""

import base64
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12


class WrongWrappingKey(ValueError):
    """The key was wrapped by another one, or was changed."""


def wrap(key: bytes, by: bytes) -> str:
    """Return a key as text that only who has the other key (32 bytes) can read."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return base64.b64encode(nonce + _cipher(by).encrypt(nonce, key, None)).decode()


def unwrap(wrapped: str, by: bytes) -> bytes:
    """Return the key that was wrapped by this one; raises WrongWrappingKey."""
    try:
        raw = base64.b64decode(wrapped, validate=True)
        return _cipher(by).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], None)
    except (InvalidTag, ValueError) as error:
        raise WrongWrappingKey("This is another key") from error


def _cipher(key: bytes) -> AESGCM:
    # Of its own: the database is encrypted by the key itself.
    return AESGCM(HKDF(hashes.SHA256(), 32, None, b"messenger key wrapping").derive(key))
