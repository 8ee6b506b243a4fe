"""The keys of the full screen: shortcuts as Textual's bindings, and keys of single widgets."""

from textual.binding import Binding

from messenger.language import N_, _
from messenger.ui.shortcuts import shortcuts
from messenger.ui.where import Where

_CALLS = {
    "conversation_above": "neighbour(-1)",
    "conversation_below": "neighbour(1)",
    "search_here": "search(True)",
    "search_everywhere": "search(False)",
    "next_panel": "walk",
    "place": "go({place})",
    "scroll_back": "page(-1)",
    "scroll_on": "page(1)",
}
"""The app's actions for shortcuts whose names differ."""

_NAMES = {"PgUp": "pageup", "PgDn": "pagedown", ",": "comma"}

_SHORTCUTS = shortcuts(Where.TERMINAL)

ACTIONS = {_CALLS.get(one.action, one.action).partition("(")[0] for one in _SHORTCUTS}
"""The actions of the keys, without arguments."""


def bindings() -> list[Binding]:
    """Return the bindings of the table."""
    # With priority over the input field, which has some of these keys itself, such as Ctrl+K.
    return [
        Binding(
            textual_key(key),
            _CALLS.get(one.action, one.action).format(place=place),
            show=False,
            priority=True,
        )
        for one in _SHORTCUTS
        for place, key in enumerate(one.keys)
    ]


def textual_key(key: str) -> str:
    """Return Textual's name of a key."""
    return "+".join(_NAMES.get(part, part.lower()) for part in key.split("+"))


LOCAL_KEYS = (
    ("Enter", N_("send")),
    ("Alt+Enter, Ctrl+J", N_("begin a new line")),
    ("Tab", N_("complete a command, a name or a room")),
    ("↑, ↓", N_("input history")),
    ("Ctrl+A, Ctrl+E", N_("the beginning and the end of the line")),
    ("Ctrl+U, Alt+K, Ctrl+W", N_("delete to the beginning, to the end, a word")),
    ("Ctrl+Y, Ctrl+Z", N_("put back what was deleted; undo")),
    ("Esc", N_("close a dialog or the output of a command; go back to writing")),
)
"""Keys of the input field and of dialogs, which bind them themselves: for the help only."""


def key_lines() -> list[tuple[str, str]]:
    """Return all keys with their descriptions, for the help and the documentation."""
    local = [(key, _(summary)) for key, summary in LOCAL_KEYS]
    return [(one.label, _(one.summary)) for one in _SHORTCUTS] + local
