"""The table of keys: what each does, for the bindings and for the help."""

from typing import NamedTuple

from textual.binding import Binding

from messenger.language import N_, _


class Key(NamedTuple):
    """A key, the action of the app that it calls, and what that does, untranslated.

    `others` do the same, in terminals that can tell them apart.
    """

    key: str
    action: str
    summary: str
    others: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The key as people write it, and what does the same where the terminal can tell it."""
        return ", ".join(map(_label, (self.key, *self.others)))


KEYS = (
    Key("ctrl+k", "switch", N_("go to a conversation by a part of its name")),
    Key("alt+up", "neighbour(-1)", N_("the conversation above"), ("ctrl+shift+tab",)),
    Key("alt+down", "neighbour(1)", N_("the conversation below"), ("ctrl+tab",)),
    Key("alt+shift+down", "next_unread", N_("the next conversation with something unread")),
    Key("ctrl+f", "search(True)", N_("search in this conversation")),
    Key("ctrl+shift+f", "search(False)", N_("search everywhere"), ("f3",)),
    Key("ctrl+n", "new_chat", N_("write to somebody")),
    Key("ctrl+g", "new_room", N_("join or make a room")),
    Key("ctrl+b", "toggle_list", N_("show or hide the list of conversations")),
    Key("f2", "members", N_("show or hide the members")),
    Key("alt+e", "edit", N_("write in your editor ($EDITOR)")),
    Key("alt+c", "copy", N_("copy the newest message")),
    Key("ctrl+o", "open_link", N_("open the newest link")),
    Key("f1", "help", N_("show the commands and keys")),
    Key("f4", "settings", N_("settings"), ("ctrl+comma",)),
    Key("f6", "walk", N_("go to the next panel")),
    Key("pageup", "page(-1)", N_("scroll back")),
    Key("pagedown", "page(1)", N_("scroll on")),
    Key("ctrl+q", "quit", N_("leave")),
)


ACTIONS = {key.action.partition("(")[0] for key in KEYS} | {"go"}
"""The actions of the keys, without what stands in parentheses."""


def bindings() -> list[Binding]:
    """Return the bindings of the table, and Alt with a digit for the first nine conversations."""
    table = [
        Binding(",".join((key.key, *key.others)), key.action, show=False, priority=True)
        for key in KEYS
    ]
    digits = [
        Binding(f"alt+{digit}", f"go({digit - 1})", show=False, priority=True)
        for digit in range(1, 10)
    ]
    return table + digits


def _label(key: str) -> str:
    return "+".join(_NAMES.get(part, part.capitalize()) for part in key.split("+"))


_NAMES = {"pageup": "PgUp", "pagedown": "PgDn", "comma": ","}

LOCAL_KEYS = (
    ("Enter", N_("send")),
    ("Alt+Enter, Ctrl+J", N_("begin a new line")),
    ("Tab", N_("complete a command, a name or a room")),
    ("↑, ↓", N_("what you wrote before")),
    ("Ctrl+A, Ctrl+E", N_("the beginning and the end of the line")),
    ("Ctrl+U, Alt+K, Ctrl+W", N_("delete to the beginning, to the end, a word")),
    ("Ctrl+Y, Ctrl+Z", N_("put back what was deleted; undo")),
    ("Alt+1..9", N_("a conversation by its place in the list")),
    ("Esc", N_("close a dialog or what a command has shown; go back to writing")),
)
"""Keys of the line to write in and of dialogs: they stand where they are handled."""


def key_lines() -> list[tuple[str, str]]:
    """Return all keys and what they do, for the help and the documentation."""
    local = [(key, _(summary)) for key, summary in LOCAL_KEYS]
    return [(key.label, _(key.summary)) for key in KEYS] + local
