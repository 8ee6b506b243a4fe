"""Stretches each password once: Argon2id took a tenth of the suite's time.

Each process of the tests caches the results of Argon2id, and all of them use the same salt for a
password: servers are forked with that of the usual one in their cache. Tests of verifiers
themselves use `make_verifier` from this module, which is the product's.
"""

import functools

from messenger.crypto import passwords
from messenger.crypto.passwords import Verifier

PASSWORD = "correct horse battery"

make_verifier = passwords.make_verifier


def stretch_once() -> None:
    """Cache from now on, beginning with the password that most tests use."""
    passwords.hash_secret_raw = functools.cache(passwords.hash_secret_raw)
    passwords.make_verifier = functools.cache(_make_verifier)
    passwords.make_verifier(PASSWORD)


def _make_verifier(password: str) -> Verifier:
    salted = passwords.fake_verifier(b"tests", password)
    return passwords._with_keys(salted, password)
