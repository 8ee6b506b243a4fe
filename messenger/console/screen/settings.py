"""The dialog of settings: a row for each, with all its values."""

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from messenger.console.screen.dialogs import Dialog
from messenger.language import _
from messenger.sdk.profiles import Preferences
from messenger.ui.settings import Choice, changed, choices, value_name, value_of
from messenger.ui.where import Where

_CHOICES = choices(Where.TERMINAL)


class SettingsDialog(Dialog[None]):
    """Up and Down go to a setting, Left and Right change it. Posts `Changed`, at the app."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "step(-1)", show=False, priority=True),
        Binding("right,space,enter", "step(1)", show=False, priority=True),
    ]

    class Changed(Message):
        """The user has changed a setting."""

        def __init__(self, preferences: Preferences) -> None:
            super().__init__()
            self.preferences = preferences

    def __init__(self, preferences: Preferences) -> None:
        super().__init__()
        self._preferences = preferences

    def compose(self) -> ComposeResult:
        """Make the dialog."""
        with Vertical():
            yield Static(_("Settings"), classes="prompt", markup=False)
            yield OptionList(
                *[Option(self._row(choice), id=name) for name, choice in _CHOICES.items()],
                markup=False,
            )
            yield Static(id="summary", markup=False)
            said = _("Up, Down: setting · Left, Right: value · Esc: close")
            yield Static(said, classes="hint", markup=False)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Explain the setting."""
        choice = _CHOICES[str(event.option.id)]
        self.query_one("#summary", Static).update(_(choice.summary))

    def action_step(self, step: int) -> None:
        """Choose the next value (1), or the previous one (-1)."""
        options = self.query_one(OptionList)
        index = options.highlighted or 0
        choice = _CHOICES[str(options.get_option_at_index(index).id)]
        at = choice.values.index(value_of(self._preferences, choice.name))
        value = choice.values[(at + step) % len(choice.values)]
        self._preferences = changed(self._preferences, choice.name, value)
        options.replace_option_prompt_at_index(index, self._row(choice))
        self.app.post_message(self.Changed(self._preferences))

    def _row(self, choice: Choice) -> Text:
        chosen = value_of(self._preferences, choice.name)
        width = max(len(_(one.title)) for one in _CHOICES.values())
        row = Text(_(choice.title).ljust(width), no_wrap=True)
        for value in choice.values:
            shown = f"({value_name(value)})" if value == chosen else f" {value_name(value)} "
            row.append("  ").append(shown, "bold" if value == chosen else "dim")
        return row
