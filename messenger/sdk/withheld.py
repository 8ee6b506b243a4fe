"""Answers for the user that wait until what a read brings is stored."""

from collections.abc import Callable
from functools import partial
from typing import Any

from messenger.sdk.failures import call_each

_Call = Callable[[Any], None]


class WithheldAnswers:
    """Passes answers on at once, or, while something is being stored, after that.

    Otherwise a user would be told that something is done which the database then forgets.
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[_Call, Any, Any]] = []
        self._is_storing = False

    def until_stored(self, call: _Call, failure: object) -> _Call:
        """Wrap a callback: it gets its answer later, or `failure` if that cannot be stored."""

        def answered(answer: object) -> None:
            if self._is_storing:
                self._waiting.append((call, answer, failure))
            else:
                call(answer)

        return answered

    def begin(self) -> None:
        """Withhold answers from now on."""
        self._is_storing = True

    def end(self, *, is_stored: bool) -> None:
        """Pass on the withheld answers, or that they failed."""
        waiting, self._waiting, self._is_storing = self._waiting, [], False
        call_each(
            partial(call, answer if is_stored else failure) for call, answer, failure in waiting
        )
