"""The full-screen client: what happens is shown, what the user does is done off the event loop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar, get_args

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.events import Resize
from textual.widgets import OptionList

from messenger.console.login import NoLogin, log_in
from messenger.console.preferences import changed
from messenger.console.screen import finders, outside
from messenger.console.screen.bell import Bell
from messenger.console.screen.colours import palette_of, theme_name
from messenger.console.screen.composer import Composer
from messenger.console.screen.conversations import ConversationList
from messenger.console.screen.dialogs import Ask, Choose, Help
from messenger.console.screen.history import PAGE, History
from messenger.console.screen.keys import bindings, key_lines
from messenger.console.screen.layout import LINK
from messenger.console.screen.members import MemberList
from messenger.console.screen.messages import MessageView
from messenger.console.screen.status import StatusLine, TitleLine
from messenger.console.screen.talk import AskingKeys, Happened, ScreenTalk, Wanted
from messenger.console.screen.typing import Typing
from messenger.console.table import COMMANDS
from messenger.console.talk import explain
from messenger.jim.errors import ProtocolError
from messenger.jim.events import TypingNotice
from messenger.jim.names import EVERYONE
from messenger.language import _
from messenger.sdk.client import Client
from messenger.sdk.errors import StoreUnusable
from messenger.sdk.events import (
    CoreEvent,
    MessageChanged,
    MessageOpened,
    MessageReceived,
    StateChanged,
)
from messenger.sdk.profiles import Profile
from messenger.sdk.store import StoredMessage

_NARROW = 70
_PATIENCE = 0.3


class MessengerApp(App[int]):
    """Conversations on the left, messages and the line to write in on the right."""

    CSS_PATH = "messenger.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(), Binding("escape", "write", show=False)]
    ENABLE_COMMAND_PALETTE = False

    def __init__(
        self, client: Client, profile: Profile, *, to: str = EVERYONE, password: str | None = None
    ) -> None:
        super().__init__()
        self.client = client
        self.view = MessageView(client.core.credentials.name)
        self.list = ConversationList()
        self._keys = AskingKeys(self, self.note, password)
        self.talk = ScreenTalk(client, profile, self, self, self._keys, to)
        self._title = TitleLine()
        self._status = StatusLine(client.core, encrypts=client.trust.encrypts)
        self._members = MemberList(client)
        self._history = History(client)
        self._typing = Typing()
        self._pen = ThreadPoolExecutor(1, thread_name_prefix="pen")
        self._list_is_old = False
        self._bell = Bell(self, self.talk)

    # --- life ----------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """Make the screen."""
        with Horizontal():
            yield self.list
            with Vertical(id="talk"):
                yield self._title
                yield self.view
                yield Composer(self._names, _("Write a message, or /help"))
            yield self._members
        yield self._status

    async def on_mount(self) -> None:
        """Show what is here, then connect."""
        self.apply_preferences()
        self.set_class(self.size.width < _NARROW, "narrow")
        self.query_one(Composer).focus()
        await self.go_to(self.talk.current)
        for event in get_args(CoreEvent):
            self.client.on(event)(lambda found: self.post_message(Happened(found)))
        self.client.start()
        self._in_thread(self._log_in)
        self.set_interval(0.2, self._refresh_list)
        self.set_interval(1, self._show_status)

    def _handle_exception(self, error: Exception) -> None:
        """Say it where the local database cannot be read or written, and go on."""
        if isinstance(error, StoreUnusable):
            self.note(str(error))
        else:
            super()._handle_exception(error)

    def on_unmount(self) -> None:
        """Let what was written reach the database; nobody answers questions any more."""
        self._keys.give_up()
        self._pen.shutdown()

    def on_resize(self, event: Resize) -> None:
        """Hide the list where there is no room."""
        self.set_class(event.size.width < _NARROW, "narrow")

    def _log_in(self) -> None:
        try:
            # Without a server this goes on until the screen is left.
            while not log_in(self.client, self._keys, self.talk.show, _PATIENCE):
                if not self.is_running:
                    return
        except NoLogin as error:
            self.talk.show(f"{error} {_('/quit leaves; what is kept here can be read.')}")

    # --- what happens --------------------------------------------------------------------------

    async def on_happened(self, message: Happened) -> None:
        """Show what the client tells."""
        event = message.event
        self._list_is_old = True
        if isinstance(event, MessageReceived):
            self._typing.end(event.message.conversation)
            if event.message.conversation == self.talk.current:
                self.view.add(event.message)
                self._in_thread(self.client.mark_read, event.message.conversation)
            if event.message.sender != self.talk.me:
                self._bell.announce(event.message, self.list.rows.get(event.message.conversation))
        elif isinstance(event, MessageChanged | MessageOpened):
            self.view.change(event.message)
        elif isinstance(event, TypingNotice):
            self._typing.take(event)
        elif isinstance(event, StateChanged):
            self._status.take(event)
            if text := self.talk.explain_state(event):
                self.note(text)
        elif text := explain(event):
            self.note(text)
        self._show_status()

    async def on_wanted(self, message: Wanted) -> None:
        """Do what a command wants."""
        result = message.do()
        if asyncio.iscoroutine(result):
            await result

    # --- what the user and commands do ---------------------------------------------------------

    def note(self, text: str) -> None:
        """Show a line of the program's own."""
        self.view.note(text)

    def show_help(self, usages: list[str]) -> None:
        """Show how commands are written, and what the keys do."""
        self.push_screen(Help(usages, key_lines()))

    def apply_preferences(self) -> None:
        """Look as the user wants it to."""
        self.theme = theme_name(self.talk.preferences.theme)
        palette = palette_of(self.theme)
        self.list.palette = palette
        self.view.recolour(palette)
        self._list_is_old = True

    async def go_to(self, name: str) -> None:
        """Open a conversation."""
        self.talk.current = name = EVERYONE if name == "#" else name
        row, page = await self._history.open(name)
        if self.talk.current != name:
            return
        self.view.open(page, row.read if row is not None and row.unread else None)
        self._title.show(name, row)
        self.remove_class("list")
        self._list_is_old = True
        self._in_thread(self.client.mark_read, name)
        self._show_status()
        if len(page) < PAGE:
            await self.load_older()

    async def written(self, message: StoredMessage) -> None:
        """Show a message of one's own."""
        self._list_is_old = True
        if message.conversation == self.talk.current:
            self.view.add(message)
            self.view.to_end()

    async def on_composer_sent(self, message: Composer.Sent) -> None:
        """Send a text, or run a command."""
        text = message.text
        if text.startswith("/") and not text.startswith("//"):
            self._in_thread(self._run_command, text)
            return
        text = text.removeprefix("/") if text.startswith("//") else text
        current = self.talk.current
        loop = asyncio.get_running_loop()
        try:
            # One after another: what was written first goes out first.
            sent = await loop.run_in_executor(self._pen, self.client.send_text, current, text)
        except (StoreUnusable, ProtocolError) as error:
            self.query_one(Composer).text = message.text
            self.note(str(error))
        else:
            await self.written(sent)

    def on_composer_typed(self) -> None:
        """Tell the other side, but not with every key."""
        self._pen.submit(self.talk.typed)

    def _run_command(self, line: str) -> None:
        self.talk.take(line)
        if self.talk.leaving:
            self.call_from_thread(self.exit, 0)

    async def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A conversation or a member was chosen."""
        if event.option_list.id in ("conversations", "members") and event.option.id:
            await self.go_to(event.option.id)
            self.query_one(Composer).focus()

    async def on_message_view_older_wanted(self) -> None:
        """The user has scrolled to the oldest message that is loaded."""
        await self.load_older()

    async def load_older(self) -> None:
        """Show what came before."""
        name = self.talk.current
        before = self.view.messages[0] if self.view.messages else None
        older = await self._history.older(name, before)
        if self.talk.current == name:
            known = {message.id for message in self.view.messages}
            page = [message for message in older.page if message.id not in known]
            self.view.add_older(page, is_start=older.is_start)

    # --- keys ----------------------------------------------------------------------------------

    def action_switch(self) -> None:
        """Go to a conversation by its name."""
        find = finders.conversations(lambda: self.list.names, self.client.store)
        self.push_screen(Choose(_("Go to"), find), self._go)

    def action_search(self, here: bool) -> None:
        """Search in this conversation or everywhere."""
        where = self.talk.current if here else None
        find = finders.messages(self.client.store, where, self.talk.me)
        self.push_screen(Choose(_("Search"), find), self._go_to_found)

    async def action_neighbour(self, step: int) -> None:
        """Go to the conversation above or below."""
        await self.go_to(self.list.neighbour(self.talk.current, step))

    async def action_next_unread(self) -> None:
        """Go to the next conversation with something unread."""
        if name := self.list.next_unread(self.talk.current):
            await self.go_to(name)

    async def action_go(self, index: int) -> None:
        """Go to a conversation by its place in the list."""
        if index < len(self.list.names):
            await self.go_to(self.list.names[index])

    def action_new_chat(self) -> None:
        """Write to somebody."""
        self.push_screen(Ask(_("Write to whom?")), self._go)

    def action_new_room(self) -> None:
        """Join or make a room."""

        def join(room: str | None) -> None:
            if room:
                self._in_thread(self._run_command, f"/join {room}")

        self.push_screen(Ask(_("Which room?")), join)

    def action_toggle_list(self) -> None:
        """Show or hide the list."""
        if self.has_class("narrow"):
            self.toggle_class("list")
        else:
            self.list.display = not self.list.display

    def action_members(self) -> None:
        """Show or hide the members."""
        self.toggle_class("members")
        if self.has_class("members"):
            self._members.load(self.talk.current, self.talk.show)

    def action_walk(self) -> None:
        """Go to the next panel."""
        self.screen.focus_next()

    def action_write(self) -> None:
        """Go back to the line to write in."""
        self.remove_class("list")
        self.query_one(Composer).focus()

    def action_page(self, step: int) -> None:
        """Scroll the messages."""
        self.view.page(step)

    def action_help(self) -> None:
        """Show the commands and keys."""
        self.show_help([entry.usage for entry in COMMANDS.values()])

    def action_settings(self) -> None:
        """Let the user choose how they like it."""
        preferences = self.talk.preferences

        def choose(chosen: str | None) -> None:
            if chosen:
                name, _space, value = chosen.partition(" ")
                self._in_thread(self.talk.prefer, changed(preferences, name, value))

        self.push_screen(Choose(_("Settings"), finders.preferences(preferences)), choose)

    def action_copy(self) -> None:
        """Copy the newest message."""
        if self.view.messages:
            self.copy_to_clipboard(self.view.messages[-1].text)
            self.notify(_("Copied"))

    def action_open_link(self) -> None:
        """Open the newest link in the browser."""
        for message in reversed(self.view.messages):
            if links := LINK.findall(message.text):
                self.open_url(links[-1])
                return
        self.notify(_("There is no link here"))

    def action_edit(self) -> None:
        """Write in an editor."""
        composer = self.query_one(Composer)
        try:
            with self.suspend():
                composer.text = outside.edit(composer.text)
        except OSError as error:
            self.note(_("The editor does not start ({reason}): set $EDITOR", reason=error.strerror))
        composer.move_cursor(composer.document.end)

    # --- parts ---------------------------------------------------------------------------------

    def _in_thread(self, work: Callable[..., Any], *arguments: Any) -> None:
        def guarded() -> None:
            try:
                work(*arguments)
            except StoreUnusable as error:
                self.talk.show(str(error))

        self.run_worker(guarded, thread=True)

    async def _go(self, name: str | None) -> None:
        if name:
            await self.go_to(name)

    async def _go_to_found(self, key: str | None) -> None:
        """Open the conversation of a message that was found, so far back that it is seen."""
        if not key:
            return
        ident, _space, name = key.partition(" ")
        await self.go_to(name)
        while not any(message.id == int(ident) for message in self.view.messages):
            count = len(self.view.messages)
            await self.load_older()
            if len(self.view.messages) == count:
                return
        self.view.show_message(int(ident))

    async def _refresh_list(self) -> None:
        if self._list_is_old:
            self._list_is_old = False
            rows = await asyncio.to_thread(self.client.store.conversations)
            self.view.trust(await asyncio.to_thread(self.client.store.trusts))
            self.list.show(rows, self.talk.current, self._typing.where())
            self._title.show(self.talk.current, self.list.rows.get(self.talk.current))
            self._show_status()

    def _names(self) -> list[str]:
        return [*self.list.names, *(message.sender for message in self.view.messages[-50:])]

    def _show_status(self) -> None:
        self._list_is_old |= self._typing.forget()
        others = sum(row.unread for row in self.list.rows.values() if row.name != self.talk.current)
        if self._status.is_mounted:
            self._status.show(others, self._typing.who(self.talk.current))
