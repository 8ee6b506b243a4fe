"""Ids of messages and rooms. Messages have UUIDs of version 7 (RFC 9562), which index well."""

import secrets
import time
import uuid


def new_id() -> str:
    """Return a new id; ids grow with time, except within one millisecond."""
    milliseconds = time.time_ns() // 1_000_000
    value = milliseconds << 80 | 7 << 76 | secrets.randbits(12) << 64
    value |= 0b10 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=value))


def new_room_id() -> str:
    """Return the part of a new room's id that tells it from others of its name: 128 random bits."""
    return secrets.token_hex(16)
