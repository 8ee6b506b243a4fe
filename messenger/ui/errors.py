"""Words for errors, by their type: in the user's language."""

from messenger.jim.errors import ProtocolError
from messenger.language import N_, _
from messenger.sdk.errors import (
    ClientError,
    NoKeys,
    NothingToCompare,
    NoVerification,
    VerificationRunning,
)

_SENTENCES: dict[type[ClientError], str] = {
    NoKeys: N_("{account} has no encryption-capable device yet"),
    NothingToCompare: N_("There is nothing to compare with {account}"),
    NoVerification: N_("There is no verification with {account}"),
    VerificationRunning: N_("You are comparing emoji with {account} already"),
}


def explain(error: BaseException) -> str:
    """Return an error as a sentence, without a full stop."""
    if isinstance(error, ClientError):
        return _(_SENTENCES[type(error)], **vars(error))
    if isinstance(error, ProtocolError):
        return error.said_in(None)
    return str(error)
