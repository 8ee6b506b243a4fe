"""The code with which an account becomes the first administrator."""

import base64
import hmac
import secrets

_BYTES = 10  # 80 bits: nobody guesses them at any rate, and 16 letters can be typed
_GROUP = 4  # letters: as many as a reader remembers while typing


class ClaimCode:
    """The code of this start, if there is no administrator: `code` is None once it is used.

    It is printed for the operator, and never stored or logged.
    """

    def __init__(self) -> None:
        self.code: str | None = None

    def make(self) -> None:
        """Make a new code."""
        letters = base64.b32encode(secrets.token_bytes(_BYTES)).decode()
        groups = (letters[start : start + _GROUP] for start in range(0, len(letters), _GROUP))
        self.code = "-".join(groups)

    def matches(self, code: str) -> bool:
        """Tell whether it is this code, however its letters are grouped."""
        if self.code is None:
            return False
        # Compared in the same time whatever is wrong with it.
        return hmac.compare_digest(_letters(code).encode(), _letters(self.code).encode())

    def use_up(self) -> None:
        """Accept the code no more."""
        self.code = None


def _letters(code: str) -> str:
    return "".join(one for one in code.upper() if one.isalnum())
