"""The base class of the verbs of administration: how they ask the server."""

from typing import Any, Protocol, TypeVar

from messenger.jim.base import Reply, Request

_Answer = TypeVar("_Answer", bound=Reply)


class Ask(Protocol):
    """Sends a request and returns its reply, as `Client.ask` and `Channel.ask` do."""

    def __call__(self, request: Request[_Answer], /) -> _Answer:
        """Raises the ProtocolError that the server answers with, and ConnectionLost."""


class AdministrationVerbs:
    """Asks a server; the verbs of each topic are a subclass."""

    def __init__(self, ask: Ask) -> None:
        self.ask = ask

    def _do(self, request: Request[Any]) -> str:
        """Have something done; return the server's words for it."""
        reply: Reply = self.ask(request)
        return reply.alert or ""
