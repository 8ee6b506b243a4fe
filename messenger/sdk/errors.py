"""Errors of the client, besides those that the server answers."""

from dataclasses import dataclass
from typing import ClassVar

from messenger.jim.errors import Conflict, Forbidden, NotFound, ProtocolError
from messenger.language import _


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


class NotOnline(Exception):
    """The request needs a connection, and there is none; messages are queued nevertheless."""


class ConnectionLost(NotOnline):
    """The connection broke before the reply: the request may or may not have been carried out."""


class Cancelled(Exception):
    """What the thread waited for was cancelled: the server may have carried it out or not."""


class AnswerTooLarge(ProtocolError):
    """An object is larger than any that a server has to send: the connection ends."""


class NoTls(ProtocolError):
    """The server does not support TLS."""


class NotEncryptable(Forbidden):
    """A message cannot be encrypted, and is not sent unencrypted unless the user wants that."""


class VerificationNeeded(Forbidden):
    """Nothing is sent to an account before the user has verified its security keys."""

    def __init__(self, text: str, account: str) -> None:
        super().__init__(text)
        self.account = account


class StoreUnusable(Exception):
    """The local database cannot be used; the text tells the user what to do."""


class WrongKey(StoreUnusable):
    """The local database does not open with this key, or its first page is damaged."""

    def __init__(self, file: object) -> None:
        super().__init__(
            _(
                "The local database {file} does not open: the passphrase or key is wrong, or it is "
                "damaged. Try again, or move the file away to begin anew",
                file=file,
            )
        )


# --- verification ------------------------------------------------------------------------------


@dataclass(eq=False)
class NoKeys(ClientError, NotFound):
    """The account has no device that can encrypt, so no identity."""

    sentence = "{account} has no encryption-capable device yet"
    account: str


@dataclass(eq=False)
class VerificationRunning(ClientError, Conflict):
    """A verification with the account has begun already, and has to end first."""

    sentence = "A verification with {account} is running already"
    account: str


@dataclass(eq=False)
class NoVerification(ClientError, NotFound):
    """There is no verification with the account to cancel."""

    sentence = "There is no verification with {account}"
    account: str


@dataclass(eq=False)
class NothingToCompare(ClientError, NotFound):
    """No emoji of a verification with the account are shown."""

    sentence = "There is nothing to compare with {account}"
    account: str
