"""Completions of what is being typed: commands and their arguments, names after @, emoji."""

import re
from collections.abc import Callable, Iterable, Sequence
from enum import Enum, auto
from typing import NamedTuple

from messenger.jim.names import MAX_NAME, is_room, same_key
from messenger.language import _
from messenger.output import visible
from messenger.ui.commands.arguments import quoted
from messenger.ui.commands.table import COMMANDS
from messenger.ui.settings import choices
from messenger.ui.where import Where

_MAX_CANDIDATES = 50

_PARTS = re.compile(r'(?:\[[^\]]*\]|"[^"]*"|\S)+')
_LITERAL = re.compile(r"[a-z0-9]+")
_EMOJI = re.compile(r"(?<![\w:/]):([+-]1?|[^\W\d_]\w+)$")


class Kind(Enum):
    """What a candidate is."""

    COMMAND = auto()
    OPTION = auto()
    NAME = auto()
    EMOJI = auto()


class Candidate(NamedTuple):
    """A possible completion: the `text` to insert, how it is shown, and a note about it."""

    kind: Kind
    text: str
    label: str
    note: str = ""


class Completion(NamedTuple):
    """The candidates for what stands between `start` and the cursor.

    `is_begun`: something of it has been typed, but not all, so that the first one is likely to be
    meant. `usage` is that of the command whose arguments are being typed.
    """

    start: int
    candidates: list[Candidate]
    is_begun: bool = False
    usage: str = ""


FindEmoji = Callable[[str], Iterable[Candidate]]


def complete(
    before: str, names: Sequence[str], emoji: FindEmoji | None = None, where: Where = Where.WINDOW
) -> Completion:
    """Return completions of the text before the cursor.

    `names` are those of people and rooms, likely ones first. `emoji` finds those for a part of a
    name. `where` says which settings there are.
    """
    usage = ""
    if before.startswith("/") and not before.startswith("//"):
        found = _command(before) if " " not in before else _arguments(before, names, where)
        if found.candidates:
            return found
        usage = found.usage
    found = _mention(before, names)
    if not found.candidates and emoji is not None:
        found = _emoji(before, emoji)
    return found._replace(usage=usage)


def complete_word(before: str, names: Sequence[str]) -> Completion:
    """Return completions, also of a word without a mark: for the key of a terminal."""
    found = complete(before, names, where=Where.TERMINAL)
    if found.candidates:
        return found
    start = before.rfind(" ") + 1
    word = before[start:].removeprefix('"')
    if not word:
        return found
    return _completion(start, word, [_name(name) for name in _beginning(names, word)])


def _completion(start: int, typed: str, candidates: list[Candidate], usage: str = "") -> Completion:
    whole = {candidate.text.strip().casefold() for candidate in candidates}
    is_begun = bool(typed) and typed.casefold() not in whole
    return Completion(start, candidates[:_MAX_CANDIDATES], is_begun, usage)


# --- commands ------------------------------------------------------------------------------------


def _command(before: str) -> Completion:
    typed = before[1:].casefold()
    return _completion(
        0,
        before,
        [
            Candidate(Kind.COMMAND, f"/{name} ", f"/{name}", _(entry.summary))
            for name, entry in COMMANDS.items()
            if name.startswith(typed)
        ],
    )


def _arguments(before: str, names: Sequence[str], where: Where) -> Completion:
    """Return completions of a command's argument: names, or words that it knows."""
    name, _space, rest = before[1:].partition(" ")
    entry = COMMANDS.get(name.casefold())
    if entry is None:
        return Completion(len(before), [])
    written = _written(rest, names)
    start = len(before) - len(rest) + sum(map(len, written))
    typed = before[start:]
    candidates = _settings(written, typed, where) if name == "set" else []
    for part in () if name == "set" else _expected(entry.arguments, written):
        candidates += _of_part(part, typed, names)
    return _completion(start, typed, candidates, entry.usage)


