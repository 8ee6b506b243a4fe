"""The keys of the full screen: shortcuts as Textual's bindings, and keys of single widgets."""

from textual.binding import Binding

from messenger.language import N_, _
from messenger.ui.shortcuts import SHORTCUTS

_CALLS = {
    "conversation_above": "neighbour(-1)",
    "conversation_below": "neighbour(1)",
    "search_here": "search(True)",
    "search_everywhere": "search(False)",
    "next_panel": "walk",
    "scroll_back": "page(-1)",
    "scroll_on": "page(1)",
}
"""The app's actions for shortcuts whose names differ."""

_NAMES = {"PgUp": "pageup", "PgDn": "pagedown", ",": "comma"}

ACTIONS = {_CALLS.get(one.action, one.action).partition("(")[0] for one in SHORTCUTS} | {"go"}
"""The actions of the keys, without arguments."""


def bindings() -> list[Binding]:
    """Return the bindings of the table, and Alt with a digit for the first nine conversations."""
    # With priority over the input field, which has some of these keys itself, such as Ctrl+K.
    table = [
        Binding(
            ",".join(map(textual_key, one.keys)),
            _CALLS.get(one.action, one.action),
            show=False,
            priority=True,
        )
        for one in SHORTCUTS
    ]
    digits = [
        Binding(f"alt+{digit}", f"go({digit - 1})", show=False, priority=True)
        for digit in range(1, 10)
    ]
    return table + digits


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
    ("Alt+1..9", N_("a conversation by its place in the list")),
    ("Esc", N_("close a dialog or the output of a command; go back to writing")),
)
"""Keys of the input field and of dialogs, which bind them themselves: for the help only."""


def key_lines() -> list[tuple[str, str]]:
    """Return all keys with their descriptions, for the help and the documentation."""
    local = [(key, _(summary)) for key, summary in LOCAL_KEYS]
    return [(one.label, _(one.summary)) for one in SHORTCUTS] + local
