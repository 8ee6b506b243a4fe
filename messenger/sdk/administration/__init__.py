"""Administration of a server: `Administration` has a method for each verb."""

from messenger.jim.admin.stats import StatsNow
from messenger.sdk.administration.administration import Administration
from messenger.sdk.administration.opening import at_server, at_socket, on_socket

__all__ = ["Administration", "StatsNow", "at_server", "at_socket", "on_socket"]
