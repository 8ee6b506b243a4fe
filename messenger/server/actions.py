"""The table of actions: the handler of each request, and its conditions."""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, NamedTuple, TypeVar

from messenger.jim.base import Reply, Request
from messenger.jim.codec import Incoming
from messenger.server.actors import account_of, actor_of, check_role
from messenger.server.rates import Rate
from messenger.server.records import Session
from messenger.server.services import Services

Answer = Reply | None
Answering = Answer | Coroutine[Any, Any, Answer]

Handler = Callable[..., Answering]
"""Takes the services, the session and the request, and the frame if the table says so."""

AccountHandler = Callable[..., Answering]
"""Takes the logged-in account before the request."""

ActorHandler = Callable[..., Answering]
"""Takes who acts (`Actor`) before the request."""

_Request = TypeVar("_Request", bound=Request[Any])


class Action(NamedTuple):
    """An entry of the table.

    `login` says that it requires one, `role` which role the account must have, if any. `rate` is
    the rate limit that the request counts against; None if the handler counts by itself, or nothing
    has to be counted. A `pipelined` request may be handled while earlier messages of the connection
    are being committed; others wait, so that replies keep the order of requests. With `with_frame`
    the handler gets the bytes of the request, too.
    """

    handler: Handler
    login: bool
    role: str | None
    rate: Rate | None
    pipelined: bool
    with_frame: bool


TABLE: dict[type[Incoming], Action] = {}


def action(
    request: type[_Request],
    *,
    login: bool = True,
    role: str | None = None,
    rate: Rate | None = "request",
    pipelined: bool = False,
    with_frame: bool = False,
) -> Callable[[Handler], Handler]:
    """Enter the decorated handler into the table; raises TypeError if `login` contradicts it."""

    def enter(handler: Handler) -> Handler:
        if login != is_guarded(handler):
            raise TypeError(f"{handler.__name__}: login={login} says otherwise than its guard")
        guarded = handler if role is None else _role_required(role, handler)
        entry = Action(guarded, login, role, rate, pipelined, with_frame)
        # A type variable cannot be bound to a union of requests.
        TABLE[request] = entry  # type: ignore[index]
        return handler

    return enter


def login_required(handler: AccountHandler) -> Handler:
    """Refuse sessions that are not logged in (401), and pass the account to the handler."""

    @wraps(handler)
    def guarded(services: Services, session: Session, request: Any, *frame: bytes) -> Answering:
        return handler(services, session, account_of(session), request, *frame)

    return _marked(guarded)


def actor_required(handler: ActorHandler) -> Handler:
    """Refuse sessions that are not logged in (401) and guests (403); pass who acts to the handler.

    An operator at the server's own socket acts without an account.
    """

    @wraps(handler)
    def guarded(services: Services, session: Session, request: Any) -> Answering:
        return handler(services, session, actor_of(session), request)

    return _marked(guarded)


def _marked(guarded: Handler) -> Handler:
    # `@log` names the arguments by the signature, and it is the guard that gets called.
    del vars(guarded)["__wrapped__"]
    vars(guarded)["login_required"] = True
    return guarded


def is_guarded(handler: Handler) -> bool:
    """Tell whether a handler refuses sessions that are not logged in."""
    return "login_required" in vars(handler)


def _role_required(role: str, handler: Handler) -> Handler:
    """Refuse accounts without the role, and connections without TLS (403)."""

    @wraps(handler)
    def guarded(services: Services, session: Session, *arguments: Any) -> Answering:
        check_role(session, role)
        return handler(services, session, *arguments)

    return guarded
