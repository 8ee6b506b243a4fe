"""The words for an unexpected error: where its details are."""

import logging
import traceback

from messenger.language import _

_logger = logging.getLogger("messenger.client")


def internal_error(error: BaseException) -> str:
    """Log an unexpected error with its traceback; return the text for the user."""
    _logger.error("Internal error", exc_info=error)
    file = next(
        (found.baseFilename for found in _logger.handlers if hasattr(found, "baseFilename")), None
    )
    kind = type(error).__name__
    if file is not None:
        return _("Internal error ({kind}); details are in {file}", kind=kind, file=file)
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return _("Internal error ({kind}: {error}) at {where}", kind=kind, error=error, where=where)
