"""The error of a copy that cannot be made."""

from messenger.server.errors import CannotStart


class CannotCopy(CannotStart):
    """A database cannot be copied; the text is one sentence that says what to do."""
