"""The table of keyboard shortcuts, for any toolkit."""

from typing import NamedTuple

from messenger.language import N_


class Shortcut(NamedTuple):
    """An action, its keys, and its description, untranslated.

    The first key is the main one; the others are for terminals that cannot send it, or for habits
    from other programs. Keys are written as `Ctrl+Shift+F`, `Alt+Up`, `PgUp`, `Ctrl+,`.
    """

    action: str
    keys: tuple[str, ...]
    summary: str

    @property
    def label(self) -> str:
        """The keys as people write them."""
        return ", ".join(self.keys)


SHORTCUTS = (
    Shortcut("switch", ("Ctrl+K",), N_("go to a conversation by a part of its name")),
    Shortcut("conversation_above", ("Alt+Up", "Ctrl+Shift+Tab"), N_("the conversation above")),
    Shortcut("conversation_below", ("Alt+Down", "Ctrl+Tab"), N_("the conversation below")),
    Shortcut("next_unread", ("Alt+Shift+Down",), N_("the next unread conversation")),
    Shortcut("search_here", ("Ctrl+F",), N_("search in this conversation")),
    Shortcut("search_everywhere", ("Ctrl+Shift+F", "F3"), N_("search everywhere")),
    Shortcut("new_chat", ("Ctrl+N",), N_("write to somebody")),
    Shortcut("new_room", ("Ctrl+G",), N_("join or make a room")),
    Shortcut("toggle_list", ("Ctrl+B",), N_("show or hide the list of conversations")),
    Shortcut("members", ("F2",), N_("show or hide the members")),
    Shortcut("edit", ("Alt+E",), N_("write in your editor ($EDITOR)")),
    Shortcut("copy", ("Alt+C",), N_("copy the newest message")),
    Shortcut("open_link", ("Ctrl+O",), N_("open the newest link")),
    Shortcut("help", ("F1",), N_("show the commands and keys")),
    Shortcut("settings", ("F4", "Ctrl+,"), N_("settings")),
    Shortcut("next_panel", ("F6",), N_("go to the next panel")),
    Shortcut("scroll_back", ("PgUp",), N_("scroll back")),
    Shortcut("scroll_on", ("PgDn",), N_("scroll on")),
    Shortcut("quit", ("Ctrl+Q",), N_("leave")),
)
