"""The table of keyboard shortcuts, for any toolkit."""

from typing import NamedTuple

from messenger.language import N_
from messenger.ui.where import Where

PLACES = 9
"""Conversations that have a key of their own, by their place in the list."""


class Shortcut(NamedTuple):
    """An action, its keys, and its description, untranslated.

    The first key is the main one; the others are for terminals that cannot send it, or for habits
    from other programs. Keys are written as `Ctrl+Shift+F`, `Alt+Up`, `PgUp`, `Ctrl+,`. `shown` is
    how many keys are written together.
    """

    action: str
    keys: tuple[str, ...]
    summary: str
    where: Where = Where.EVERYWHERE
    shown: str = ""

    @property
    def label(self) -> str:
        """The keys as people write them."""
        return self.shown or ", ".join(self.keys)


SHORTCUTS = (
    Shortcut("switch", ("Ctrl+K",), N_("go to a conversation by a part of its name")),
    Shortcut("conversation_above", ("Alt+Up", "Ctrl+Shift+Tab"), N_("the conversation above")),
    Shortcut("conversation_below", ("Alt+Down", "Ctrl+Tab"), N_("the conversation below")),
    Shortcut("next_unread", ("Alt+Shift+Down",), N_("the next unread conversation")),
    Shortcut(
        "place",
        tuple(f"Alt+{place}" for place in range(1, PLACES + 1)),
        N_("a conversation by its place in the list"),
        shown=f"Alt+1..{PLACES}",
    ),
    Shortcut("search_here", ("Ctrl+F",), N_("search in this conversation")),
    Shortcut("search_everywhere", ("Ctrl+Shift+F", "F3"), N_("search everywhere")),
    Shortcut("new_chat", ("Ctrl+N",), N_("write to somebody")),
    Shortcut("new_room", ("Ctrl+G",), N_("join or make a room")),
    Shortcut("toggle_list", ("Ctrl+B",), N_("show or hide the list of conversations")),
    Shortcut("members", ("F2",), N_("show or hide the members")),
    Shortcut("information", ("Ctrl+I",), N_("show or hide the information"), Where.WINDOW),
    Shortcut("mute", ("Ctrl+Shift+M",), N_("mute or unmute this conversation"), Where.WINDOW),
    Shortcut("emoji", ("Ctrl+Shift+E",), N_("choose an emoji"), Where.WINDOW),
    Shortcut("edit", ("Alt+E",), N_("write in your editor ($EDITOR)"), Where.TERMINAL),
    Shortcut("copy", ("Alt+C",), N_("copy the newest message"), Where.TERMINAL),
    Shortcut("open_link", ("Ctrl+O",), N_("open the newest link"), Where.TERMINAL),
    Shortcut("help", ("F1",), N_("show the commands and keys")),
    Shortcut("settings", ("F4", "Ctrl+,"), N_("settings")),
    Shortcut("next_panel", ("F6",), N_("go to the next panel")),
    Shortcut("previous_panel", ("Shift+F6",), N_("go to the previous panel"), Where.WINDOW),
    Shortcut("scroll_back", ("PgUp",), N_("scroll back"), Where.TERMINAL),
    Shortcut("scroll_on", ("PgDn",), N_("scroll on"), Where.TERMINAL),
    Shortcut("larger", ("Ctrl++", "Ctrl+="), N_("larger text"), Where.WINDOW),
    Shortcut("smaller", ("Ctrl+-",), N_("smaller text"), Where.WINDOW),
    Shortcut("usual_size", ("Ctrl+0",), N_("text of the usual size"), Where.WINDOW),
    Shortcut("full_screen", ("F11",), N_("full screen"), Where.WINDOW),
    Shortcut("close", ("Ctrl+W",), N_("close the window"), Where.WINDOW),
    Shortcut("quit", ("Ctrl+Q",), N_("leave")),
)


class LocalKey(NamedTuple):
    """Keys that a widget has itself, with an untranslated description: for the help only."""

    label: str
    summary: str


WINDOW_KEYS = (
    LocalKey("Enter", N_("send")),
    LocalKey("Shift+Enter", N_("begin a new line")),
    LocalKey("Tab", N_("complete a command, a name or an emoji")),
    LocalKey("Esc", N_("close a dialog, a panel or the search; go back to writing")),
    LocalKey("PgUp, PgDn", N_("scroll the messages")),
    LocalKey("↑, ↓, Home, End", N_("go through a list or the messages")),
    LocalKey("Ctrl+A, Ctrl+C", N_("select all, copy what is selected")),
    LocalKey("Shift+F10", N_("the menu of what has the focus")),
    LocalKey("Tab, Shift+Tab", N_("the next control, the previous one")),
)
"""The keys of the window's widgets."""


def shortcuts(where: Where) -> tuple[Shortcut, ...]:
    """Return the shortcuts of a user interface."""
    return tuple(one for one in SHORTCUTS if one.where & where)


def window_keys(send_key: str) -> list[LocalKey]:
    """Return the keys of the window's widgets; `send_key` is the setting."""
    if send_key == "enter":
        return list(WINDOW_KEYS)
    send, line = (one.summary for one in WINDOW_KEYS[:2])
    return [LocalKey("Ctrl+Enter", send), LocalKey("Enter", line), *WINDOW_KEYS[2:]]
