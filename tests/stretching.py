"""Passwords that are stretched once: Argon2id was a tenth of what the suite costs.

Each process of the tests remembers what Argon2id makes of a password and a salt, and uses one salt
for a password. Tests of verifiers themselves use `make_verifier` from here, which is the product's.
"""

import functools

from messenger.crypto import passwords

PASSWORD = "correct horse battery"

make_verifier = passwords.make_verifier


def stretch_once() -> None:
    """Remember from now on, beginning with the password that most tests use."""
    passwords.hash_secret_raw = functools.cache(passwords.hash_secret_raw)
    passwords.make_verifier = functools.cache(make_verifier)
    passwords.make_verifier(PASSWORD)
