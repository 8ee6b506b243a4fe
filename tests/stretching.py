"""Passwords that are stretched once: Argon2id was a tenth of what the suite costs.

Each process of the tests remembers what Argon2id makes of a password and a salt, and all of them
use one salt for a password: servers are forked with the usual one's in their memory. Tests of
verifiers themselves use `make_verifier` from here, which is the product's.
"""

import functools

from messenger.crypto import passwords
from messenger.crypto.passwords import Verifier

PASSWORD = "correct horse battery"

make_verifier = passwords.make_verifier


def stretch_once() -> None:
    """Remember from now on, beginning with the password that most tests use."""
    passwords.hash_secret_raw = functools.cache(passwords.hash_secret_raw)
    passwords.make_verifier = functools.cache(_make_verifier)
    passwords.make_verifier(PASSWORD)


def _make_verifier(password: str) -> Verifier:
    salted = passwords.fake_verifier(b"tests", password)
    return passwords._with_keys(salted, password)
