"""Messages as lines of JSON: for the file of an export, and for programs at a pipe."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from msgspec.json import encode

from messenger.files import private_opener
from messenger.sdk.client import Client
from messenger.sdk.store import StoredMessage


def save(messages: Iterable[StoredMessage], file: Path, client: Client) -> int:
    """Write messages to a new file that only its owner can read; return how many there were.

    Raises OSError, FileExistsError where there is such a file already.
    """
    count = 0
    with open(file, "x", encoding="utf-8", opener=private_opener) as out:
        for message in messages:
            out.write(message_json(as_sent(message, client)) + "\n")
            count += 1
    return count


def as_sent(message: StoredMessage, client: Client) -> StoredMessage:
    """Return a message with what others see of its sender: one's own are kept before it is known.

    Namely, whether the server has taken the user for a guest.
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
    if message.seq is not None and message.seq > 0:
        found["seq"] = message.seq
    for name in ("sent_id", "reason"):
        if value := getattr(message, name):
            found["id" if name == "sent_id" else name] = value
    return as_json(found)


def as_json(found: dict[str, Any]) -> str:
    """Return an object as one line of JSON."""
    return encode(found).decode()
