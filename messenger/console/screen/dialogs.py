"""Dialogs: prompts for a line or a password, yes or no, search and choose."""

from collections.abc import Callable
from typing import ClassVar, TypeVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.events import Key
from textual.screen import ModalScreen
from textual.widgets import Button, Input, OptionList, Static
from textual.widgets.option_list import Option

from messenger.console.screen.form_fields import Field
from messenger.console.screen.guarded import Guarded
from messenger.console.screen.threads import off_loop
from messenger.language import _
from messenger.output import visible

_MAX_SHOWN = 200
"""Rows; more would be slow to draw with every key."""

Answer = TypeVar("Answer")


class Dialog(Guarded, ModalScreen[Answer | None]):
    """A modal dialog; its answer is None if the user closes it.

    `opened_by` is the action of the key that opened it; the same key closes it again.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c", "dismiss(None)", show=False, priority=True)
    ]
    opened_by = ""


class Ask(Dialog[str]):
    """Asks for a line."""

    def __init__(self, prompt: str, *, secret: bool = False) -> None:
        super().__init__()
        self._prompt = prompt
        self._secret = secret

    def compose(self) -> ComposeResult:
        """Make the dialog."""
        with Vertical():
            with VerticalScroll(can_focus=False):
                yield Static(_shown(self._prompt), classes="prompt")
            yield Field(password=self._secret)
            yield Static(_("Enter: go on · Esc: cancel"), classes="hint", markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Return the line."""
        self.dismiss(event.value)


class Confirm(Dialog[bool]):
    """Asks a yes-or-no question; No has the focus."""

    AUTO_FOCUS = "#no"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,right", "app.focus_next", show=False),
        Binding("up", "scroll(-1)", show=False),
        Binding("down", "scroll(1)", show=False),
    ]

    def __init__(self, question: str) -> None:
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        """Make the dialog."""
        with Vertical():
            with VerticalScroll(can_focus=False):
                yield Static(_shown(self._question), classes="prompt")
            with Horizontal(classes="buttons"):
                yield Button(Text(_("Yes (y)")), id="yes", compact=True)
                yield Button(Text(_("No (n)")), id="no", compact=True)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Return the answer."""
        self.dismiss(event.button.id == "yes")

    def on_key(self, event: Key) -> None:
        """Answer by the initial, in the user's language or in English."""
        initial = (event.character or "").casefold()
        if initial in ("y", _("y"), "n", _("n")):
            event.stop()
            self.dismiss(initial in ("y", _("y")))

    def action_scroll(self, step: int) -> None:
        """Scroll a long question."""
        self.query_one(VerticalScroll).scroll_relative(y=step, animate=False)


class Choose(Dialog[str]):
    """Shows results for the typed text; returns the id of the chosen one.

    `find` returns (id, line) for each result, or None if something has to be typed first; `more`
    those that follow the last id, when it is highlighted. They are called outside the event loop.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", show=False, priority=True),
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("pagedown", "move(10)", show=False, priority=True),
        Binding("pageup", "move(-10)", show=False, priority=True),
    ]

    def __init__(
        self,
        prompt: str,
        find: Callable[[str], list[tuple[str, str]] | None],
        placeholder: str = "",
        more: Callable[[str, str], list[tuple[str, str]]] = lambda _words, _last: [],
    ) -> None:
        super().__init__()
        self._prompt = prompt
        self._find = find
        self._more = more
        self._placeholder = placeholder

    def compose(self) -> ComposeResult:
        """Make the dialog."""
        with Vertical():
            yield Static(_shown(self._prompt), classes="prompt")
            yield Field(placeholder=self._placeholder)
            yield OptionList(markup=False)
            yield Static(_("Nothing found."), id="nothing", classes="hint", markup=False)

    def on_mount(self) -> None:
        """Show the first results."""
        self._search(self.query_one(Input).value)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show the results."""
        self._search(event.value)

    def on_input_submitted(self) -> None:
        """Return the highlighted one."""
        options = self.query_one(OptionList)
        if options.highlighted is not None:
            self.dismiss(options.get_option_at_index(options.highlighted).id)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Return the clicked one."""
        event.stop()
        self.dismiss(event.option.id)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show what follows the last one."""
        if event.option_index == event.option_list.option_count - 1:
            words = self.query_one(Input).value
            self.run_worker(self._show_more(words, str(event.option.id)), group="more")

    def action_move(self, step: int) -> None:
        """Move the highlight: by one with wrapping around, by a page to the ends at most."""
        options = self.query_one(OptionList)
        count = options.option_count
        if not count:
            return
        at = (options.highlighted or 0) + step
        options.highlighted = at % count if abs(step) == 1 else max(0, min(count - 1, at))

    def _search(self, words: str) -> None:
        # Exclusive: a search for an older text is cancelled.
        self.run_worker(self._find_and_show(words), exclusive=True)

    async def _find_and_show(self, words: str) -> None:
        found = await off_loop(self._find, words)
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options([Option(line, id=key) for key, line in (found or [])[:_MAX_SHOWN]])
        if found:
            options.highlighted = 0
        options.display = bool(found)
        self.set_class(found is not None and not found, "empty")

    async def _show_more(self, words: str, last: str) -> None:
        found = await off_loop(self._more, words, last)
        options = self.query_one(OptionList)
        # Something else may be shown by now, or this page already.
        count = options.option_count
        if count and options.get_option_at_index(count - 1).id == last:
            options.add_options([Option(line, id=key) for key, line in found])


def _shown(text: str) -> Text:
    """Return a text without markup and control sequences."""
    return Text("\n".join(visible(line) for line in text.split("\n")))
