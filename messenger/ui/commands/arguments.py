"""Parses the arguments of commands: names, which may contain spaces, and texts."""

from messenger.jim.names import EVERYONE, is_room
from messenger.language import _
from messenger.ui.conversation import ConversationController


class Usage(Exception):
    """A command has wrong arguments; the text says why, or is empty: show how it is written."""


def quoted(name: str) -> str:
    """Return a name as it is written in a command: quoted if it contains a space."""
    return f'"{name}"' if " " in name else name


def one(rest: str) -> str:
    """Return the only argument, without the quotation marks around it; raises Usage."""
    if len(rest) > 1 and rest[0] == rest[-1] == '"':
        rest = rest[1:-1]
    if not rest.strip():
        raise Usage
    return rest.strip()


def room(controller: ConversationController, rest: str) -> str:
    """Return the named room, with or without its #, or else the open one.

    Raises Usage if that is no room.
    """
    name = one(rest) if rest else controller.current
    if rest and not is_room(name):
        name = f"#{name}"
    if not is_room(name):
        raise Usage(_("This is for rooms: open one with /join #ROOM first."))
    return EVERYONE if name == "#" else name


def room_and_name(controller: ConversationController, rest: str) -> tuple[str, str]:
    """Return the room that is named first, or else the open one, and a person's name."""
    first, _space, name = one(rest).partition(" ")
    if is_room(first):
        return room(controller, first), one(name.strip())
    return room(controller, ""), one(rest)


def name_and_text(controller: ConversationController, rest: str) -> tuple[str, str]:
    """Return the name at the beginning, and the text that follows.

    A name with spaces is quoted, or is that of a stored conversation or contact.
    """
    if rest.startswith('"') and '"' in rest[1:]:
        name, _quote, text = rest[1:].partition('"')
        return name, text.strip()
    # The longest first, or `Ann Lee` could not be addressed beside `Ann`.
    for name in sorted(controller.known_names(), key=len, reverse=True):
        if rest == name or rest.startswith(f"{name} "):
            return name, rest[len(name) :].strip()
    name, _space, text = rest.partition(" ")
    return name, text.strip()


def is_known(controller: ConversationController, name: str) -> bool:
    """Return whether a conversation or a contact of this name is stored."""
    return name in controller.known_names()
