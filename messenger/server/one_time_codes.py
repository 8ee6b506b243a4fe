"""Codes that are used once: 80 random bits as 16 letters and digits, in groups to be typed."""

import base64
import hmac
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


class OneTimeCode:
    """A code of this start of the server: `code` is None until it is made, and once it is used.

    It is never stored or logged.
    """

    def __init__(self) -> None:
        self.code: str | None = None

    def make(self) -> str:
        """Make a new code, and return it."""
        self.code = new_code()
        return self.code

    def matches(self, code: str) -> bool:
        """Tell whether it is this code, however its letters are grouped."""
        if self.code is None:
            return False
        # Compared in the same time whatever is wrong with it.
        return hmac.compare_digest(letters_of(code).encode(), letters_of(self.code).encode())

    def use_up(self) -> None:
        """Accept the code no more."""
        self.code = None
