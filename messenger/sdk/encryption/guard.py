"""One guard for each thing that a peer has made: whatever is wrong with it costs only itself."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import OperationalError

from messenger.crypto.signed import SignatureError
from messenger.sdk.errors import StoreUnusable

_logger = logging.getLogger("messenger.client")


@contextmanager
def costs_only_itself(what: str) -> Iterator[None]:
    """Log whatever goes wrong in the block, and go on behind it; `what` names the element.

    A peer chooses the bytes, so no exception that they lead to may end a thread, roll back what
    came with them, or come again at the next start. Only a database that cannot be used goes on.
    """
    try:
        yield
    except (StoreUnusable, OperationalError):
        raise
    except SignatureError as error:
        _logger.warning("%s is ignored: %s", what, error)
    except Exception:
        _logger.warning("%s is ignored", what, exc_info=True)
