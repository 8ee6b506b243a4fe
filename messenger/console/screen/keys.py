"""The table of keys: what each does, for the bindings and for the help."""

from typing import NamedTuple

from textual.binding import Binding

from messenger.language import N_


class Key(NamedTuple):
    """A key, the action of the app that it calls, and what that does, untranslated."""

    key: str
    action: str
    summary: str


KEYS = (
    Key("ctrl+k", "switch", N_("go to a conversation by the start of its name")),
    Key("alt+up", "neighbour(-1)", N_("the conversation above")),
    Key("alt+down", "neighbour(1)", N_("the conversation below")),
    Key("alt+shift+down", "next_unread", N_("the next conversation with something unread")),
    Key("ctrl+f", "search(True)", N_("search in this conversation")),
    Key("ctrl+shift+f", "search(False)", N_("search everywhere")),
    Key("ctrl+n", "new_chat", N_("write to somebody")),
    Key("ctrl+g", "new_room", N_("join or make a room")),
    Key("ctrl+b", "toggle_list", N_("show or hide the list of conversations")),
    Key("f2", "members", N_("show or hide the members")),
    Key("ctrl+e", "edit", N_("write in your editor ($EDITOR)")),
    Key("ctrl+y", "copy", N_("copy the newest message")),
    Key("ctrl+o", "open_link", N_("open the newest link")),
    Key("f1", "help", N_("show the commands and keys")),
    Key("f6", "walk", N_("go to the next panel")),
    Key("pageup", "page(-1)", N_("scroll back")),
    Key("pagedown", "page(1)", N_("scroll on")),
    Key("ctrl+q", "quit", N_("leave")),
)


def bindings() -> list[Binding]:
    """Return the bindings of the table, and Alt with a digit for the first nine conversations."""
    table = [Binding(key.key, key.action, show=False, priority=True) for key in KEYS]
    digits = [
        Binding(f"alt+{digit}", f"go({digit - 1})", show=False, priority=True)
        for digit in range(1, 10)
    ]
    return table + digits
