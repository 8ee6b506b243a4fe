"""The event loops that the server can run on; `select` runs on `select.select` itself."""

import asyncio
import contextlib
import selectors
from collections.abc import Callable

from messenger.language import _
from messenger.server.config import Engine
from messenger.server.errors import CannotStart

_FD_SETSIZE = 1024  # select(2) cannot watch descriptors from this number on
_RESERVE = 64  # for the database, logs, listening sockets, and connections that are being refused


class TooFewFiles(CannotStart):
    """The system lets the server open too few files; the text says how many it needs."""


class EngineMissing(CannotStart):
    """The engine is not available on this machine; the text names others that are."""


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

    The limit of open files is raised to the system's hard limit; `select` can use none above 1,023.
    Raises TooFewFiles if that leaves no connection at all.
    """
    files = _FD_SETSIZE if engine == "select" else wanted + _RESERVE
    files = min(files, _raise_limit_of_files(files))
    if files <= _RESERVE:
        raise TooFewFiles(
            _(
                "This server may open only {count} files, but needs at least {least}: "
                "raise the limit (ulimit -n, or LimitNOFILE of a service)",
                count=files,
                least=_RESERVE + 1,
            )
        )
    return min(wanted, files - _RESERVE)


def _raise_limit_of_files(without: int) -> int:
    """Allow as many open files as the system does; return how many, `without` if unlimited."""
    try:
        import resource
    except ImportError:  # Windows
        return without
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):  # macOS reports a hard limit that it refuses
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        soft = hard
    return without if soft == resource.RLIM_INFINITY else soft


def _epoll() -> Callable[[], asyncio.AbstractEventLoop]:
    if not hasattr(selectors, "EpollSelector"):
        said = _("This system has no epoll: choose the engine “auto” or “select”")
        raise EngineMissing(said, setting="engine")
    return lambda: asyncio.SelectorEventLoop(selectors.EpollSelector())
