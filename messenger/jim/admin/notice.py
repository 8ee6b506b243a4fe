"""Notices of an administrator to everyone."""

from messenger.jim.base import Reply, Request


class SendNotice(Request[Reply], tag="admin_notice", kw_only=True):
    """Send a text to everyone, as a message of the server in the common chat."""

    text: str

    # A representation may reach a log, where no text belongs.
    def __repr__(self) -> str:
        return "SendNotice()"
