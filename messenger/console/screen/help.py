"""The help: commands and keys, with a filter."""

from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Input, Static, Tab, Tabs

from messenger.console.screen.dialogs import Dialog
from messenger.console.screen.form_fields import Field
from messenger.language import _

_LEFT_SHARE = 0.4
"""Of the width, at most, for keys and commands; their meaning gets the rest."""

Row = tuple[str, str]


class Help(Dialog[None]):
    """Two tabs, keys and commands, and a field that filters both."""

    AUTO_FOCUS = "Input"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab,shift+tab", "other", show=False, priority=True),
        Binding("up", "scroll(-1)", show=False, priority=True),
        Binding("down", "scroll(1)", show=False, priority=True),
        Binding("pageup", "page(-1)", show=False, priority=True),
        Binding("pagedown", "page(1)", show=False, priority=True),
    ]

    def __init__(self, usages: list[str], keys: list[Row], *, first: str = "keys") -> None:
        super().__init__()
        self._first = first
        self._rows = {"keys": keys, "commands": [usage.partition(" - ")[::2] for usage in usages]}

    def compose(self) -> ComposeResult:
        """Make the dialog."""
        with Vertical():
            yield Tabs(
                Tab(_("Keys"), id="keys"), Tab(_("Commands"), id="commands"), active=self._first
            )
            yield Field(placeholder=_("type to filter"))
            with VerticalScroll(can_focus=False):
                yield Static(id="rows")
            said = _("Tab: keys or commands · ↑ ↓: scroll · Esc: close")
            yield Static(said, classes="hint", markup=False)

    def on_mount(self) -> None:
        """Keep the focus in the filter: tabs are changed by the mouse or the Tab key."""
        self.query_one(Tabs).can_focus = False

    def on_tabs_tab_activated(self) -> None:
        """Show the rows of the tab."""
        self._show()

    def on_input_changed(self) -> None:
        """Show matching rows."""
        self._show()

    def on_input_submitted(self) -> None:
        """Close the help."""
        self.dismiss(None)

    def on_resize(self) -> None:
        """Wrap the rows again."""
        self.call_after_refresh(self._show)

    def action_other(self) -> None:
        """Show the other tab."""
        tabs = self.query_one(Tabs)
        tabs.active = "commands" if tabs.active == "keys" else "keys"

    def action_scroll(self, step: int) -> None:
        """Scroll a line."""
        self.query_one(VerticalScroll).scroll_relative(y=step, animate=False)

    def action_page(self, step: int) -> None:
        """Scroll a page."""
        scroll = self.query_one(VerticalScroll)
        scroll.scroll_relative(y=step * max(1, scroll.size.height - 1), animate=False)

    def _show(self) -> None:
        words = self.query_one(Input).value.casefold().split()
        rows = [
            row
            for row in self._rows[self.query_one(Tabs).active]
            if all(word in " ".join(row).casefold() for word in words)
        ]
        shown = self._table(rows) if rows else Text(_("Nothing found."), "dim")
        self.query_one("#rows", Static).update(shown)
        self.query_one(VerticalScroll).scroll_home(animate=False)

    def _table(self, rows: list[Row]) -> Table:
        width = self.query_one(VerticalScroll).scrollable_content_region.width
        longest = max(len(left) for left, _right in rows)
        table = Table.grid(padding=(0, 2, 0, 0), expand=True)
        # Arguments have few spaces: long ones are wrapped anywhere.
        table.add_column(width=min(longest, int(width * _LEFT_SHARE)), overflow="fold")
        table.add_column(ratio=1)
        for left, right in rows:
            table.add_row(Text(left, "bold"), Text(right))
        return table
