"""The open conversation: its messages on the screen, and sending."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from messenger.console.screen.asking import Asking
from messenger.console.screen.colours import Palette, palette_of, theme_name
from messenger.console.screen.composer import Composer
from messenger.console.screen.controller import DialogPrompter, ScreenController
from messenger.console.screen.conversations import ConversationList
from messenger.console.screen.layout import CommandOutput
from messenger.console.screen.members import MemberList
from messenger.console.screen.messages import MessageView
from messenger.console.screen.status import TargetLine, TitleLine
from messenger.console.screen.threads import Pen, off_loop
from messenger.jim.names import EVERYONE
from messenger.language import _
from messenger.sdk.client import Client
from messenger.sdk.events import ConnectionState
from messenger.sdk.profiles import Profile
from messenger.sdk.store import ConversationSummary, StoredMessage
from messenger.ui.conversation_list import SortedConversations
from messenger.ui.drafts import Drafts
from messenger.ui.history import PAGE, History
from messenger.ui.wording import empty_text

_GATHERED = 0.1
"""Seconds for which changes of the list are gathered: nobody reads faster."""
_GOODBYE = 3.0
"""Seconds to store what the user has written when the program ends."""


class Conversing(Asking):
    """Conversations on the left, messages and the input field on the right.

    It holds all widgets of the main screen, and has a method for each thing that commands do there
    (`View`) and for each message of Textual, which finds handlers by their names.
    """

    def __init__(
        self, client: Client, profile: Profile, *, to: str = EVERYONE, password: str | None = None
    ) -> None:
        super().__init__()
        self.client = client
        self.view = MessageView(client.core.credentials.name)
        self.view.timeline.blocked = client.people.blocked.names
        self.conversations = SortedConversations(to)
        self.list = ConversationList(self.conversations)
        self.members = MemberList(client)
        self.prompter = DialogPrompter(self, self, password)
        self.controller = ScreenController(client, profile, self, self, self.prompter, to)
        self._pen = Pen()
        self._drafts = Drafts(client, lambda save: self._pen.put(self.guarded(save)))
        self.composer = Composer(to, self._drafts, self._names, _("Write a message, or /help"))
        self.told_light: bool | None = None
        self._title = TitleLine()
        self._target = TargetLine()
        self._history = History(client)
        self._output_number = 0
        self._is_redrawn_soon = False
        self._have_other_drafts: set[str] = set()

    def compose(self) -> ComposeResult:
        """Make the screen."""
        with Horizontal():
            yield self.list
            with Vertical(id="talk"):
                yield self._title
                yield self.view
                yield self._target
                yield self.composer
            yield self.members

    @property
    def palette(self) -> Palette:
        """The colours for the terminal's background."""
        return palette_of(self.theme)

    # --- what is shown -------------------------------------------------------------------------

    def note(self, text: str) -> None:
        """Show a note of the program."""
        self.view.note(text)

    def show_output(self, number: int, command: str, text: str, *, refused: bool = False) -> None:
        """Show output of a command below the messages, until it is closed."""
        before = self.view.output
        if before is not None and number == self._output_number:
            text = f"{before.text}\n{text}"
            refused |= before.refused
        self._output_number = number
        self.view.show_output(CommandOutput(command, text, refused))

    def close_output(self) -> None:
        """Close the output of a command."""
        self.view.show_output(None)

    def apply_preferences(self) -> None:
        """Apply the settings to the display."""
        theme = theme_name(self.controller.preferences.theme, told_light=self.told_light)
        if theme != self.theme:
            self.theme = theme
        self.list.palette = self.members.palette = self.palette
        self.view.recolour(self.palette)
        self.redraw_soon()

    # --- opening a conversation ----------------------------------------------------------------

    async def go_to(self, name: str, *, keeps_output: bool = False) -> None:
        """Open a conversation, with its draft."""
        self.controller.current = name = EVERYONE if name == "#" else name
        self.conversations.open(name)
        self.composer.turn_to(name)
        row, page = await off_loop(self._history.open, name)
        # The user has gone on to another conversation meanwhile.
        if self.controller.current != name:
            return
        self._show_conversation(name, row, page)
        if not keeps_output:
            self.close_output()
        self.in_thread(self.client.mark_read, name)
        # A short page may be all of the conversation, or all that is stored of it.
        if len(page) < PAGE:
            await self.load_older()

    def _show_conversation(
        self, name: str, row: ConversationSummary | None, page: list[StoredMessage]
    ) -> None:
        unread_after = row.read if row is not None and row.unread else None
        self.view.open(page, unread_after, encrypted=row is not None and row.encrypted)
        self._show_security(name, row)
        self.remove_class("list")
        self.redraw_soon()
        if self.has_class("members"):
            self.members.load(name)

    def _show_security(self, name: str, row: ConversationSummary | None) -> None:
        self._title.show(name, row, self.palette)
        self._target.show(name, row, self.palette)
        self.view.encrypt(encrypted=row is not None and row.encrypted)

    async def load_older(self) -> None:
        """Load and show older messages."""
        name = self.controller.current
        before = self.view.messages[0] if self.view.messages else None
        older = await off_loop(self._history.older, name, before)
        if self.controller.current == name:
            self.view.add_older(older.page, is_start=older.is_start)
            if older.is_start and self._knows_all:
                self.view.show_empty(empty_text(self.client, self.controller.current))

    @property
    def _knows_all(self) -> bool:
        """Whether no older messages exist if none are stored: not while offline, nor for guests."""
        core = self.client.core
        return core.state is ConnectionState.ONLINE and not core.is_guest

    async def go_to_message(self, message_id: int, name: str) -> None:
        """Open a conversation, load it back to a message, and highlight that."""
        await self.go_to(name)
        while not any(message.id == message_id for message in self.view.messages):
            count = len(self.view.messages)
            await self.load_older()
            if len(self.view.messages) == count:
                return
        self.view.show_message(message_id)

    async def on_message_view_older_wanted(self) -> None:
        """The user has scrolled to the oldest loaded message."""
        await self.load_older()

    # --- writing -------------------------------------------------------------------------------

    async def written(self, message: StoredMessage) -> None:
        """Show a message of the user; a note if it went to another conversation."""
        if message.conversation == self.controller.current:
            self.view.end_unread()
            self.view.add(message)
            self.view.to_end()
        else:
            to, text = message.conversation, message.text
            self.note(_("Written to {name}: {text}", name=to, text=text))

    async def on_composer_sent(self, message: Composer.Sent) -> None:
        """Send a text, or run a command, in the conversation that it was typed in."""
        text = message.text
        if text.startswith("/") and not text.startswith("//"):
            self.close_output()
            self.in_thread(self.run_command, text, message.to)
            return
        text = text.removeprefix("/") if text.startswith("//") else text
        try:
            # The queue keeps the order: earlier texts are sent first, and the draft is stored last.
            # Not by `send_text`: the user may have typed the next text there, and gone elsewhere.
            send = partial(self.client.send_text, keep_draft=True)
            sending = self._pen.begin(send, message.to, text)
            self.composer.keep_draft()
            sent = await sending
        except Exception:
            # Whatever has failed, the user's text is not lost.
            self.composer.put_back(message.to, message.text)
            raise
        # A refusal stays: without it the user may not notice that, say, /msg opened no chat.
        if self.view.output is not None and not self.view.output.refused:
            self.close_output()
        await self.written(sent)

    def on_composer_typed(self) -> None:
        """Send a typing notice, but not with every key."""
        self._pen.put(self.guarded(self.controller.typed_at, self.composer.target))

    def run_command(self, line: str, at: str) -> None:
        """Run a command that was typed in a conversation; blocks: not for the screen's thread."""
        self.controller.run(line, at)
        if said := self.prompter.left_to_say():
            self.controller.show(said)
        if self.controller.leaving:
            self.call_later(self.exit, 0)

    def put_down_the_pen(self) -> None:
        """Store the draft and queued messages."""
        self.composer.keep_draft()
        self._drafts.share()
        self._pen.close(_GOODBYE)

    # --- the list ------------------------------------------------------------------------------

    def take_summaries(self, summaries: Iterable[ConversationSummary]) -> None:
        """Show changed conversations, with drafts of the user's other devices."""
        for row in summaries:
            if self._drafts.differs(row):
                self._have_other_drafts.add(row.name)
        self.conversations.take(summaries)
        self.redraw_soon()

    def redraw_soon(self) -> None:
        """Show what has changed; changes of a moment are shown together."""
        if not self._is_redrawn_soon:
            self._is_redrawn_soon = True
            self.set_timer(_GATHERED, self._redraw)

    async def _redraw(self) -> None:
        self._is_redrawn_soon = False  # First: what changes meanwhile is shown by another call.
        self.list.show(self.client.people.typing.conversations())
        self.show_status()
        here = self.controller.current
        self._show_security(here, self.conversations.rows.get(here))
        await self._take_drafts()
        await self._take_trusts()

    async def _take_drafts(self) -> None:
        """Read drafts anew: the rows may be older than what the user has typed since."""
        names, self._have_other_drafts = list(self._have_other_drafts), set()
        if names:
            written = self._drafts.written
            rows = await off_loop(self.client.store.summaries, names)
            if not self.composer.take_drafts(rows, written):
                self._have_other_drafts.update(names)
                self.redraw_soon()

    async def _take_trusts(self) -> None:
        store = self.client.store
        trusts = await off_loop(store.trusts)
        if trusts != self.view.trusts:
            count = len(self.view.messages)
            self.view.trust(
                trusts, await off_loop(store.page, self.controller.current, limit=count)
            )

    def show_status(self) -> None:
        """Show the connection, the user and the open conversation as they are now."""
        raise NotImplementedError

    def _names(self) -> list[Any]:
        return [
            *self.conversations.names,
            *(message.sender for message in self.view.messages[-50:]),
        ]
