"""The code with which an account becomes the first administrator."""

import hmac

from messenger.server.one_time_codes import letters_of, new_code


class ClaimCode:
    """The code of this start, if there is no administrator: `code` is None once it is used.

    It is printed for the operator, and never stored or logged.
    """

    def __init__(self) -> None:
        self.code: str | None = None

    def make(self) -> None:
        """Make a new code."""
        self.code = new_code()

    def matches(self, code: str) -> bool:
        """Tell whether it is this code, however its letters are grouped."""
        if self.code is None:
            return False
        # Compared in the same time whatever is wrong with it.
        return hmac.compare_digest(letters_of(code).encode(), letters_of(self.code).encode())

    def use_up(self) -> None:
        """Accept the code no more."""
        self.code = None
