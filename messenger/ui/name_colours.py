"""The colour of a name: its place in a palette, the same in every user interface."""

import zlib


def place_of(name: str, count: int) -> int:
    """Return the place of a name among `count` colours: the same for the name's whole life."""
    # Not `hash`, which is another number at every start (PYTHONHASHSEED).
    return zlib.crc32(name.encode()) % count
