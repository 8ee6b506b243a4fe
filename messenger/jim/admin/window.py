"""The administration window that a server has started beside itself."""

from messenger.jim.base import Reply, Request
from messenger.jim.fields import Word


class OpenWindow(Request[Reply], tag="admin_window", kw_only=True):
    """Be the operator's window from now on, with the token that the server gave it at its start."""

    token: Word

    # A representation may reach a log.
    def __repr__(self) -> str:
        return "OpenWindow()"
