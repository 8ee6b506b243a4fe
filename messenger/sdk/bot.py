"""Bots: functions that are called with messages and commands, and answer them."""

import inspect
import math
from collections.abc import Callable
from contextlib import suppress
from typing import Any, get_args, get_type_hints

from messenger.sdk.aio import AsyncClient
from messenger.sdk.credentials import Credentials
from messenger.sdk.events import MessageDecrypted, MessageReceived
from messenger.sdk.server_identity import Encryption
from messenger.sdk.store import MessageSecurity, Store, StoredMessage

Handler = Callable[..., Any]

_SIGNS = "!/"
_TRUTHS = {"yes": True, "true": True, "on": True, "1": True} | {
    "no": False, "false": False, "off": False, "0": False,
}  # fmt: skip


class BotMessage:
    """A message to a bot, or in a room that it is in."""

    def __init__(self, bot: "Bot", message: StoredMessage) -> None:
        self._bot = bot
        self.text = message.text
        self.sender = message.sender
        self.conversation = message.conversation
        self.is_direct = message.conversation == message.sender
        self.time = message.shown_time

    def reply(self, text: str) -> StoredMessage:
        """Answer in the same conversation; returns at once: the message is queued."""
        return self._bot.send_text(self.conversation, text)


class Bot(AsyncClient):
    """A client that answers messages: an account, or a guest without a password.

    Its own messages are ignored. A handler is a function or a coroutine function; if it returns a
    string, that is the reply. `!name arg arg` (or `/name`) calls the command of that name with the
    words after it, as numbers where the handler's annotations say so; any other message goes to
    `on_message`. Without a `store` a bot answers messages that are sent while it runs, and stores
    an account's keys, so that it is the same device at the next start; with a store in a file it
    also answers messages that were sent while it was offline. `register` creates the account if it
    does not exist.
    """

    def __init__(
        self,
        name: str,
        password: str | None = None,
        *,
        register: bool = False,
        address: str = "127.0.0.1",
        port: int = 7777,
        store: Store | None = None,
        encryption: Encryption = "auto",
        fingerprint: str | None = None,
    ) -> None:
        super().__init__(
            address,
            port,
            Credentials(name, password, register=register),
            store,
            program="bot",
            encryption=encryption,
            fingerprint=fingerprint,
        )
        self._commands: dict[str, Handler] = {}
        self._on_message: Handler | None = None
        self.on(MessageReceived)(self._received)
        self.on(MessageDecrypted)(self._received)

    def on_message(self, handler: Handler) -> Handler:
        """Register the decorated function for each message that is not a command."""
        self._on_message = handler
        return handler

    def command(self, name: str) -> Callable[[Handler], Handler]:
        """Register the decorated function for each `!name`; it also gets the words after it."""

        def register(handler: Handler) -> Handler:
            self._commands[name.lstrip(_SIGNS).casefold()] = handler
            return handler

        return register

    async def _received(self, event: MessageReceived | MessageDecrypted) -> None:
        # Two bots of one account would answer each other for ever. A message that waits for its
        # key comes again as MessageDecrypted, one that fails verification is never answered.
        is_own = event.message.sender == self.core.credentials.name
        if is_own or event.message.security not in (
            MessageSecurity.UNENCRYPTED,
            MessageSecurity.ENCRYPTED,
        ):
            return
        message = BotMessage(self, event.message)
        reply = self._call(message)
        if inspect.isawaitable(reply):
            reply = await reply
        if isinstance(reply, str):
            message.reply(reply)

    def _call(self, message: BotMessage) -> Any:
        name, *words = message.text.split() or [""]
        # The empty string is a part of every string, so it is excluded.
        is_command = name[:1] in _SIGNS and name != ""
        handler = self._commands.get(name[1:].casefold()) if is_command else None
        if handler is None:
            return self._on_message(message) if self._on_message is not None else None
        try:
            bound = bind_words(handler, message, words)
        except (TypeError, ValueError):
            return f"{name} {_usage(handler)}".rstrip()
        # Not within the `try`: a TypeError of the handler itself is a bug, and logged.
        return handler(*bound.args, **bound.kwargs)


def bind_words(handler: Handler, message: object, words: list[str]) -> inspect.BoundArguments:
    """Return the arguments of a command, each converted to the type of its parameter.

    Raises TypeError for too few or too many words, ValueError for one that is not a number.
    """
    signature = inspect.signature(handler)
    bound = signature.bind(message, *words)
    try:
        hints = get_type_hints(handler)
    except (NameError, TypeError):
        hints = {}  # Annotations that cannot be evaluated: every argument stays a string.
    _message, *names = bound.arguments
    for name in names:
        value, hint = bound.arguments[name], hints.get(name, str)
        if signature.parameters[name].kind is inspect.Parameter.VAR_POSITIONAL:
            bound.arguments[name] = tuple(_converted(word, hint) for word in value)
        else:
            bound.arguments[name] = _converted(value, hint)
    return bound


def _converted(word: str, hint: Any) -> Any:
    """Return a word as int, float or bool, if the annotation is one of them."""
    kinds = get_args(hint) or (hint,)  # those of a union, such as `int | None`
    # Before int, which would take `1` and `0`.
    if bool in kinds and word.casefold() in _TRUTHS:
        return _TRUTHS[word.casefold()]
    for kind in (int, float):
        if kind in kinds:
            with suppress(ValueError):
                return _number(word, kind)
    if {int, float, bool}.isdisjoint(kinds) or str in kinds:
        return word
    raise ValueError(word)


def _number(word: str, kind: type[int] | type[float]) -> float:
    found = kind(word)
    if not math.isfinite(found):  # `float` accepts "nan" and "infinity"
        raise ValueError(word)
    return found


def _usage(handler: Handler) -> str:
    """Return the syntax of a command, from the parameters of its handler."""
    _message, *parameters = inspect.signature(handler).parameters.values()
    return " ".join(
        f"{parameter.name.upper()}..."
        if parameter.kind is parameter.VAR_POSITIONAL
        else f"[{parameter.name.upper()}]"
        if parameter.default is not parameter.empty
        else parameter.name.upper()
        for parameter in parameters
    )
