"""Errors of the protocol: one exception for each code, mapped both ways."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from messenger.jim.codes import Code
from messenger.jim.devices import DevicesChanged
from messenger.language import say


class ProtocolError(Exception):
    """A refused request; its text is written for the sender, with values for its `{names}`.

    As a string it is English. `retry_after` is the time to wait before another attempt, in seconds;
    `kind` tells errors with the same code apart. After a `fatal` error the connection is closed
    once the reply is written.
    """

    code: ClassVar[int] = Code.BAD_REQUEST
    kind: ClassVar[str | None] = None
    fatal: ClassVar[bool] = False
    # What a subclass has that takes other parameters.
    text: str = ""
    values: Mapping[str, object] = MappingProxyType({})
    retry_after: float | None = None

    def __init__(self, text: str, /, *, retry_after: float | None = None, **values: object) -> None:
        super().__init__(text)
        self.text = text
        self.values = values
        self.retry_after = retry_after

    def __str__(self) -> str:
        return say(self.text, self.values, "en")

    def said_in(self, language: str | None) -> str:
        """Return the text in a language (BCP 47), None for that of the program's user."""
        return say(self.text, self.values, language)


class BadRequest(ProtocolError):
    """A JSON object that is not a valid request; the connection stays open."""


class BrokenStream(ProtocolError):
    """Bytes that are not a JSON object: nobody can tell where the next one begins."""

    fatal = True


class TooLarge(ProtocolError):
    """An object over the connection's size limit."""

    code = Code.TOO_LARGE
    fatal = True


class Unauthorized(ProtocolError):
    """The action needs a login, or the name belongs to an account."""

    code = Code.UNAUTHORIZED


class WrongPassword(ProtocolError):
    """Wrong password or no such account: nobody can find out names by it."""

    code = Code.WRONG_PASSWORD


class WrongCode(WrongPassword):
    """A code that sets a new password is wrong, used or expired, or of another account."""

    kind = "wrong_code"


class Forbidden(ProtocolError):
    """The session may not do this."""

    code = Code.FORBIDDEN


class DeviceRemoved(Forbidden):
    """Another device of the account has removed this one."""

    kind = "device_removed"


class NotFound(ProtocolError):
    """No such account, room or message."""

    code = Code.NOT_FOUND


class LoginTimeout(ProtocolError):
    """No login within the time that the server allows."""

    code = Code.TIMEOUT
    fatal = True


class Conflict(ProtocolError):
    """The name is taken, or the thing exists already."""

    code = Code.CONFLICT


class OutdatedDevices(Conflict):
    """A message was encrypted for an outdated device list.

    `changes` brings the sender's list up to date.
    """

    def __init__(self, text: str, changes: DevicesChanged) -> None:
        super().__init__(text)
        self.changes = changes


class OutOfOrder(Conflict):
    """A message follows one that the server has not stored: it was refused, too."""

    kind = "out_of_order"


class Offline(ProtocolError):
    """The recipient is known, but not online."""

    code = Code.OFFLINE


class TextTooLong(ProtocolError):
    """The text of a message, not the object, is over its limit; the connection stays open."""

    code = Code.TOO_LARGE


class BackupFull(TextTooLong):
    """The account's key backup is full: entries have to be deleted first."""

    kind = "backup_full"


class TooMany(ProtocolError):
    """A rate limit is exceeded: `retry_after` says when to try again."""

    code = Code.TOO_MANY


class ServerError(ProtocolError):
    """The server could not do it; the same request may succeed later."""

    code = Code.SERVER_ERROR


class Stopping(ProtocolError):
    """The server is full or is shutting down."""

    code = Code.STOPPING
    fatal = True


# One class for each code; others of the same code are recognised by their `kind`, or not at all.
_BY_CODE: dict[int, type[ProtocolError]] = {
    error.code: error
    for error in (
        BadRequest, Unauthorized, WrongPassword, Forbidden, NotFound, LoginTimeout, Conflict,
        Offline, TooLarge, TooMany, ServerError, Stopping,
    )
}  # fmt: skip
_BY_KIND: dict[str | None, type[ProtocolError]] = {
    error.kind: error for error in (DeviceRemoved, OutOfOrder, BackupFull, WrongCode)
}


def error_for(
    code: int, text: str, retry_after: float | None = None, kind: str | None = None
) -> ProtocolError:
    """Return the exception for a reply with this code and kind."""
    error = _BY_KIND.get(kind) or _BY_CODE.get(code, ProtocolError)
    return error(text, retry_after=retry_after)
