"""Why a message was not sent, as text in the database, and back."""

from functools import cache
from typing import Any

import msgspec

from messenger.jim.errors import ProtocolError
from messenger.sdk.errors import ClientError


def stored_error(error: Exception) -> str:
    """Return an error as text: its type and parameters, or the server's sentence."""
    if not isinstance(error, ClientError):
        return str(error)
    values = {name: str(value) for name, value in vars(error).items()}
    return msgspec.json.encode({"error": type(error).__name__, **values}).decode()


def restored_error(text: str) -> Exception | None:
    """Return the error that was stored as this text; None if there was none."""
    if not text:
        return None
    try:
        values = msgspec.json.decode(text, type=dict[str, Any])
        found: Exception = _kinds()[values.pop("error")](**values)
    # A sentence of the server, or an error of a later version of this program.
    except (msgspec.MsgspecError, KeyError, TypeError):
        return ProtocolError(text)
    return found


@cache
def _kinds() -> dict[str, Any]:
    """Return all types of errors by name."""
    from messenger.sdk import key_errors  # noqa: F401  so that its types are subclasses

    found: dict[str, Any] = {}
    pending: list[type] = [ClientError]
    while pending:
        kind = pending.pop()
        found[kind.__name__] = kind
        pending += kind.__subclasses__()
    return found
