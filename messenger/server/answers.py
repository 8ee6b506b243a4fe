"""Refusals and alerts, in the language of their session."""

import logging

from sqlalchemy.exc import DataError

from messenger.jim.codec import refusal
from messenger.jim.errors import BadRequest, ProtocolError, ServerError
from messenger.jim.fields import RequestId
from messenger.language import N_, say
from messenger.server.records import Session
from messenger.server.replies import encode_reply

_logger = logging.getLogger("messenger.server")

UNSTORABLE = N_("The server's database does not accept what this request contains")


def refuse(session: Session, error: Exception, request_id: RequestId | None = None) -> None:
    """Answer with the exception's code; a fatal one closes the connection.

    No other place maps exceptions to codes. An unexpected exception is logged with its traceback.
    """
    # Not a ServerError: a client would send the same again and again.
    if isinstance(error, DataError):
        _logger.warning("A request was refused by the database: %s", error)
        error = BadRequest(UNSTORABLE)
    elif not isinstance(error, ProtocolError):
        _logger.error("Handling a request failed", exc_info=error)
        error = ServerError("Internal error: try again later")
    session.connection.send(encode_reply(refusal(error, session.language), request_id))
    if error.fatal:
        session.connection.close()


def localized(session: Session, text: str, /, **values: object) -> str:
    """Return the text of an `alert` in the session's language, its `{names}` filled in."""
    return say(text, values, session.language)
