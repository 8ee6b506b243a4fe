"""Base classes of all requests, replies and events."""

from typing import Annotated, Any, ClassVar, Generic, TypeVar

from msgspec import Meta, Struct

from messenger.jim.fields import RequestId

# Bounded where it is decoded, so that `Reply.code` cannot fail on what a server has sent.
Response = Annotated[int, Meta(ge=0, lt=1000)] | Annotated[str, Meta(pattern="^[0-9]{3}$")]

Pause = Annotated[float, Meta(ge=0, le=10**6)]
"""Seconds to wait; bounded, because clients wait as long as it says."""


class Reply(Struct, omit_defaults=True):
    """The reply to one request; `time` is the server's, unix time in seconds.

    After `retry_after` seconds another attempt may succeed; `kind` tells programs what a refusal is
    about if its code does not.
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
        """`response` as a number: `get_contacts` and a few clients have it as a string."""
        return int(self.response)


AnswerType = TypeVar("AnswerType", bound=Reply)


class Request(Struct, Generic[AnswerType], tag_field="action", kw_only=True, omit_defaults=True):
    """Base of all requests: `time` may be anything; `id` is repeated in the reply.

    `answer` is the type of the reply on success. `nul_allowed` names the fields in which a text may
    have the character U+0000, because they are not stored, or only as JSON, which escapes it.
    """

    answer: ClassVar[type[Reply]] = Reply
    nul_allowed: ClassVar[frozenset[str]] = frozenset({"time"})
    # Clients in the wild send numbers, `time.ctime()` or nothing; nothing is ordered by it.
    time: Any = None
    id: RequestId | None = None


class Event(Struct, tag_field="action", kw_only=True, omit_defaults=True):
    """Base of what the server sends without a request, mostly to clients that asked for events."""

    time: float = 0
