"""The event loops that the server can run on; `select` runs on `select.select` itself."""

import asyncio
import contextlib
import selectors
from collections.abc import Callable

from messenger.language import _
from messenger.server.config import Engine

_LARGEST_SELECTABLE = 1024
_RESERVE = 64


class EngineMissing(Exception):
    """The engine is not to be had on this machine; the text says which others are."""


def loop_factory(engine: Engine) -> Callable[[], asyncio.AbstractEventLoop]:
    """Return what makes the event loop; raises EngineMissing."""
    if engine == "select":
        return lambda: asyncio.SelectorEventLoop(selectors.SelectSelector())
    if engine == "epoll":
        return _epoll()
    try:
        import uvloop
    except ImportError:
        if engine == "uvloop":
            raise EngineMissing(_("uvloop is not installed: choose --engine auto")) from None
        return asyncio.new_event_loop
    return uvloop.new_event_loop


def most_connections(engine: Engine, wanted: int) -> int:
    """Return how many links the engine and the system can hold, at most those that are wanted.

    Files are allowed up to the system's hard limit; `select` takes none numbered above 1,023.
    """
    most = _LARGEST_SELECTABLE if engine == "select" else wanted + _RESERVE
    with contextlib.suppress(ImportError):  # Windows has no such limit
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft < hard:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        most = min(most, hard)
    return min(wanted, most - _RESERVE)


def _epoll() -> Callable[[], asyncio.AbstractEventLoop]:
    if not hasattr(selectors, "EpollSelector"):
        raise EngineMissing(_("This system has no epoll: choose --engine auto or select"))
    return lambda: asyncio.SelectorEventLoop(selectors.EpollSelector())
