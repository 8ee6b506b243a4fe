"""Reply codes of JIM, those of the reference and those added where HTTP has the same meaning."""

from enum import IntEnum


class Code(IntEnum):
    """What `response` says; 1xx and 2xx explain themselves in `alert`, the others in `error`."""

    NOTICE = 100
    IMPORTANT = 101
    OK = 200
    CREATED = 201
    ACCEPTED = 202
    BAD_REQUEST = 400
    UNAUTHORIZED = 401
    WRONG_PASSWORD = 402
    FORBIDDEN = 403
    NOT_FOUND = 404
    TIMEOUT = 408
    CONFLICT = 409
    OFFLINE = 410
    TOO_LARGE = 413
    TOO_MANY = 429
    SERVER_ERROR = 500
    STOPPING = 503


def is_success(code: int) -> bool:
    """Tell whether a reply with this code carries `alert` rather than `error`."""
    return code < Code.BAD_REQUEST