def _expected(arguments: str, written: Sequence[str]) -> list[str]:
    """Return the parts of a usage that can follow the written arguments."""
    parts = _PARTS.findall(arguments)
    for argument in written:
        # An optional room is left out if the first argument is none.
        if len(parts) > 1 and parts[0] == "[#ROOM]" and not is_room(argument):
            del parts[0]
        del parts[:1]
    return parts[: 2 if parts and parts[0] == "[#ROOM]" else 1]


def _of_part(part: str, typed: str, names: Sequence[str]) -> list[Candidate]:
    alternatives = part.strip("[]").split("|")
    word = typed.removeprefix('"')
    found = [
        Candidate(Kind.OPTION, f"{one} ", one)
        for one in alternatives
        if _LITERAL.fullmatch(one) and one.startswith(typed.casefold())
    ]
    if "NAME" in alternatives:
        people = [name for name in names if not is_room(name)]
        found += [_name(name) for name in _beginning(people, word)]
    if any(one.startswith("#ROOM") for one in alternatives):
        rooms = [name for name in names if is_room(name)]
        hashed = word if word.startswith("#") or not word else f"#{word}"
        found += [_name(name) for name in _beginning(rooms, hashed)]
    return found


def _written(rest: str, names: Sequence[str]) -> list[str]:
    """Return the arguments that are finished, each with the space behind it."""
    found: list[str] = []
    left = rest
    while (end := _end(left, names)) > 0:
        found.append(left[:end])
        left = left[end:]
    return found


def _end(text: str, names: Sequence[str]) -> int:
    """Return where the first argument of a text ends; 0 if it may go on."""
    if text.startswith('"'):
        return text.find('" ', 1) + 2 if '" ' in text[1:] else 0
    # `Ann ` may become `Ann Lee`.
    if any(len(name) > len(text) for name in _beginning(names, text)):
        return 0
    known = [len(name) + 1 for name in names if text.startswith(f"{name} ")]
    return max(known, default=text.find(" ") + 1)


def _settings(written: Sequence[str], typed: str, where: Where) -> list[Candidate]:
    offered = choices(where)
    if not written:
        found = [(choice.name, _(choice.title)) for choice in offered.values()]
    else:
        choice = offered.get(written[0].strip())
        found = [(value, "") for value in choice.values] if choice and not written[1:] else []
    return [
        Candidate(Kind.OPTION, f"{word} ", word, note)
        for word, note in found
        if word.startswith(typed.casefold())
    ]


# --- names and emoji -----------------------------------------------------------------------------


def _mention(before: str, names: Sequence[str]) -> Completion:
    at = before.rfind("@")
    typed = before[at + 1 :]
    # `ann@example.org` is an address.
    is_address = at > 0 and (before[at - 1].isalnum() or before[at - 1] == "_")
    if at < 0 or is_address or len(typed) > MAX_NAME or "\n" in typed:
        return Completion(len(before), [])
    people = [name for name in names if not is_room(name)]
    found = _beginning(people, typed)
    if typed and " " not in typed:
        found += [name for name in _with_a_word(people, typed) if name not in found]
    candidates = [_name(name)._replace(text=f"@{name} ") for name in found]
    return _completion(at, f"@{typed}" if typed else "", candidates)


def _emoji(before: str, find: FindEmoji) -> Completion:
    typed = _EMOJI.search(before)
    if typed is None:
        return Completion(len(before), [])
    return _completion(typed.start(), typed[1], list(find(typed[1])))


def _name(name: str) -> Candidate:
    return Candidate(Kind.NAME, f"{quoted(name)} ", visible(name))


def _beginning(names: Iterable[str], typed: str) -> list[str]:
    key = same_key(typed)
    return [name for name in dict.fromkeys(names) if same_key(name).startswith(key)]


def _with_a_word(names: Iterable[str], typed: str) -> list[str]:
    key = same_key(typed)
    return [
        name for name in names if any(word.startswith(key) for word in same_key(name).split()[1:])
    ]
