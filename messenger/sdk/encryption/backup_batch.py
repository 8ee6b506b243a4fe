"""Batches of entries for the key backup: as many as fit into one request."""

from collections.abc import Iterable
from typing import TypeVar

MAX_AT_ONCE = 40
"""Entries in one request at most."""

_MAX_BYTES = 48 * 1024
# The request, with names and quotes, has to fit into 64 KiB, JIM's default limit for an object.

_Content = TypeVar("_Content")


def next_batch(
    entries: Iterable[tuple[_Content, str, str]],
) -> tuple[list[_Content], dict[str, str]]:
    """Return the contents of the first entries that fit, and their ciphertexts by name.

    Each entry is its content, its name, and its ciphertext; those that do not fit are not read.
    """
    batch: list[_Content] = []
    encrypted: dict[str, str] = {}
    size = 0
    for content, name, ciphertext in entries:
        size += len(name) + len(ciphertext)
        # One that is too large by itself is sent alone: the server's refusal sorts it out.
        if batch and size > _MAX_BYTES:
            break
        batch.append(content)
        encrypted[name] = ciphertext
    return batch, encrypted
