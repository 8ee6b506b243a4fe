"""Log files: a logger for each side, and `@log` for calls of functions."""

from messenger.log.decorator import log

__all__ = ["log"]
