"""What happens is written to log files: each side's logger, and `@log` for calls."""

from messenger.log.decorator import log

__all__ = ["log"]
