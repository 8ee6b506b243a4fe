"""The event loops that the server can run on; `select` runs on `select.select` itself."""

import asyncio
import contextlib
import selectors
from collections.abc import Callable

from messenger.language import _
from messenger.server.config import Engine
from messenger.server.errors import CannotStart

_FD_SETSIZE = 1024  # select(2): files of higher numbers it cannot watch
_RESERVE = 64  # for the database, logs, listening sockets, and what is refused before it is closed


class TooFewFiles(CannotStart):
    """The system lets the server open too few files; the text says how many it needs."""


class EngineMissing(CannotStart):
    """The engine is not to be had on this machine; the text says which others are."""


def loop_factory(engine: Engine) -> Callable[[], asyncio.AbstractEventLoop]:
    """Return the factory of the event loop; raises EngineMissing."""
    if engine == "select":
        return lambda: asyncio.SelectorEventLoop(selectors.SelectSelector())
    if engine == "epoll":
        return _epoll()
    try:
        import uvloop
    except ImportError:
        if engine == "uvloop":
            said = _("uvloop is not installed: choose the engine “auto”")
            raise EngineMissing(said, setting="engine") from None
        return asyncio.new_event_loop
    return uvloop.new_event_loop


def max_connections(engine: Engine, wanted: int) -> int:
    """Return how many connections the engine and the system can hold, at most as many as wanted.

    Files are allowed up to the system's hard limit; `select` takes none numbered above 1,023.
    Raises TooFewFiles where there would be no connection at all.
    """
    most = _FD_SETSIZE if engine == "select" else wanted + _RESERVE
    most = min(most, _raise_limit_of_files(most))
    if most <= _RESERVE:
        raise TooFewFiles(
            _(
                "This server may open {count} files, and needs {least} at least: "
                "raise the limit (ulimit -n, or LimitNOFILE of a service)",
                count=most,
                least=_RESERVE + 1,
            )
        )
    return min(wanted, most - _RESERVE)


def _raise_limit_of_files(without: int) -> int:
    """Take as many files as the system allows; return how many, `without` if it has no limit."""
    try:
        import resource
    except ImportError:  # Windows
        return without
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):  # macOS: more than it has is told as allowed
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        soft = hard
    return without if soft == resource.RLIM_INFINITY else soft


def _epoll() -> Callable[[], asyncio.AbstractEventLoop]:
    if not hasattr(selectors, "EpollSelector"):
        said = _("This system has no epoll: choose the engine “auto” or “select”")
        raise EngineMissing(said, setting="engine")
    return lambda: asyncio.SelectorEventLoop(selectors.EpollSelector())
