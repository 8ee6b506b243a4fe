"""The table of actions: who handles a request, and what it takes to be heard."""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from messenger.jim.errors import Unauthorized
from messenger.jim.replies import Reply
from messenger.jim.requests import AnyRequest, Request

if TYPE_CHECKING:
    from messenger.server.app import Server
    from messenger.server.session import Session

Answer = Reply | None
Handler = Callable[["Server", "Session", Any], Answer | Coroutine[Any, Any, Answer]]
_Request = TypeVar("_Request", bound=Request[Any])


class Action(NamedTuple):
    """An entry of the table.

    A `pipelined` request may be taken while earlier messages of the link are on their way into
    the log; others wait, so that replies keep the order of requests. A `free` one is not counted
    against the account's rate of requests (it has a rate of its own, or none).
    """

    handler: Handler
    pipelined: bool
    free: bool


TABLE: dict[type[AnyRequest], Action] = {}


def action(
    request: type[_Request], *, pipelined: bool = False, free: bool = False
) -> Callable[[Handler], Handler]:
    """Enter the decorated handler into the table."""

    def enter(handler: Handler) -> Handler:
        TABLE[request] = Action(handler, pipelined, free)  # type: ignore[index]
        return handler

    return enter


def login_required(handler: Handler) -> Handler:
    """Refuse the function to sessions that are not logged in (401)."""

    @wraps(handler)
    def guarded(
        server: "Server", session: "Session", request: Any
    ) -> Answer | Coroutine[Any, Any, Answer]:
        if session.account is None:
            raise Unauthorized("Log in first: send authenticate, or presence as a guest")
        return handler(server, session, request)

    return guarded
