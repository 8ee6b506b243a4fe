"""Reply codes: those of JIM, and added ones with the meaning that they have in HTTP."""

from enum import IntEnum


class Code(IntEnum):
    """The values of `response`; 1xx and 2xx come with an `alert`, the others with an `error`."""

    NOTICE = 100
    IMPORTANT = 101
    OK = 200
    CREATED = 201
    ACCEPTED = 202
    BAD_REQUEST = 400
    UNAUTHORIZED = 401
    WRONG_PASSWORD = 402  # JIM's meaning, not that of HTTP
    FORBIDDEN = 403
    NOT_FOUND = 404
    TIMEOUT = 408
    CONFLICT = 409
    OFFLINE = 410  # JIM's meaning, too
    TOO_LARGE = 413
    TOO_MANY = 429
    SERVER_ERROR = 500
    STOPPING = 503


def is_success(code: int) -> bool:
    """Tell whether a reply with this code carries `alert` rather than `error`."""
    return code < Code.BAD_REQUEST
