"""Bots: functions that are called with messages and commands, and answer them."""

import inspect
from collections.abc import Callable
from typing import Any

from messenger.sdk.aio import AsyncClient
from messenger.sdk.events import MessageOpened, MessageReceived
from messenger.sdk.login import Credentials
from messenger.sdk.store import Lock, Store, StoredMessage
from messenger.sdk.trust import Encryption

Handler = Callable[..., Any]


class BotMessage:
    """A message that somebody has written to a bot, or where it can hear it."""

    def __init__(self, bot: "Bot", message: StoredMessage) -> None:
        self._bot = bot
        self.text = message.text
        self.sender = message.sender
        self.conversation = message.conversation
        self.is_direct = message.conversation == message.sender
        self.time = message.shown_time

    def reply(self, text: str) -> StoredMessage:
        """Answer where it was written; returns at once, it is sent when it can be."""
        return self._bot.send_text(self.conversation, text)


class Bot(AsyncClient):
    """An account, or without a password a guest, that answers.

    Its own messages are ignored. A handler is a function or a coroutine function; what it returns
    is the reply, if it is a text. `/name arg arg` calls the command of that name with the words
    after it; what is no command goes to `on_message`. Without a `store` with a file a bot answers
    what is written while it runs; with one, also what was written meanwhile.
    """

    def __init__(
        self,
        name: str,
        password: str | None = None,
        *,
        address: str = "127.0.0.1",
        port: int = 7777,
        store: Store | None = None,
        encryption: Encryption = "auto",
        fingerprint: str | None = None,
    ) -> None:
        super().__init__(
            address,
            port,
            Credentials(name, password),
            store,
            program="bot",
            encryption=encryption,
            fingerprint=fingerprint,
        )
        self._commands: dict[str, Handler] = {}
        self._on_message: Handler | None = None
        self.on(MessageReceived)(self._received)
        self.on(MessageOpened)(self._received)

    def on_message(self, handler: Handler) -> Handler:
        """Have the decorated function called with each message that is no command."""
        self._on_message = handler
        return handler

    def command(self, name: str) -> Callable[[Handler], Handler]:
        """Have the decorated function called with each `/name`, and with the words after it."""

        def register(handler: Handler) -> Handler:
            self._commands[name.removeprefix("/").casefold()] = handler
            return handler

        return register

    async def _received(self, event: MessageReceived | MessageOpened) -> None:
        is_own = event.message.sender == self.core.credentials.name
        if is_own or event.message.lock not in (Lock.OPEN, Lock.SEALED):
            return
        message = BotMessage(self, event.message)
        reply = self._call(message)
        if inspect.isawaitable(reply):
            reply = await reply
        if isinstance(reply, str):
            message.reply(reply)

    def _call(self, message: BotMessage) -> Any:
        name, *words = message.text.split() or [""]
        handler = self._commands.get(name[1:].casefold()) if name.startswith("/") else None
        if handler is None:
            return self._on_message(message) if self._on_message is not None else None
        try:
            inspect.signature(handler).bind(message, *words)
        except TypeError:
            return f"{name} {_usage(handler)}"
        return handler(message, *words)


def _usage(handler: Handler) -> str:
    """Return how a command is written, from the parameters of its handler."""
    _message, *parameters = inspect.signature(handler).parameters.values()
    return " ".join(
        f"{parameter.name.upper()}..."
        if parameter.kind is parameter.VAR_POSITIONAL
        else f"[{parameter.name.upper()}]"
        if parameter.default is not parameter.empty
        else parameter.name.upper()
        for parameter in parameters
    )
