"""The list of conversations: the latest first, with what is unread and who is writing."""

from collections.abc import Collection

from rich.cells import cell_len
from rich.text import Text
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from messenger.console.screen.colours import DARK, colour_of
from messenger.console.screen.guarded import Guarded
from messenger.jim.names import EVERYONE
from messenger.output import visible
from messenger.sdk.store import ConversationRow
from messenger.ui.wording import trust_mark

_NARROW_PANE = 20
"""Cells, where the screen has little room."""


class ConversationList(Guarded, OptionList):
    """Shows rows of the local database; the open one is highlighted, `closed` rooms are marked."""

    def __init__(self) -> None:
        super().__init__(id="conversations", markup=False)
        self.palette = DARK
        self.names: list[str] = []
        self.rows: dict[str, ConversationRow] = {}
        self.closed: frozenset[str] = frozenset()
        self._prompts: dict[str, Text] = {}
        self._shown: tuple[list[ConversationRow], str, Collection[str]] = ([], EVERYONE, ())

    def show(self, rows: list[ConversationRow], current: str, typing: Collection[str] = ()) -> None:
        """Show these, and the common chat and the open one in any case; some are being written in.

        Only what differs is drawn anew: with hundreds of rows a key must not wait for it.
        """
        self._shown = (rows, current, typing)
        self.rows = {row.name: row for row in rows}
        missing = [name for name in (EVERYONE, current) if name not in self.rows]
        names = list(dict.fromkeys([*self.rows, *missing]))
        prompts = {name: self._prompt(name, is_typing=name in typing) for name in names}
        if names == self.names:
            for index, name in enumerate(names):
                if prompts[name] != self._prompts[name]:
                    self.replace_option_prompt_at_index(index, prompts[name])
        else:
            self.clear_options()
            self.add_options([Option(prompts[name], id=name) for name in names])
        self.names, self._prompts = names, prompts
        self.highlighted = names.index(current)

    def on_resize(self) -> None:
        """Shorten names to the width there is."""
        self.show(*self._shown)

    @property
    def unread(self) -> int:
        """How many messages are unread where nothing is muted and nothing is open."""
        _rows, current, _typing = self._shown
        rows = [row for row in self.rows.values() if not row.muted and row.name != current]
        return sum(row.unread for row in rows)

    def next_unread(self, current: str) -> str | None:
        """Return the next conversation with something unread, after the open one and around."""
        at = self.names.index(current) if current in self.names else 0
        for name in self.names[at + 1 :] + self.names[:at]:
            row = self.rows.get(name)
            if row is not None and row.unread and not row.muted:
                return name
        return None

    def neighbour(self, current: str, step: int) -> str:
        """Return the conversation so many further down."""
        at = self.names.index(current) if current in self.names else 0
        return self.names[(at + step) % len(self.names)]

    def _prompt(self, name: str, *, is_typing: bool) -> Text:
        row = self.rows.get(name)
        count = f" {row.unread} " if row is not None and row.unread else ""
        marks = (" ✎" if is_typing else "") + (" 🔕" if row is not None and row.muted else "")
        marks += trust_mark(row.trust) if row is not None else ""
        marks += " ⊘" if name in self.closed else ""
        # The colour as a span: two texts that differ in nothing else are told apart by it.
        shown = Text(no_wrap=True).append(visible(name), colour_of(name, self.palette))
        width = self.scrollable_content_region.width - 2 or _NARROW_PANE
        room = width - cell_len(count) - cell_len(marks)
        shown.truncate(max(1, room), overflow="ellipsis", pad=True)
        muted = row is not None and row.muted
        if muted or name in self.closed:
            shown.stylize("dim")
        shown.append(marks, "dim")
        if count:
            shown.append(count, "dim" if muted else "bold reverse")
        return shown
