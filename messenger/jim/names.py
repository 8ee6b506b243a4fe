"""Rules for the names of accounts and rooms, and for lines such as a status."""

import re
import unicodedata
from functools import cache

from messenger.jim.errors import BadRequest
from messenger.jim.lookalikes import is_invisible, looks
from messenger.language import N_, Phrase

MAX_NAME = 25  # JIM's limit
MAX_ROOM = 50
MAX_LINE = 250
EVERYONE = "#all"
"""The common chat, of which everybody is a member."""

RESERVED = frozenset(
    {"you", "me", "вы", "ты", "я", "messenger", "server", "сервер", "system", "система"}
    | {"operator", "оператор", "all", "everyone", "все"}
)
"""What programs call their user, themselves, who runs them and everybody: refused for accounts and
guests."""

_ACCOUNT = Phrase("An account name")
_ROOM = Phrase("A room name")
_TOO_LONG = N_("{what} can have at most {longest} characters")
_INVISIBLE = N_("{what} cannot contain control or invisible characters")
# Cn: what is unassigned may become anything, also invisible, in a later version of Unicode.
_FORBIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_WORD = re.compile(r"[^\W\d_]+")
_WRITTEN_TOGETHER = (
    {"LATIN", "CJK", "HIRAGANA", "KATAKANA"},
    {"LATIN", "CJK", "BOPOMOFO"},
    {"LATIN", "CJK", "HANGUL"},
)
"""Scripts that may be mixed in one name (UTS #39, "highly restrictive")."""
# These names are of letters that several scripts share, such as modifiers and iteration marks.
_OF_ANY_SCRIPT = frozenset({"MODIFIER", "KATAKANA-HIRAGANA", "IDEOGRAPHIC", "VERTICAL", "SCRIPT"})


def is_room(name: str) -> bool:
    """Tell whether the name addresses a room (the common chat is one) and not a person."""
    return name.startswith("#")


def room_name(name: str) -> str:
    """Return the canonical name of a room: `#` is the common chat, too."""
    return EVERYONE if name == "#" else name


def check_account(name: str) -> None:
    """Raise BadRequest unless an existing account can have the name: the rules for a login."""
    if is_room(name):
        raise BadRequest("An account name cannot begin with #")
    _check(_ACCOUNT, name, MAX_NAME)


# The rules for new names may become stricter; old names must still be able to log in.
def check_new_account(name: str) -> None:
    """Raise BadRequest unless a new account or guest may have the name."""
    check_account(name)
    _check_visible(_ACCOUNT, name)
    # The server's database has 50 characters for this key.
    if len(same_key(name)) > 2 * MAX_NAME:  # NFKC makes 18 characters of U+FDFA, for example
        raise BadRequest(_TOO_LONG, what=_ACCOUNT, longest=MAX_NAME)
    _check_scripts(_ACCOUNT, name, name)
    if looks(name) & _reserved():
        raise BadRequest("The name {name} is reserved: choose another one", name=name)


def check_room(name: str) -> None:
    """Raise BadRequest unless an existing room can have the name."""
    if not is_room(name) or len(name) < 2:
        raise BadRequest("A room name must begin with # and have at least one more character")
    if any(character.isspace() for character in name):
        raise BadRequest("A room name cannot contain spaces")
    _check(_ROOM, name, MAX_ROOM)


def check_new_room(name: str) -> None:
    """Raise BadRequest unless a new room may have the name."""
    check_room(name)
    _check_visible(_ROOM, name[1:])
    # One word may be Russian and the next one English: #dev-чат
    for word in _WORD.findall(name):
        _check_scripts(_ROOM, name, word)


def check_line(what: Phrase, text: str) -> None:
    """Raise BadRequest unless the text can be a status or a topic."""
    if len(text) > MAX_LINE:
        raise BadRequest(_TOO_LONG, what=what, longest=MAX_LINE)
    # Cf is allowed: the zero-width joiner (U+200D) makes one emoji of several.
    if any(unicodedata.category(character) in {"Cc", "Zl", "Zp"} for character in text):
        raise BadRequest("{what} must be one line without control characters", what=what)


def same_key(name: str) -> str:
    """Return the key that names share if they differ only by case or compatibility forms."""
    return unicodedata.normalize("NFKC", name).casefold()


def _check(what: Phrase, name: str, longest: int) -> None:
    # With a space at an end it would look like another name.
    if not name or name != name.strip():
        raise BadRequest("{what} cannot be empty, or begin or end with a space", what=what)
    if len(name) > longest:
        raise BadRequest(_TOO_LONG, what=what, longest=longest)
    if any(unicodedata.category(character) in _FORBIDDEN_CATEGORIES for character in name):
        raise BadRequest(_INVISIBLE, what=what)


def _check_visible(what: Phrase, name: str) -> None:
    if any(is_invisible(character) for character in name):
        raise BadRequest(_INVISIBLE, what=what)
    # It would be drawn over the character that a program puts before the name.
    if unicodedata.category(name[0])[0] == "M":
        raise BadRequest("{what} cannot begin with a combining character", what=what)


def _check_scripts(what: Phrase, name: str, part: str) -> None:
    scripts = _scripts(part)
    if len(scripts) > 1 and not any(scripts <= together for together in _WRITTEN_TOGETHER):
        raise BadRequest(
            "{what} must use one alphabet: {name} mixes letters that look alike",
            what=what,
            name=name,
        )


def _scripts(text: str) -> set[str]:
    """Return the scripts of the letters: the Unicode names of letters begin with them."""
    # `unicodedata` has no property for scripts.
    letters = (one for one in unicodedata.normalize("NFKC", text) if one.isalpha())
    names = (unicodedata.name(one, "").partition(" ")[0] for one in letters)
    return {name for name in names if name} - _OF_ANY_SCRIPT


@cache
def _reserved() -> frozenset[str]:
    return frozenset(look for name in RESERVED for look in looks(name))
