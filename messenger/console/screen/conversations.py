"""The panel of conversations: pinned and latest first; unread, mentions, who is typing."""

from collections.abc import Collection

from rich.cells import cell_len
from rich.text import Text
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from messenger.console.screen.colours import DARK, colour_of
from messenger.console.screen.guarded import Guarded
from messenger.output import visible
from messenger.ui.conversation_list import SortedConversations
from messenger.ui.wording import trust_mark

_NARROW_PANE = 20
"""The width in cells on a screen of medium width, and before the first layout."""


class ConversationList(Guarded, OptionList):
    """Shows conversations; the open one is highlighted, `closed` rooms are marked."""

    def __init__(self, conversations: SortedConversations) -> None:
        super().__init__(id="conversations", markup=False)
        self.palette = DARK
        self.closed: frozenset[str] = frozenset()
        self._conversations = conversations
        self._drawn: list[str] = []
        self._prompts: dict[str, Text] = {}
        self._typing: Collection[str] = ()

    def show(self, typing: Collection[str] = ()) -> None:
        """Show the current conversations; in those of `typing` somebody is typing.

        Only changed rows are redrawn: with hundreds of rows keys would have to wait.
        """
        self._typing = typing
        names = self._conversations.names
        prompts = {name: self._prompt(name, is_typing=name in typing) for name in names}
        if names == self._drawn:
            for index, name in enumerate(names):
                if prompts[name] != self._prompts[name]:
                    self.replace_option_prompt_at_index(index, prompts[name])
        else:
            self.clear_options()
            self.add_options([Option(prompts[name], id=name) for name in names])
        self._drawn, self._prompts = names, prompts
        self.highlighted = names.index(self._conversations.current)

    def on_resize(self) -> None:
        """Truncate names to the width."""
        self.show(self._typing)

    def _prompt(self, name: str, *, is_typing: bool) -> Text:
        row = self._conversations.rows.get(name)
        mark = "@" if row is not None and row.mentions else ""
        count = f" {mark}{row.unread} " if row is not None and row.unread else ""
        marks = " ✎" if is_typing else ""
        if row is not None:
            marks += (" 📌" if row.pinned else "") + (" 🔕" if row.muted else "")
            marks += trust_mark(row.trust)
        marks += " ⊘" if name in self.closed else ""
        # The colour as a span: `==` of texts compares spans, not their base style.
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
