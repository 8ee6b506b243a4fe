"""Codes that people read out and type: 80 random bits as 16 letters and digits, in groups."""

import base64
import secrets

_BYTES = 10  # 80 bits: nobody guesses them at any rate, and 16 letters can be typed
_GROUP = 4  # letters: as many as a reader remembers while typing


def new_code() -> str:
    """Return a new code, such as ABCD-EFGH-IJKL-MNOP."""
    letters = base64.b32encode(secrets.token_bytes(_BYTES)).decode()
    return "-".join(letters[start : start + _GROUP] for start in range(0, len(letters), _GROUP))


def letters_of(code: str) -> str:
    """Return the letters of a code, however they were typed and grouped."""
    return "".join(one for one in code.upper() if one.isalnum())
