"""Names in Matrix's formats: users, rooms and direct chats, as `@user:jim` and `!room:jim`."""

from functools import lru_cache

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789._-")
_DOMAIN = "jim"


def user_id(account: str) -> str:
    """Return the user id of an account."""
    return f"@{_escaped(account)}:{_DOMAIN}"


def room_id(conversation: str, me: str, unique: str = "") -> str:
    """Return the id of a room or a direct chat, the same for both of its people.

    `conversation` is the room, or the other person as `me` calls the chat. A room has a `unique`
    part as well: another room of the same name has another id.
    """
    # No name has a `+` once it is escaped, so no two conversations have the same id.
    if conversation.startswith("#"):
        return f"!{_escaped(conversation)}{unique and f'+{unique}'}:{_DOMAIN}"
    first, second = sorted((_escaped(conversation), _escaped(me)))
    return f"!{first}+{second}:{_DOMAIN}"


# A login alone asks for the same few names a hundred times; a server's members may have many.
@lru_cache(maxsize=4096)
def _escaped(name: str) -> str:
    """Return the name in the characters that Matrix allows, others as the =hh of their UTF-8."""
    # Matrix suggests this mapping from other character sets (appendices, user identifiers).
    return "".join(
        character if character in _PLAIN else "".join(f"={byte:02x}" for byte in character.encode())
        for character in name
    )
