"""A restart of the server, and the restoration of a backup, as administrators ask for them."""

from messenger.jim.base import Reply, Request
from messenger.jim.fields import Name


class Restarting(Reply):
    """The reply to `admin_restart` and `admin_restore`: the port when the server is back.

    `moved` tells that it is another one than now.
    """

    port: int = 0
    moved: bool = False


class RestoreBackup(Request[Restarting], tag="admin_restore", kw_only=True):
    """Have the server end, replace its data by those of a backup, and start anew.

    `backup` is its name in the list of backups. If it cannot be restored, the server starts with
    the data that it has; `admin_backups` says then what has failed.
    """

    answer = Restarting
    backup: Name


class RestartServer(Request[Restarting], tag="admin_restart", kw_only=True):
    """Have the server end as by a signal, and start anew with the settings as they are then.

    All connections end, and can be made again at once. Refused (409) if it would not start again.
    """

    answer = Restarting
