"""What every request, reply and event of the wire has."""

from typing import Annotated, Any, ClassVar, Generic, TypeVar

from msgspec import Meta, Struct

from messenger.jim.fields import RequestId

Response = Annotated[int, Meta(ge=0, lt=1000)] | Annotated[str, Meta(pattern="^[0-9]{3}$")]

Pause = Annotated[float, Meta(ge=0, le=10**6)]
"""Seconds that a client may well wait."""


class Reply(Struct, omit_defaults=True):
    """The answer to one request; `time` is the server's, unix time in seconds.

    `retry_after` (seconds) goes with refusals that time heals; `kind` tells programs what a refusal
    is about, where its code does not.
    """

    response: Response
    time: float = 0
    alert: str | None = None
    error: str | None = None
    id: RequestId | None = None
    retry_after: Pause | None = None
    kind: str | None = None

    @property
    def code(self) -> int:
        """`response` as a number: a few clients and one answer have it as a string."""
        return int(self.response)


AnswerType = TypeVar("AnswerType", bound=Reply)


class Request(Struct, Generic[AnswerType], tag_field="action", kw_only=True, omit_defaults=True):
    """What every request has: anything may stand in `time`; `id` is repeated in the reply.

    `answer` is the type of the reply of success.
    """

    answer: ClassVar[type[Reply]] = Reply
    time: Any = None
    id: RequestId | None = None


class Event(Struct, tag_field="action", kw_only=True, omit_defaults=True):
    """What the server says unasked, to clients that asked for events."""

    time: float = 0
