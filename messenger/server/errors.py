"""Why a server does not start, or ends by itself."""


class CannotStart(Exception):
    """The server cannot start, or not go on; the text is one sentence that says what to do."""
