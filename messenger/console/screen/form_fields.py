"""Input fields that process keys in the order of typing."""

from textual.events import Key, Paste
from textual.message_pump import MessagePump
from textual.widget import Widget
from textual.widgets import Input


class InOrder(MessagePump):
    """A field that runs the actions of its key bindings itself.

    Textual lets such a key bubble to the app: characters that were typed after it are inserted
    first; or, if the focus has moved meanwhile, it acts on another field.
    """

    async def _on_key(self, event: Key) -> None:
        assert isinstance(self, Widget)
        bindings = self._bindings.key_to_bindings.get(event.key, [])
        acts = bindings and not event.is_printable
        if acts and await self.app.run_action(bindings[0].action, self):
            event.stop()
            event.prevent_default()
        else:
            await super()._on_key(event)  # type: ignore[misc]  # of the widget, next in the MRO


class Field(InOrder, Input):
    """A single-line field."""


class ServerField(Field):
    """A field for an address or an invitation link; the lines of a pasted link are joined.

    The beginning of a long link is shown, for it has the address.
    """

    def on_mount(self) -> None:
        """Show the beginning of the suggestion, unless the user is in the field."""
        self.call_after_refresh(lambda: None if self.has_focus else self.action_home())

    def _on_paste(self, event: Paste) -> None:
        if "://" not in event.text:
            return
        event.prevent_default()
        event.stop()
        self.value = "".join(event.text.split())
        self.cursor_position = 0
