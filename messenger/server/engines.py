"""The event loops that the server can run on; `select` runs on `select.select` itself."""

import asyncio
import resource
import selectors
from collections.abc import Callable

from messenger.language import _
from messenger.server.config import Engine

_LARGEST_SELECTABLE = 1024
_SELECT_RESERVE = 64


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
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    most = min(wanted, hard - _SELECT_RESERVE)
    return min(most, _LARGEST_SELECTABLE - _SELECT_RESERVE) if engine == "select" else most


def _epoll() -> Callable[[], asyncio.AbstractEventLoop]:
    if not hasattr(selectors, "EpollSelector"):
        raise EngineMissing(_("This system has no epoll: choose --engine auto or select"))
    return lambda: asyncio.SelectorEventLoop(selectors.EpollSelector())
