"""What may go wrong on the wire: one exception for each code, mapped both ways."""

from typing import ClassVar

from messenger.jim.codes import Code
from messenger.jim.devices import DevicesChanged
from messenger.language import say


class ProtocolError(Exception):
    """A request that is refused; its text is written for the one who sent it, `{names}` filled in.

    As a string it is in the language of whoever runs the program. `retry_after` is the time to wait
    before another try, in seconds; `kind` parts errors of one code for programs. After a `fatal`
    error the link cannot go on and is closed once the reply is written.
    """

    code: ClassVar[int] = Code.BAD_REQUEST
    kind: ClassVar[str | None] = None
    fatal: ClassVar[bool] = False

    def __init__(self, text: str, /, *, retry_after: float | None = None, **values: object) -> None:
        super().__init__(text)
        self.text = text
        self.values = values
        self.retry_after = retry_after

    def __str__(self) -> str:
        return self.said_in(None)

    def said_in(self, language: str | None) -> str:
        """Return the text in a language (BCP 47), None for that of the program's user."""
        return say(self.text, self.values, language)


class BadRequest(ProtocolError):
    """An object that is JSON, but no request that is understood; the link lives on."""


class BrokenStream(ProtocolError):
    """Bytes that are no JSON object: where the next one begins cannot be known."""

    fatal = True


class TooLarge(ProtocolError):
    """An object over the size limit of the link."""

    code = Code.TOO_LARGE
    fatal = True


class Unauthorized(ProtocolError):
    """The action needs a login, or the name belongs to an account."""

    code = Code.UNAUTHORIZED


class WrongPassword(ProtocolError):
    """Wrong password or no such account: which of the two is not told."""

    code = Code.WRONG_PASSWORD


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
    """The link did not log in within the time that the server gives."""

    code = Code.TIMEOUT
    fatal = True


class Conflict(ProtocolError):
    """The name is taken, or the thing exists already."""

    code = Code.CONFLICT


class OutdatedDevices(Conflict):
    """A message was sealed for devices that are no longer those of its readers.

    `changes` says what the sender has to know.
    """

    def __init__(self, text: str, changes: DevicesChanged) -> None:
        super().__init__(text)
        self.changes = changes


class Offline(ProtocolError):
    """The addressee is known but cannot be reached now."""

    code = Code.OFFLINE


class TextTooLong(ProtocolError):
    """The text of a message, not the object, is over its limit; the link lives on."""

    code = Code.TOO_LARGE


class BackupFull(TextTooLong):
    """The key backup of the account has no room: something there has to be forgotten first."""

    kind = "backup_full"


class TooMany(ProtocolError):
    """A limit in time is used up: `retry_after` says when to come again."""

    code = Code.TOO_MANY


class ServerError(ProtocolError):
    """The server could not do it; the same request may succeed later."""

    code = Code.SERVER_ERROR


class Stopping(ProtocolError):
    """The server is full or about to stop."""

    code = Code.STOPPING
    fatal = True


_BY_CODE: dict[int, type[ProtocolError]] = {
    error.code: error
    for error in (
        BadRequest, Unauthorized, WrongPassword, Forbidden, NotFound, LoginTimeout, Conflict,
        Offline, TooLarge, TooMany, ServerError, Stopping,
    )
}  # fmt: skip
_BY_KIND: dict[str | None, type[ProtocolError]] = {
    error.kind: error for error in (DeviceRemoved, BackupFull)
}


def error_for(
    code: int, text: str, retry_after: float | None = None, kind: str | None = None
) -> ProtocolError:
    """Return the exception that a reply with this code, and of this kind, stands for."""
    error = _BY_KIND.get(kind) or _BY_CODE.get(code, ProtocolError)
    return error(text, retry_after=retry_after)
