"""The arguments of the command for the log, on this machine or far away."""

import argparse

from messenger.admin.verb_group import count
from messenger.language import _


def add_log_arguments(parser: argparse.ArgumentParser) -> None:
    """Add which records are shown."""
    parser.add_argument(
        "-n", "--lines", type=count, default=50, help=_("how many of the last records (50)")
    )
    parser.add_argument(
        "--level",
        choices=("DEBUG", "INFO", "WARNING", "ERROR"),
        default="DEBUG",
        help=_("from this level up (DEBUG)"),
    )
    parser.add_argument("--text", default="", help=_("only records with this text"))
    parser.add_argument(
        "-f", "--follow", action="store_true", help=_("go on with new records, until Ctrl+C")
    )
