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

SHORTEST = 8
LONGEST = 1024

_TIME_COST = 2
_MEMORY_COST = 19 * 1024
_PARALLELISM = 1
_ITERATIONS = 4096
_SALT_BYTES = 16
_HASH_BYTES = 32
_LEAST_TIME_COST = 2
_LEAST_MEMORY_COST = 19 * 1024
_MAX_TIMES = 16


class Verifier(msgspec.Struct, frozen=True):
    """What a server keeps of a password; `memory` is in KiB, the keys are SCRAM's."""

    salt: bytes
    time: int
    memory: int
    parallelism: int
    iterations: int
    stored_key: bytes
    server_key: bytes

    def encode(self) -> str:
        """Return the text that is stored."""
        return msgspec.json.encode(self).decode()

    @classmethod
    def decode(cls, text: str) -> "Verifier":
        """Return the verifier of a stored text; raises msgspec.MsgspecError if it is none."""
        return msgspec.json.decode(text, type=cls)


def make_verifier(password: str) -> Verifier:
    """Return a new verifier of the password; takes some 20 ms."""
    salt = secrets.token_bytes(_SALT_BYTES)
    empty = Verifier(salt, _TIME_COST, _MEMORY_COST, _PARALLELISM, _ITERATIONS, b"", b"")
    return _with_keys(empty, password)


def check(verifier: Verifier, password: str) -> bool:
    """Tell whether the password is the one; takes as long whether it is or not."""
    return hmac.compare_digest(_with_keys(verifier, password).stored_key, verifier.stored_key)


def fake_verifier(secret: bytes, name: str) -> Verifier:
    """Return a verifier of no password for an unknown name, always the same one for it.

    So that nobody can tell by the time or the salt which names exist. `secret` is the server's.
    """
    salt = hmac.digest(secret, name.encode(), "sha256")[:_SALT_BYTES]
    no_key = secrets.token_bytes(_HASH_BYTES)
    return Verifier(salt, _TIME_COST, _MEMORY_COST, _PARALLELISM, _ITERATIONS, no_key, no_key)


def is_outdated(verifier: Verifier) -> bool:
    """Tell whether the verifier was made with other parameters than those of today."""
    cost = (verifier.time, verifier.memory, verifier.parallelism)
    return not is_current(*cost) or verifier.iterations != _ITERATIONS


def is_current(time: int, memory: int, parallelism: int) -> bool:
    """Tell whether passwords are stretched so today; `memory` is in KiB."""
    return (time, memory, parallelism) == (_TIME_COST, _MEMORY_COST, _PARALLELISM)


def parse_verifier(text: str) -> Verifier:
    """Return the verifier that a client has made; raises ValueError unless it is as ours are."""
    try:
        verifier = Verifier.decode(text)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError(f"This is no verifier of a password: {error}") from error
    sizes = len(verifier.salt), len(verifier.stored_key), len(verifier.server_key)
    if is_outdated(verifier) or sizes != (_SALT_BYTES, _HASH_BYTES, _HASH_BYTES):
        raise ValueError("This verifier is not made as this server wants it: update the client")
    return verifier


def check_cost(time: int, memory: int, parallelism: int) -> None:
    """Raise ValueError unless a server may ask a client to stretch a password so.

    Less than OWASP's least would help somebody who guesses; much more would stop the client.
    `memory` is in KiB.
    """
    if not (
        _LEAST_TIME_COST <= time <= _MAX_TIMES * _LEAST_TIME_COST
        and _LEAST_MEMORY_COST <= memory <= _MAX_TIMES * _LEAST_MEMORY_COST
        and 1 <= parallelism <= _MAX_TIMES
    ):
        raise ValueError("The password would be stretched too little, or too much")


def stretch(password: str, verifier: Verifier) -> str:
    """Return what the password is for SCRAM: its Argon2id hash, as base64 text."""
    stretched = hash_secret_raw(
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
    """Return the key, 32 bytes, that a passphrase stands for; takes some 0.2 s.

    Argon2id with what RFC 9106 recommends where memory is scarce (3 passes, 64 MiB).
    """
    return hash_secret_raw(
        unicodedata.normalize("NFKC", passphrase).encode(), salt, 3, 64 * 1024, 4, 32, Type.ID
    )


def check_policy(password: str, name: str) -> None:
    """Raise ValueError, with a sentence for the user, unless the password is acceptable."""
    if len(password) < SHORTEST:
        raise ValueError(N_("A password has at least 8 characters"))
    if len(password.encode()) > LONGEST:
        raise ValueError(N_("A password has at most 1024 bytes"))
    if password.casefold() == name.casefold():
        raise ValueError(N_("A password is not the name"))


def new_token() -> str:
    """Return a random token of 256 bits, which needs no slow hash."""
    return secrets.token_urlsafe(32)


def new_invitation() -> str:
    """Return a random token of 128 bits: a link, and its QR code, should be short."""
    return secrets.token_urlsafe(16)


def hash_token(token: str) -> bytes:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode()).digest()


def _with_keys(verifier: Verifier, password: str) -> Verifier:
    stretched = stretch(password, verifier).encode()
    salted = hashlib.pbkdf2_hmac("sha256", stretched, verifier.salt, verifier.iterations)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    return msgspec.structs.replace(
        verifier,
        stored_key=hashlib.sha256(client_key).digest(),
        server_key=hmac.digest(salted, b"Server Key", "sha256"),
    )
