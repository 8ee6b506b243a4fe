"""Has the client refuse to be called in the GUI thread, for as long as a test runs.

Its verbs and its database take locks that other threads hold for seconds: a window that calls one
would stand still.
"""

import functools
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from messenger.sdk import Client, Store
from messenger.sdk.core import Core
from messenger.sdk.people import KnownPeople
from messenger.sdk.verbs.encryption import Keys

GUARDED = (Client, Keys, Store, KnownPeople, Core)
_HARMLESS = ("on", "on_batch")
"""They append a handler to a list, before the client is started: no lock, no database."""


class CalledInGuiThread(AssertionError):
    """A window calls the client in the thread that draws and takes the user's keys."""


@contextmanager
def guarded() -> Iterator[list[str]]:
    """Yield what was called in the main thread, with the place of the call; each call raises."""
    calls: list[str] = []
    replaced: list[tuple[type, str, Any]] = []
    for kind in {base for one in GUARDED for base in one.__mro__ if base is not object}:
        for name, member in list(vars(kind).items()):
            if name.startswith("_") or name in _HARMLESS:
                continue
            if (instead := _refusing(member, name, calls)) is not None:
                replaced.append((kind, name, member))
                setattr(kind, name, instead)
    try:
        yield calls
    finally:
        for kind, name, member in replaced:
            setattr(kind, name, member)


def _refusing(member: Any, name: str, calls: list[str]) -> Any:
    """Return the method or property that refuses; None for what is neither."""
    if isinstance(member, property):
        parts = (member.fget, member.fset, member.fdel)
        return property(*(part and _checked(part, name, calls) for part in parts))
    if isinstance(member, functools.cached_property):
        instead = functools.cached_property(_checked(member.func, name, calls))
        instead.__set_name__(object, name)
        return instead
    return _checked(member, name, calls) if callable(member) else None


def _checked(do: Callable[..., Any], name: str, calls: list[str]) -> Callable[..., Any]:
    @functools.wraps(do)
    def check(*arguments: Any, **named: Any) -> Any:
        if threading.current_thread() is threading.main_thread():
            frames = traceback.extract_stack()[-7:-1]
            where = " < ".join(f"{one.name} ({one.line})" for one in reversed(frames))
            calls.append(f"{name}: {where}")
            raise CalledInGuiThread(calls[-1])
        return do(*arguments, **named)

    return check
