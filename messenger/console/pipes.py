"""The client in a pipeline: lines to messages, messages to lines."""

from collections.abc import Callable, Iterable

import msgspec

from messenger.console.advice import with_advice
from messenger.console.streams import Output
from messenger.jim.errors import ProtocolError
from messenger.language import _
from messenger.output import visible
from messenger.sdk.client import Client
from messenger.sdk.events import (
    ConnectionState,
    MessageChanged,
    MessageDecrypted,
    MessageReceived,
    StateChanged,
)
from messenger.sdk.store import WAITS, MessageState
from messenger.ui.errors import explain
from messenger.ui.json_lines import as_json, as_sent, message_json
from messenger.ui.wording import failure_text, message_line

_AT_ONCE = 100
"""Messages after which the sender waits for the server: the server sets the pace, not memory."""


# Unknown keys are refused: a mistyped `to` would send the text to everybody.
class PipedMessage(msgspec.Struct, forbid_unknown_fields=True):
    """A JSON line from a program: a text, and its recipient."""

    text: str
    to: str | None = None


class Pipe:
    """Sends lines and writes received messages; `failed` counts lines that could not be sent.

    With `events` the JSON output reports the state of the connection, too.
    """

    def __init__(
        self,
        client: Client,
        output: Output,
        complain: Callable[[str], None],
        *,
        as_json: bool,
        events: bool = False,
    ) -> None:
        self.client = client
        self.failed = 0
        self._output = output
        self._complain = complain
        self._as_json = as_json
        self._events = events
        self._only: str | None = None
        self._is_away = False
        client.on(MessageChanged)(self._message_changed)
        client.on(StateChanged)(self._state_changed)

    def send(self, lines: Iterable[str], to: str, patience: float) -> None:
        """Send each non-empty line, or the message that it has as JSON.

        Give up if the server answers nothing for `patience` seconds.
        """
        for count, line in enumerate(lines, 1):
            if self._as_json:
                self._send_json(line, to)
            elif line:
                self._send_text(to, line)
            if count % _AT_ONCE == 0 and not wait_until_sent(self.client, patience):
                return

    def listen(self, only: str | None) -> None:
        """Write messages from now on, with `only` those of one conversation."""
        self._only = only
        self.client.on(MessageReceived)(self._message_received)
        self.client.on(MessageDecrypted)(self._message_received)

    def _send_json(self, line: str, to: str) -> None:
        if not line.strip():
            return
        try:
            outgoing = msgspec.json.decode(line, type=PipedMessage)
        except (msgspec.MsgspecError, RecursionError) as error:
            self.failed += 1
            said = _(
                'Each line must be {{"text": "...", "to": "..."}}: {reason}', reason=explain(error)
            )
            self._complain(said)
            return
        self._send_text(outgoing.to or to, outgoing.text)

    def _send_text(self, to: str, text: str) -> None:
        try:
            self.client.send_text(to, text)
        except ProtocolError as error:
            self._not_sent(to, explain(error))

    def _not_sent(self, to: str, reason: str) -> None:
        self.failed += 1
        name, reason = visible(to), visible(reason)
        self._complain(_("Not sent to {name}: {reason}", name=name, reason=reason))

    def _message_received(self, event: MessageReceived | MessageDecrypted) -> None:
        message = event.message
        # It is written once it is decrypted.
        if message.security in WAITS:
            return
        if self._only is not None and message.conversation != self._only:
            return
        me = self.client.core.credentials.name
        if self._as_json:
            self._output.write_json(message_json(message))
        else:
            self._output.show(message_line(message, me))

    def _message_changed(self, event: MessageChanged) -> None:
        message = event.message
        if message.state is MessageState.FAILED:
            self._not_sent(message.conversation, failure_text(message))
        if self._as_json and message.state in (MessageState.SENT, MessageState.FAILED):
            self._output.write_json(message_json(as_sent(message, self.client), "sent"))

    def _state_changed(self, event: StateChanged) -> None:
        reason = explain(event.error)
        if self._as_json and self._events:
            self._output.write_json(
                as_json({"event": "state", "state": event.state, "reason": reason})
            )
        elif event.state is ConnectionState.OFFLINE and reason and not self._is_away:
            self._is_away = True
            said = _("{reason}. Reconnecting.", reason=visible(reason))
            self._complain(with_advice(said, event.error))
        elif event.state is ConnectionState.ONLINE:
            self._is_away = False


def wait_until_sent(client: Client, patience: float) -> bool:
    """Wait until all messages are answered; False after `patience` seconds without progress."""
    before = client.store.count_unsent()
    while not client.wait_until_sent(patience):
        count = client.store.count_unsent()
        if count >= before:
            return False
        before = count
    return True
