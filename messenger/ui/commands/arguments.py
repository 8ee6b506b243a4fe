"""What is written behind a command: names, which may have spaces, and what follows them."""

from messenger.jim.names import EVERYONE, is_room
from messenger.language import _
from messenger.ui.conversation import ConversationController


class Usage(Exception):
    """A command cannot be run as it is written; the text says why, or else how it is written."""


def quoted(name: str) -> str:
    """Return a name as it is written in a command."""
    return f'"{name}"' if " " in name else name


def one(rest: str) -> str:
    """Return the only argument, without the quotation marks around it; raises Usage."""
    if len(rest) > 1 and rest[0] == rest[-1] == '"':
        rest = rest[1:-1]
    if not rest.strip():
        raise Usage
    return rest.strip()


def room(controller: ConversationController, rest: str) -> str:
    """Return the room that is named, with or without its #, or the one that is open.

    Raises Usage where neither is a room.
    """
    name = one(rest) if rest else controller.current
    if rest and not is_room(name):
        name = f"#{name}"
    if not is_room(name):
        raise Usage(_("This is for rooms: open one with /join #ROOM first."))
    return EVERYONE if name == "#" else name


def room_and_name(controller: ConversationController, rest: str) -> tuple[str, str]:
    """Return the room that is named first, or the one that is open, and a person's name."""
    first, _space, name = one(rest).partition(" ")
    if is_room(first):
        return room(controller, first), one(name.strip())
    return room(controller, ""), one(rest)


def name_and_text(controller: ConversationController, rest: str) -> tuple[str, str]:
    """Return who is named first, and the text that follows.

    A name with spaces stands in quotation marks, or is one that is known here.
    """
    if rest.startswith('"') and '"' in rest[1:]:
        name, _quote, text = rest[1:].partition('"')
        return name, text.strip()
    for name in sorted(controller.known_names(), key=len, reverse=True):
        if rest == name or rest.startswith(f"{name} "):
            return name, rest[len(name) :].strip()
    name, _space, text = rest.partition(" ")
    return name, text.strip()


def is_known(controller: ConversationController, name: str) -> bool:
    """Tell whether there is a conversation or a contact of this name here."""
    return name in controller.known_names()
