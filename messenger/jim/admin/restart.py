"""A restart of the server, as administrators ask for it."""

from messenger.jim.base import Reply, Request


class Restarting(Reply):
    """The reply to `admin_restart`: the server listens on this `port` when it is back.

    `moved` tells that it is another one than now.
    """

    port: int = 0
    moved: bool = False


class RestartServer(Request[Restarting], tag="admin_restart", kw_only=True):
    """Have the server end as by a signal, and start anew with the settings as they are then.

    All connections end, and can be made again at once. Refused (409) if it would not start again.
    """

    answer = Restarting
