"""The client library: `Client` for threads, `AsyncClient` for asyncio, one core for both."""

from importlib import import_module
from typing import TYPE_CHECKING

from messenger.sdk.cancelling import Cancellation
from messenger.sdk.credentials import Credentials
from messenger.sdk.errors import Cancelled, ConnectionLost, NotOnline
from messenger.sdk.events import MessageChanged, MessageReceived, StateChanged

if TYPE_CHECKING:
    from messenger.sdk.aio import AsyncClient
    from messenger.sdk.bot import Bot, BotMessage
    from messenger.sdk.client import Client
    from messenger.sdk.harness import BotHarness
    from messenger.sdk.store import Store
else:
    # These need SQLAlchemy and cryptography. They are imported at their first use, so that a
    # program that has to show a window first can use the types above at once.
    _LATER = {
        "AsyncClient": "messenger.sdk.aio",
        "Bot": "messenger.sdk.bot",
        "BotHarness": "messenger.sdk.harness",
        "BotMessage": "messenger.sdk.bot",
        "Client": "messenger.sdk.client",
        "Store": "messenger.sdk.store",
    }

    def __getattr__(name: str) -> object:
        if name not in _LATER:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(_LATER[name]), name)


__all__ = [
    "AsyncClient",
    "Bot",
    "BotHarness",
    "BotMessage",
    "Cancellation",
    "Cancelled",
    "Client",
    "ConnectionLost",
    "Credentials",
    "MessageChanged",
    "MessageReceived",
    "NotOnline",
    "StateChanged",
    "Store",
]
