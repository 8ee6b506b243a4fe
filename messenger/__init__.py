"""Messenger: a private messenger that people run themselves."""

import logging

__version__ = "0.1.0"

# Otherwise logging would print warnings on standard error until a log file is configured.
logging.getLogger(__name__).addHandler(logging.NullHandler())
