"""Isolates data from peers: an error in one element affects no other."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import OperationalError

from messenger.crypto.signed import SignatureError
from messenger.sdk.errors import StoreUnusable

_logger = logging.getLogger("messenger.client")


@contextmanager
def costs_only_itself(what: str) -> Iterator[None]:
    """Log any exception of the block and continue after it; `what` names the element.

    A peer chooses the bytes, so an exception that they cause must not end a thread, roll back what
    arrived with them, or recur at the next start. Only errors of an unusable database are raised.
    """
    try:
        yield
    except (StoreUnusable, OperationalError):
        raise
    except SignatureError as error:
        _logger.warning("%s is ignored: %s", what, error)
    except Exception:
        _logger.warning("%s is ignored", what, exc_info=True)
