"""Passwords as salted verifiers: SCRAM-SHA-256 (RFC 5802, RFC 7677) over Argon2id (RFC 9106).

Whoever holds the password stretches it by Argon2id; SCRAM's keys are made from the result. The
verifier serves both a login that sends the password and one by SCRAM that does not.
"""

import base64
import hashlib
import hmac
import secrets
import unicodedata

import msgspec
from argon2.low_level import Type, hash_secret_raw

from messenger.language import N_

# NIST SP 800-63B (5.1.1.2) asks for at least 8 characters, and that 64 or more are allowed.
SHORTEST = 8
LONGEST = 1024

# OWASP's minimum for Argon2id: a login costs some 20 ms of a core and 19 MiB.
_TIME_COST = 2
_MEMORY_COST = 19 * 1024
_PARALLELISM = 1
# RFC 7677 (4) wants at least 4096; it is Argon2id that makes guessing expensive.
_ITERATIONS = 4096
_SALT_BYTES = 16  # RFC 9106 (3.1) recommends them for passwords
_HASH_BYTES = 32
# Not the current cost, which may grow: what OWASP recommends at least.
_MIN_TIME_COST = 2
_MIN_MEMORY_COST = 19 * 1024
_MAX_TIMES = 16


class Verifier(msgspec.Struct, frozen=True):
    """What a server stores of a password; `memory` is in KiB, the keys are SCRAM's."""

    salt: bytes
    time: int
    memory: int
    parallelism: int
    iterations: int
    stored_key: bytes
    server_key: bytes

    def encode(self) -> str:
        """Return the verifier as text, to be stored."""
        return msgspec.json.encode(self).decode()

    @classmethod
    def decode(cls, text: str) -> "Verifier":
        """Return the verifier of a stored text; raises msgspec.MsgspecError if it is invalid."""
        return msgspec.json.decode(text, type=cls)


def make_verifier(password: str) -> Verifier:
    """Return a new verifier of the password; takes some 20 ms."""
    salt = secrets.token_bytes(_SALT_BYTES)
    empty = Verifier(salt, _TIME_COST, _MEMORY_COST, _PARALLELISM, _ITERATIONS, b"", b"")
    return _with_keys(empty, password)


def check(verifier: Verifier, password: str) -> bool:
    """Tell whether the password is right; takes equally long if it is not."""
    return hmac.compare_digest(_with_keys(verifier, password).stored_key, verifier.stored_key)


def fake_verifier(secret: bytes, name: str) -> Verifier:
    """Return a verifier for an unknown name: of no password, and always with the same salt.

    So neither the time nor the salt tells which names exist. `secret` is the server's.
    """
    salt = hmac.digest(secret, name.encode(), "sha256")[:_SALT_BYTES]
    # No password has this key, since nobody knows what hashes to it.
    no_key = secrets.token_bytes(_HASH_BYTES)
    return Verifier(salt, _TIME_COST, _MEMORY_COST, _PARALLELISM, _ITERATIONS, no_key, no_key)


def is_outdated(verifier: Verifier) -> bool:
    """Tell whether the verifier was made with other than the current parameters."""
    cost = (verifier.time, verifier.memory, verifier.parallelism)
    return not is_current(*cost) or verifier.iterations != _ITERATIONS


def is_current(time: int, memory: int, parallelism: int) -> bool:
    """Tell whether these are the current parameters; `memory` is in KiB."""
    return (time, memory, parallelism) == (_TIME_COST, _MEMORY_COST, _PARALLELISM)


def parse_verifier(text: str) -> Verifier:
    """Return the verifier that a client has made; raises ValueError unless it is made like ours."""
    try:
        verifier = Verifier.decode(text)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError(f"Invalid password verifier: {error}") from error
    sizes = len(verifier.salt), len(verifier.stored_key), len(verifier.server_key)
    if is_outdated(verifier) or sizes != (_SALT_BYTES, _HASH_BYTES, _HASH_BYTES):
        raise ValueError("The verifier does not have this server's parameters: update the client")
    return verifier


def check_cost(time: int, memory: int, parallelism: int) -> None:
    """Raise ValueError unless a server may ask a client to stretch a password at this cost.

    Less than OWASP's minimum would help an attacker to guess; much more would block the client.
    `memory` is in KiB.
    """
    if not (
        _MIN_TIME_COST <= time <= _MAX_TIMES * _MIN_TIME_COST
        and _MIN_MEMORY_COST <= memory <= _MAX_TIMES * _MIN_MEMORY_COST
        and 1 <= parallelism <= _MAX_TIMES
    ):
        raise ValueError("The server wants the password stretched too little, or too much")


def stretch(password: str, verifier: Verifier) -> str:
    """Return the password that SCRAM uses: the Argon2id hash of the user's, as base64 text."""
    stretched = hash_secret_raw(
        # `é` may be typed as one character or as two: it is the same password (cf. RFC 4013, 2.2).
        unicodedata.normalize("NFKC", password).encode(),
        verifier.salt,
        verifier.time,
        verifier.memory,
        verifier.parallelism,
        _HASH_BYTES,
        Type.ID,
    )
    return base64.b64encode(stretched).decode()


def derive_key(passphrase: str, salt: bytes) -> bytes:
    """Return the key, 32 bytes, derived from a passphrase; takes some 0.2 s.

    Argon2id with the parameters that RFC 9106 (4) recommends for little memory (3 passes, 64 MiB).
    """
    return hash_secret_raw(
        unicodedata.normalize("NFKC", passphrase).encode(), salt, 3, 64 * 1024, 4, 32, Type.ID
    )


def check_policy(password: str, name: str) -> None:
    """Raise ValueError, with a sentence for the user, unless the password is acceptable."""
    if len(password) < SHORTEST:
        raise ValueError(N_("The password must have at least 8 characters"))
    # In bytes, as it is bytes that the server has to hash.
    if len(password.encode()) > LONGEST:
        raise ValueError(N_("The password can have at most 1024 bytes"))
    if password.casefold() == name.casefold():
        raise ValueError(N_("The password must differ from the name"))


def new_token() -> str:
    """Return a random token of 256 bits, which needs no slow hash."""
    return secrets.token_urlsafe(32)


def new_invitation() -> str:
    """Return a random token of 128 bits: an invitation link, and its QR code, should be short."""
    return secrets.token_urlsafe(16)


def hash_token(token: str) -> bytes:
    """Return the hash of a token, which is stored instead of it."""
    return hashlib.sha256(token.encode()).digest()


def _with_keys(verifier: Verifier, password: str) -> Verifier:
    stretched = stretch(password, verifier).encode()
    # SaltedPassword, ClientKey, StoredKey and ServerKey of RFC 5802 (3).
    salted = hashlib.pbkdf2_hmac("sha256", stretched, verifier.salt, verifier.iterations)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    return msgspec.structs.replace(
        verifier,
        stored_key=hashlib.sha256(client_key).digest(),
        server_key=hmac.digest(salted, b"Server Key", "sha256"),
    )
