"""Administration of a server: `Administration` has a method for each verb."""

from importlib import import_module
from typing import TYPE_CHECKING

from messenger.sdk.administration.administration import Administration

if TYPE_CHECKING:
    from messenger.sdk.administration.opening import at_server, at_socket, by_token, on_socket
else:
    # These need what logs a client in, with SQLAlchemy among it. They are imported at their first
    # use, so that a program that has to show a window first can use the type above at once.
    _LATER = ("at_server", "at_socket", "by_token", "on_socket")

    def __getattr__(name: str) -> object:
        if name not in _LATER:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module("messenger.sdk.administration.opening"), name)


__all__ = ["Administration", "at_server", "at_socket", "by_token", "on_socket"]
