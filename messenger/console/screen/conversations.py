"""The list of conversations: the latest first, with what is unread."""

from rich.text import Text
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from messenger.console.lines import visible
from messenger.console.screen.layout import colour_of
from messenger.jim.names import EVERYONE
from messenger.sdk.store import ConversationRow

_WIDTH = 24


class ConversationList(OptionList):
    """Shows rows of the local database; the open one is highlighted."""

    DEFAULT_CSS = """
    ConversationList, ConversationList:focus {
        width: 26; border: none; padding: 0; border-right: solid $panel; height: 1fr;
        scrollbar-size-vertical: 1;
    }
    """

    def __init__(self) -> None:
        super().__init__(id="conversations", markup=False)
        self.names: list[str] = []
        self.rows: dict[str, ConversationRow] = {}

    def show(self, rows: list[ConversationRow], current: str) -> None:
        """Show these, and the common chat and the open one in any case."""
        self.rows = {row.name: row for row in rows}
        names = [row.name for row in rows]
        names += [name for name in (EVERYONE, current) if name not in self.rows]
        options = [Option(self._prompt(name), id=name) for name in dict.fromkeys(names)]
        self.names = [str(option.id) for option in options]
        self.clear_options()
        self.add_options(options)
        self.highlighted = self.names.index(current)

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

    def _prompt(self, name: str) -> Text:
        row = self.rows.get(name)
        count = f" {row.unread} " if row is not None and row.unread else ""
        muted = row is not None and row.muted
        shown = Text(visible(name), colour_of(name), no_wrap=True, overflow="ellipsis")
        shown.truncate(_WIDTH - len(count) - 1, overflow="ellipsis", pad=True)
        if muted:
            shown.stylize("dim")
        if count:
            shown.append(count, "dim" if muted else "bold reverse")
        return shown
