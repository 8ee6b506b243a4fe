"""The decorator `verb`: one coroutine function, as a method that blocks or one to be awaited."""

from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from types import MethodType
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, overload

from messenger.sdk.link import OnAnswer

ANSWER_TIMEOUT = 30.0
"""Seconds for which a verb waits for the server by default."""

Begin = Callable[[OnAnswer], None]
"""Begins an operation, whose result is passed to its argument once, possibly before it returns."""
WaitFor = Callable[[Begin, float], Awaitable[Any]]
"""Begins an operation, waits at most so many seconds, and returns or raises its result."""

_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")


class Blocking:
    """A class whose verbs block: they return when the server has answered."""


class Asynchronous:
    """A class whose verbs are coroutine functions."""


class verb(Generic[_Parameters, _Result]):  # noqa: N801  a decorator
    """Turns a coroutine function into a method that fits its class, `Blocking` or `Asynchronous`.

    In a `Blocking` class the coroutine is never suspended: its awaitables block instead. So a verb
    may await nothing but methods of its shell, and no other verb.
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
    """Return the result of a coroutine that is never suspended."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        result: _Result = end.value
        return result
    # Otherwise its `finally` blocks would run whenever it is collected.
    coroutine.close()
    raise RuntimeError("A verb that blocks has awaited something")
