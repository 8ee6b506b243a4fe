"""The decorator that makes one coroutine function a method that blocks, or one that is awaited."""

from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from types import MethodType
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, overload

from messenger.sdk.link import OnAnswer

ANSWER_TIMEOUT = 30.0
"""Seconds for which a verb waits for the server, unless it is told otherwise."""

Begin = Callable[[OnAnswer], None]
"""Begins something; what comes of it is handed to its argument, once, perhaps at once."""
WaitFor = Callable[[Begin, float], Awaitable[Any]]
"""Begins something, and returns what comes of it, or raises it; waits so many seconds."""

_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")


class Blocking:
    """A class whose verbs block: they return when the server has answered."""


class Asynchronous:
    """A class whose verbs are coroutine functions."""


class verb(Generic[_Parameters, _Result]):  # noqa: N801  a decorator
    """Makes a coroutine function the method that its class is to have.

    In a class that is `Blocking` nothing suspends the coroutine: what it awaits blocks instead. So
    a verb awaits nothing but what its shell gives it, and no other verb.
    """

    def __init__(
        self, function: Callable[Concatenate[Any, _Parameters], Coroutine[Any, Any, _Result]]
    ) -> None:
        @wraps(function)
        def blocking(*args: Any, **kwargs: Any) -> _Result:
            return _run(function(*args, **kwargs))

        self._awaited = function
        self._blocking = blocking

    @overload
    def __get__(self, owner: None, kind: type) -> Callable[..., Any]: ...
    @overload
    def __get__(self, owner: Blocking, kind: type) -> Callable[_Parameters, _Result]: ...
    @overload
    def __get__(
        self, owner: Asynchronous, kind: type
    ) -> Callable[_Parameters, Coroutine[Any, Any, _Result]]: ...
    def __get__(self, owner: object, kind: type) -> Callable[..., Any]:
        function: Callable[..., Any] = (
            self._blocking if issubclass(kind, Blocking) else self._awaited
        )
        return function if owner is None else MethodType(function, owner)


def _run(coroutine: Coroutine[Any, Any, _Result]) -> _Result:
    """Return what a coroutine returns that nothing suspends."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        result: _Result = end.value
        return result
    coroutine.close()
    raise RuntimeError("A verb that blocks has awaited something")
