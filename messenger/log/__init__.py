"""What happens is written to log files: each side's logger, and `@log` for calls."""

import logging

from messenger.log.decorator import log

# Until a log file is chosen, nothing is printed in its stead.
logging.getLogger("messenger").addHandler(logging.NullHandler())

__all__ = ["log"]
