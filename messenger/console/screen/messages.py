"""The messages of the open conversation; only visible lines are drawn."""

from rich.style import Style
from rich.text import Text
from textual.events import Resize
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from messenger.console.screen.colours import DARK, NameColours, Palette
from messenger.console.screen.guarded import Guarded
from messenger.console.screen.layout import CommandOutput, Line, Look, lay_out, lay_out_output
from messenger.sdk.store import IdentityTrust, StoredMessage
from messenger.ui.timeline import Timeline


class MessageView(Guarded, ScrollView, can_focus=True):
    """Shows messages, the newest at the bottom; draws visible lines only.

    The output of a command is shown below them until it is closed. Posts `OlderWanted` when the
    user has scrolled to the oldest loaded message. Many of its methods are handlers and actions,
    which Textual finds by their names; the others each change one thing that is shown.
    """

    DEFAULT_CSS = "MessageView { height: 1fr; scrollbar-size-vertical: 1; }"

    class OlderWanted(Message):
        """Older messages should be loaded."""

    def __init__(self, me: str) -> None:
        super().__init__(id="messages")
        self.palette = DARK
        self.timeline = Timeline(me)
        self.trusts: dict[str, IdentityTrust] = {}
        self.encrypted = False
        self.found: int | None = None
        self._colours = NameColours(me)
        self._lines: list[Line] = []
        self._output: CommandOutput | None = None
        self._nothing = ""
        self._is_asked = False
        self._follows = True

    @property
    def messages(self) -> list[StoredMessage]:
        """The loaded messages."""
        return self.timeline.messages

    # --- what is shown -------------------------------------------------------------------------

    def open(
        self, messages: list[StoredMessage], unread_after: int | None, *, encrypted: bool = False
    ) -> None:
        """Show a conversation from its newest message, or from the first unread one."""
        self.timeline.open(messages, unread_after)
        self.encrypted = encrypted
        self.found = None
        self._nothing = ""
        self._colours.forget()
        self._is_asked = False
        self._lay_out()
        self._to_unread_or_end()

    def add(self, message: StoredMessage) -> None:
        """Show another message; scroll if the newest ones were in sight."""
        is_seen = self._follows and self.app.app_focus
        if self.timeline.add(message, is_seen=is_seen, may_drop=self._follows):
            self._lay_out()

    def change(self, message: StoredMessage) -> None:
        """Show the new state of a message."""
        if self.timeline.change(message):
            self._lay_out()

    def hide(self, blocked: frozenset[str]) -> None:
        """Hide what these users have written in rooms."""
        if blocked != self.timeline.blocked:
            self.timeline.blocked = blocked
            self._lay_out()

    def add_older(self, messages: list[StoredMessage], *, is_start: bool) -> None:
        """Show older messages without moving visible ones; `is_start`: there are no more."""
        self._is_asked = False
        from_bottom = self.virtual_size.height - self.scroll_offset.y
        if self.timeline.add_older(messages, is_start=is_start):
            self._lay_out()
            self._to_line(self.virtual_size.height - from_bottom)

    def note(self, text: str) -> None:
        """Show a note below the last message, until another conversation is opened."""
        self.timeline.note(text)
        self._lay_out()

    def show_empty(self, nothing: str) -> None:
        """Show a text while there are no messages."""
        self._nothing = nothing
        self._lay_out()

    def show_output(self, output: CommandOutput | None) -> None:
        """Show the output of a command in place of an earlier one; None closes it."""
        if output is self._output:
            return
        self._output = output
        self._lay_out()
        if output is not None:
            self.to_end()

    @property
    def output(self) -> CommandOutput | None:
        """The output of a command that is shown."""
        return self._output

    def show_message(self, message_id: int) -> None:
        """Scroll to a message, and highlight it."""
        for index, line in enumerate(self._lines):
            if line.message is not None and line.message.id == message_id:
                self.found = message_id
                self._follows = False
                self._to_line(max(0, index - self.size.height // 2))
                self.refresh()
                return

    def end_unread(self) -> None:
        """Remove the line above unread messages, and the highlight of a found one."""
        if self.timeline.end_unread() or self.found is not None:
            self.found = None
            self._lay_out()

    def encrypt(self, *, encrypted: bool) -> None:
        """Set whether the conversation is encrypted: then other messages are marked."""
        if encrypted != self.encrypted:
            self.encrypted = encrypted
            self._lay_out()

    def recolour(self, palette: Palette) -> None:
        """Change the colours."""
        self.palette = palette
        self._lay_out()

    def trust(self, trusts: dict[str, IdentityTrust], messages: list[StoredMessage]) -> None:
        """Show changed trust, with these messages, whose proof of the sender may have changed."""
        self.trusts = trusts
        self.timeline.refresh(messages)
        self._lay_out()

    def to_end(self) -> None:
        """Scroll to the newest message, and follow new ones until the user scrolls back."""
        self._follows = True
        self._to_line(len(self._lines))

    def _to_line(self, line: int) -> None:
        # The height is known only after the next refresh; callbacks keep their order.
        self.call_after_refresh(self.scroll_to, y=line, animate=False, immediate=True, force=True)

    # --- drawing -------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """Draw one line."""
        width = self.scrollable_content_region.width
        # Few messages stand at the bottom, too.
        index = y + self.scroll_offset.y - max(0, self.size.height - len(self._lines))
        if not 0 <= index < len(self._lines):
            return Strip.blank(width, self.rich_style)
        line = self._lines[index]
        # Text.render ignores the base style of a text without spans.
        style = self.rich_style + self.app.console.get_style(line.text.style)
        if line.is_output:
            style += Style(bgcolor=self.palette.output)
        elif line.message is not None and line.message.id == self.found:
            style += Style(bgcolor=self.palette.found)
        strip = Strip(line.text.render(self.app.console)).adjust_cell_length(width, style)
        return strip.apply_style(style)

    def on_resize(self, event: Resize) -> None:  # noqa: ARG002  Textual's signature
        """Wrap anew."""
        self._lay_out()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """The user has scrolled."""
        super().watch_scroll_y(old_value, new_value)
        if new_value >= self.max_scroll_y - 1:
            self._follows = True
        elif new_value < old_value:
            self._follows = False
            self._want_older()

    def action_scroll_up(self) -> None:
        """Scroll back a line, also by the mouse wheel."""
        super().action_scroll_up()
        self._want_older()

    def page(self, step: int) -> None:
        """Scroll by a screen, back (-1) or forward (1)."""
        if step < 0:
            self.scroll_page_up(animate=False)
            self._want_older()
        else:
            self.scroll_page_down(animate=False)

    def on_mouse_scroll_up(self) -> None:
        """The mouse wheel was turned back: at the top there is nothing to scroll, so load more."""
        self._want_older()

    def _want_older(self) -> None:
        """Ask for older messages when the oldest loaded one is less than a screen away."""
        if self.scroll_offset.y > self.size.height or self.timeline.is_whole:
            return
        if not self._is_asked:
            self._is_asked = True  # until they have arrived
            self.post_message(self.OlderWanted())

    def _lay_out(self) -> None:
        # Before the first layout the width is 0.
        width = max(10, self.scrollable_content_region.width)
        look = Look(
            width, self.timeline.me, self._colours, self.palette, self.trusts, self.encrypted
        )
        self._lines = lay_out(self.timeline.items(), look)
        if self._nothing and not self.messages:
            self._lines.append(Line(Text("  " + self._nothing, "dim", no_wrap=True)))
        if self._output is not None:
            self._lines += lay_out_output(self._output, width, self.palette)
        self.virtual_size = Size(width, len(self._lines))
        self.refresh()
        if self._follows:
            self._to_line(len(self._lines))

    def _to_unread_or_end(self) -> None:
        for index, line in enumerate(self._lines):
            if line.is_mark:
                self._follows = False
                self._to_line(max(0, index - 2))
                return
        self.to_end()
