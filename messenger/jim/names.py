"""What an account, a room or a status may be called."""

import unicodedata

from messenger.jim.errors import BadRequest
from messenger.language import Phrase

MAX_NAME = 25
MAX_ROOM = 50
MAX_LINE = 250
EVERYONE = "#all"

_FORBIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def is_room(name: str) -> bool:
    """Tell whether the name addresses a room (the common chat is one) and not a person."""
    return name.startswith("#")


def check_account(name: str) -> None:
    """Raise BadRequest unless the name is acceptable for an account."""
    if is_room(name):
        raise BadRequest("An account name does not begin with #")
    _check(Phrase("An account name"), name, MAX_NAME)


def check_room(name: str) -> None:
    """Raise BadRequest unless the name is acceptable for a room."""
    if not is_room(name) or len(name) < 2:
        raise BadRequest("A room's name begins with # and has at least one more character")
    if any(character.isspace() for character in name):
        raise BadRequest("A room's name has no spaces")
    _check(Phrase("A room's name"), name, MAX_ROOM)


def check_line(what: Phrase, text: str) -> None:
    """Raise BadRequest unless the text fits a status or topic line."""
    if len(text) > MAX_LINE:
        raise BadRequest("{what} has at most {longest} characters", what=what, longest=MAX_LINE)
    if any(unicodedata.category(character) in {"Cc", "Zl", "Zp"} for character in text):
        raise BadRequest("{what} is one line without control characters", what=what)


def same_key(name: str) -> str:
    """Return what two names share that a reader would take for the same."""
    return unicodedata.normalize("NFKC", name).casefold()


def _check(what: Phrase, name: str, longest: int) -> None:
    if not name or name != name.strip():
        raise BadRequest("{what} is not empty and has no space around it", what=what)
    if len(name) > longest:
        raise BadRequest("{what} has at most {longest} characters", what=what, longest=longest)
    if any(unicodedata.category(character) in _FORBIDDEN_CATEGORIES for character in name):
        raise BadRequest("{what} has no control or invisible characters", what=what)
