"""What may go wrong at the client beyond what the server refuses."""

from messenger.jim.errors import Forbidden, ProtocolError
from messenger.language import _


class NotOnline(Exception):
    """The request needs the server, which is away; messages are written all the same."""


class ConnectionLost(NotOnline):
    """The link broke before the answer came: it is not known whether the request was heard."""


class AnswerTooLarge(ProtocolError):
    """An object of the server is larger than any that one has to send: the link ends."""


class NoTls(ProtocolError):
    """The server does not encrypt the link."""


class NotEncryptable(Forbidden):
    """A message cannot be encrypted, and is not sent in plain unless its user wants that."""


class VerificationNeeded(Forbidden):
    """Nothing is sent to an account before its user has compared its security keys."""

    def __init__(self, text: str, account: str) -> None:
        super().__init__(text)
        self.account = account


class StoreUnusable(Exception):
    """The local database cannot be used; the text tells the user what to do."""


class WrongKey(StoreUnusable):
    """The local database does not open with this key, or is damaged at its very beginning."""

    def __init__(self, file: object) -> None:
        super().__init__(
            _(
                "The local database {file} does not open: the passphrase or key is wrong, or it is "
                "damaged. Try again, or move the file away to begin anew",
                file=file,
            )
        )
