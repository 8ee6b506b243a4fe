"""Messenger: a private messenger that people run themselves."""

import logging

__version__ = "0.1.0"

# Until a log file is chosen, nothing is printed in its stead.
logging.getLogger(__name__).addHandler(logging.NullHandler())
