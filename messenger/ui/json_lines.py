"""Messages as JSON lines: for exports, and for programs at a pipe."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from msgspec.json import encode

from messenger.files import private_opener
from messenger.sdk.client import Client
from messenger.sdk.store import StoredMessage


def save(messages: Iterable[StoredMessage], file: Path, client: Client) -> int:
    """Write messages to a new file that only its owner can read; return their number.

    Raises OSError; FileExistsError if the file exists.
    """
    count = 0
    # `x` creates it in one step: a file or link that appears meanwhile is not overwritten.
    with open(file, "x", encoding="utf-8", opener=private_opener) as out:
        for message in messages:
            out.write(message_json(as_sent(message, client)) + "\n")
            count += 1
    return count


def as_sent(message: StoredMessage, client: Client) -> StoredMessage:
    """Return a message of the user with `guest` as others see it.

    The user's messages are stored before the server says whether the user is a guest.
    """
    is_own = message.sender == client.core.credentials.name
    return message._replace(guest=client.core.is_guest) if is_own else message


def message_json(message: StoredMessage, event: str = "message") -> str:
    """Return a message as a JSON object in one line."""
    found: dict[str, Any] = {
        "event": event,
        "conversation": message.conversation,
        "from": message.sender,
        "text": message.text,
        "time": message.time,
        "stored": message.stored,
        "state": str(message.state),
        "guest": message.guest,
        "security": str(message.security),
    }
    # Numbers below 0 are those of a closed log: they mean nothing to the server.
    if message.seq is not None and message.seq > 0:
        found["seq"] = message.seq
    for name in ("sent_id", "reason"):
        if value := getattr(message, name):
            found["id" if name == "sent_id" else name] = value
    return as_json(found)


def as_json(found: dict[str, Any]) -> str:
    """Return an object as one line of JSON."""
    return encode(found).decode()
