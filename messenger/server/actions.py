"""The table of actions: who handles a request, and what it takes to be heard."""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from messenger.jim.errors import Unauthorized
from messenger.jim.replies import Reply
from messenger.jim.requests import Incoming, Request

if TYPE_CHECKING:
    from messenger.server.app import Server
    from messenger.server.session import Account, Session

Answer = Reply | None
Handler = Callable[..., Answer | Coroutine[Any, Any, Answer]]
"""Takes the server, the session and the request, and the frame where the table says so."""
_Request = TypeVar("_Request", bound=Request[Any])


class Action(NamedTuple):
    """An entry of the table.

    A `pipelined` request may be taken while earlier messages of the connection are being
    committed; others wait, so that replies keep the order of requests. A `free` one is not counted
    against the account's rate of requests (it has a rate of its own, or none). The handler of one
    `with_frame` is given the bytes of the request, too.
    """

    handler: Handler
    pipelined: bool
    free: bool
    with_frame: bool


TABLE: dict[type[Incoming], Action] = {}


def action(
    request: type[_Request],
    *,
    pipelined: bool = False,
    free: bool = False,
    with_frame: bool = False,
) -> Callable[[Handler], Handler]:
    """Enter the decorated handler into the table."""

    def enter(handler: Handler) -> Handler:
        TABLE[request] = Action(handler, pipelined, free, with_frame)  # type: ignore[index]
        return handler

    return enter


def login_required(handler: Handler) -> Handler:
    """Refuse the function to sessions that are not logged in (401)."""

    @wraps(handler)
    def guarded(
        server: "Server", session: "Session", request: Any, *frame: bytes
    ) -> Answer | Coroutine[Any, Any, Answer]:
        account_of(session)
        answer = handler(server, session, request, *frame)
        return _if_still_here(session, answer) if isinstance(answer, Coroutine) else answer

    return guarded


def account_of(session: "Session") -> "Account":
    """Return whose session it is; raises Unauthorized (401) if it is nobody's yet."""
    if session.account is None:
        raise Unauthorized("Log in first: send authenticate, or presence as a guest")
    return session.account


async def _if_still_here(session: "Session", answer: Coroutine[Any, Any, Answer]) -> Answer:
    """Begin with the answer, unless the connection has gone before its turn came."""
    if session.account is None:
        answer.close()
        return None
    return await answer
