"""Fields in which keys act in the order in which they were pressed."""

from textual.events import Key, Paste
from textual.message_pump import MessagePump
from textual.widget import Widget
from textual.widgets import Input


class InOrder(MessagePump):
    """A field that does itself what its keys are bound to.

    Textual lets such a key rise to the app, and letters that were typed behind it come first; or,
    when the focus has moved meanwhile, it acts on another field.
    """

    async def _on_key(self, event: Key) -> None:
        assert isinstance(self, Widget)
        bindings = self._bindings.key_to_bindings.get(event.key, [])
        acts = bindings and not event.is_printable
        if acts and await self.app.run_action(bindings[0].action, self):
            event.stop()
            event.prevent_default()
        else:
            await super()._on_key(event)  # type: ignore[misc]  # a widget's, behind this one


class Field(InOrder, Input):
    """A line to write in."""


class ServerField(Field):
    """A line for an address or a link; a link that is pasted in several lines is one.

    Of a long one the beginning is shown: it says where it leads.
    """

    def on_mount(self) -> None:
        """Show the beginning of what is suggested, unless somebody types already."""
        self.call_after_refresh(lambda: None if self.has_focus else self.action_home())

    def _on_paste(self, event: Paste) -> None:
        if "://" not in event.text:
            return
        event.prevent_default()
        event.stop()
        self.value = "".join(event.text.split())
        self.cursor_position = 0
