"""The first administrator: whoever has the code that the server has printed."""

from messenger.jim.base import Reply, Request
from messenger.jim.fields import Word


class Claim(Request[Reply], tag="admin_claim", kw_only=True):
    """Become the first administrator, with the code that the server printed when it started."""

    code: Word

    # A representation may reach a log.
    def __repr__(self) -> str:
        return "Claim()"
