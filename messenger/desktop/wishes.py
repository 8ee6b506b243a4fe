"""What a user wants of the program for which the window, and its client, have to close."""

from enum import Enum, auto
from pathlib import Path
from typing import NamedTuple


class Ending(Enum):
    """What is wanted without further words."""

    LOGGED_OUT = auto()
    """To go on with another account: the saved login is deleted already."""
    LOGGED_OUT_OFFLINE = auto()
    """The same, but the server does not know of it."""
    DELETE = auto()
    """To delete the local data of the account, which is logged out already."""
    RESTART = auto()
    """To open the same account again, in another language for example."""


class Restore(NamedTuple):
    """To replace the local data by those of a backup."""

    file: Path
    passphrase: str


class Register(NamedTuple):
    """To make an account of the name that the user has as a guest."""

    password: str
    invite: str | None = None


Wish = Ending | Restore | Register
