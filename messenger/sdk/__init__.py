"""The client library: `Client` for threads, `AsyncClient` for asyncio, one core for both."""

from messenger.sdk.aio import AsyncClient
from messenger.sdk.bot import Bot, BotMessage
from messenger.sdk.cancelling import Cancellation
from messenger.sdk.client import Client
from messenger.sdk.errors import Cancelled, ConnectionLost, NotOnline
from messenger.sdk.events import MessageChanged, MessageReceived, StateChanged
from messenger.sdk.harness import BotHarness
from messenger.sdk.login import Credentials
from messenger.sdk.store import Store

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
