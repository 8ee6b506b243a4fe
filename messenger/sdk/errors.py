"""Errors of the client, besides those that the server answers."""

from dataclasses import dataclass
from typing import ClassVar

from messenger.jim.errors import (
    BadRequest,
    DeviceRemoved,
    NotFound,
    ProtocolError,
    TextTooLong,
    WrongPassword,
)


class ClientError(Exception):
    """An error of the client: its parameters are its attributes.

    As a string it is an English sentence, for logs and scripts; a user interface has words of its
    own for each type.
    """

    sentence: ClassVar[str]

    def __init__(self) -> None:
        """Without parameters; errors that have some are dataclasses."""

    def __str__(self) -> str:
        return self.sentence.format(**vars(self))


class StoreUnusable(ClientError):
    """The local database cannot be used; the subclasses say why, and what the user can do."""


class Cancelled(ClientError):
    """What the thread waited for was cancelled: the server may have carried it out or not."""

    sentence = "Cancelled"


# --- the connection ----------------------------------------------------------------------------


class NotOnline(ClientError):
    """The request needs a connection, and there is none; messages are queued nevertheless."""

    sentence = "Not connected"


class ConnectionLost(NotOnline):
    """The connection broke before the reply: the request may or may not have been carried out."""

    sentence = "Connection lost"


class NoReply(ConnectionLost):
    """The server has not replied in time: the request may or may not have been carried out."""

    sentence = "The server does not answer"


class Unanswered(ClientError, ProtocolError):
    """A plain server did not reply in time: the request may or may not have been carried out."""

    sentence = "The server did not confirm it"


class ServerClosed(ClientError):
    """The server has closed the connection without a reason."""

    sentence = "The server closed the connection"


@dataclass(eq=False)
class Unreachable(ClientError):
    """No connection can be made, for the operating system's `reason`.

    `no_network`: this computer has none, as far as can be told.
    """

    sentence = "The server cannot be reached: {reason}"
    reason: str
    no_network: bool = False


@dataclass(eq=False)
class NotMessenger(ClientError):
    """What the server has sent is not JIM."""

    sentence = "This is not a Messenger server: {error}"
    error: ProtocolError


@dataclass(eq=False)
class InternalError(ClientError):
    """A bug has ended the connection; the log has the exception of this name."""

    sentence = "Internal error ({name}): the log has more"
    name: str


@dataclass(eq=False)
class AnswerTooLarge(ClientError, ProtocolError):
    """An object is larger than any that a server has to send: the connection ends."""

    sentence = "The server's answer is larger than {size} bytes: tell its operator"
    size: int


@dataclass(eq=False)
class NoTls(ClientError, ProtocolError):
    """The server does not support TLS."""

    sentence = "The server does not support TLS ({reason})"
    reason: str


# --- the login ---------------------------------------------------------------------------------


class LoginEnded(WrongPassword):
    """The saved login is no longer valid: the password is needed."""


class LoginElsewhere(ClientError, LoginEnded):
    """The saved login is for another server."""

    sentence = "Your login is for another server: log in with your password"


@dataclass(eq=False)
class PasswordUnknown(ClientError, ProtocolError):
    """The server cannot prove that it has the account's verifier: it is another server."""

    sentence = "This server does not know your password ({reason}): it is another server"
    reason: str


class RemovedOffline(ClientError, DeviceRemoved):
    """Another device of the account has removed this one while it was offline."""

    sentence = "This device was removed by another one of yours"


class RolledBack(ClientError):
    """The server was restored from a backup, and has lost a message of the user."""

    sentence = "The server was restored from a backup that does not have this message"


# --- what is asked for -------------------------------------------------------------------------


class PlainJim(ClientError, BadRequest):
    """A server that speaks plain JIM only cannot do what it is asked for."""

    sentence = "This server speaks plain JIM only: it cannot do this"


@dataclass(eq=False)
class UnknownUser(ClientError, NotFound):
    """The server knows no user of this name."""

    sentence = "There is no user {name}"
    name: str


@dataclass(eq=False)
class TextOverLimit(ClientError, TextTooLong):
    """A text has more characters than the server takes."""

    sentence = "This text is {length} characters long; the server takes at most {most}"
    length: int
    most: int


@dataclass(eq=False)
class MessageOverLimit(ClientError, TextTooLong):
    """A message is larger, in bytes, than what the server takes."""

    sentence = "It is too long: {size} bytes when encoded; the server accepts {most}"
    size: int
    most: int


class NotText(ClientError, BadRequest):
    """A text cannot be encoded as UTF-8."""

    sentence = "This is not text: it has bytes that are not UTF-8"


class NoDeviceList(ClientError, ProtocolError):
    """The server has answered something else than the list of devices."""

    sentence = "The server has sent no list of devices"
