"""What is asked for: a line, a password, a conversation, words to search for; and the help."""

import asyncio
from collections.abc import Callable, Iterable
from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Label, OptionList, Static
from textual.widgets.option_list import Option

from messenger.language import _

_MOST_SHOWN = 200


class Ask(ModalScreen[str | None]):
    """Asks for a line; None if the user does not want to say."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", show=False)]

    def __init__(self, prompt: str, *, secret: bool = False) -> None:
        super().__init__()
        self._prompt = prompt
        self._secret = secret

    def compose(self) -> ComposeResult:
        """Make the dialog."""
        with Vertical():
            yield Label(self._prompt, markup=False)
            yield Input(password=self._secret)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """The user has said it."""
        self.dismiss(event.value)


class Choose(ModalScreen[str | None]):
    """Shows what fits what is typed; returns the id of what is chosen.

    `find` returns (id, line) for what is typed so far; it is called off the event loop.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", show=False),
        Binding("down", "move(1)", show=False, priority=True),
        Binding("up", "move(-1)", show=False, priority=True),
    ]

    def __init__(self, prompt: str, find: Callable[[str], list[tuple[str, str]]]) -> None:
        super().__init__()
        self._prompt = prompt
        self._find = find

    def compose(self) -> ComposeResult:
        """Make the dialog."""
        with Vertical():
            yield Label(self._prompt, markup=False)
            yield Input()
            yield OptionList(markup=False)

    def on_mount(self) -> None:
        """Show what there is."""
        self._search(self.query_one(Input).value)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show what fits."""
        self._search(event.value)

    def on_input_submitted(self) -> None:
        """Take what is highlighted."""
        options = self.query_one(OptionList)
        if options.highlighted is not None:
            self.dismiss(options.get_option_at_index(options.highlighted).id)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take what was clicked on."""
        self.dismiss(event.option.id)

    def action_move(self, step: int) -> None:
        """Highlight the next or the one before."""
        options = self.query_one(OptionList)
        if options.option_count:
            options.highlighted = ((options.highlighted or 0) + step) % options.option_count

    def _search(self, words: str) -> None:
        # Exclusive: the answer to an older question is not waited for.
        self.run_worker(self._find_and_show(words), exclusive=True)

    async def _find_and_show(self, words: str) -> None:
        found = (await asyncio.to_thread(self._find, words))[:_MOST_SHOWN]
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options([Option(line, id=key) for key, line in found])
        if found:
            options.highlighted = 0
        self.query_one(Label).update(
            self._prompt if found else f"{self._prompt} {_('Nothing found.')}"
        )


class Help(ModalScreen[None]):
    """Shows how commands are written, and what the keys do."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1,q,enter", "dismiss(None)", show=False, priority=True)
    ]

    def __init__(self, usages: list[str], keys: list[tuple[str, str]]) -> None:
        super().__init__()
        self._usages = usages
        self._keys = keys

    def compose(self) -> ComposeResult:
        """Make the dialog."""
        with VerticalScroll():
            yield Label(_("Commands"), classes="title")
            yield Static(self._table([usage.partition(" - ")[::2] for usage in self._usages]))
            yield Label(_("Keys"), classes="title")
            yield Static(self._table(self._keys))

    def _table(self, rows: Iterable[tuple[str, str]]) -> Table:
        table = Table.grid(padding=(0, 2))
        for left, right in rows:
            table.add_row(Text(left, "bold"), Text(right))
        return table
