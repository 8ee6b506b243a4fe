"""The full-screen client: what happens is shown, what the user does is done off the event loop."""

import asyncio
import os
import re
import shlex
import subprocess
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, ClassVar

from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from messenger.console.commands import COMMANDS
from messenger.console.lines import message_line, person_line, visible
from messenger.console.login import Keys, NoLogin, log_in
from messenger.console.screen.composer import Composer
from messenger.console.screen.conversations import ConversationList
from messenger.console.screen.dialogs import Ask, Choose
from messenger.console.screen.keys import KEYS, bindings
from messenger.console.screen.messages import MessageView
from messenger.console.talk import Talk, explain, state_name
from messenger.jim.errors import ProtocolError
from messenger.jim.events import ContactChanged, RoomChanged, TypingNotice
from messenger.jim.names import EVERYONE
from messenger.jim.requests import Members
from messenger.language import _, ngettext
from messenger.sdk.client import Client
from messenger.sdk.errors import NotOnline
from messenger.sdk.events import (
    ContactsChanged,
    ConversationChanged,
    LinkState,
    MessageChanged,
    MessageReceived,
    StateChanged,
)

_PAGE = 100
_NARROW = 70
_TYPING_SHOWN = 6.0
_LINK = re.compile(r"https?://[^\s<>\"]+")
_EVENTS = (
    MessageReceived, MessageChanged, StateChanged, ConversationChanged, ContactsChanged,
    ContactChanged, RoomChanged, TypingNotice,
)  # fmt: skip


class Happened(Message):
    """The client tells of something, from one of its threads."""

    def __init__(self, event: Any) -> None:
        super().__init__()
        self.event = event


class Wanted(Message):
    """A command, which runs in a thread of its own, wants something of the screen."""

    def __init__(self, do: Callable[[], Any]) -> None:
        super().__init__()
        self.do = do


class ScreenTalk(Talk):
    """What commands see of the screen; they run in threads of their own."""

    def __init__(self, client: Client, app: "MessengerApp", to: str) -> None:
        super().__init__(client, AskingKeys(app), to=to)
        self._app = app

    def show(self, text: str) -> None:
        """Show a line of the program's own."""
        self._app.post_message(Wanted(lambda: self._app.view.note(text)))

    def open(self, name: str) -> None:
        """Open a conversation."""
        self._app.post_message(Wanted(lambda: self._app.go_to(name)))

    def wrote(self, message: Any) -> None:
        """Show a message that was written."""
        self._app.post_message(Wanted(lambda: self._app.written(message)))

    def show_history(self, count: int) -> None:  # noqa: ARG002  it scrolls instead
        """Show what came before."""
        self._app.post_message(Wanted(self._app.load_older))


class AskingKeys(Keys):
    """Asks for passwords and the like in dialogs."""

    def __init__(self, app: "MessengerApp", password: str | None = None) -> None:
        super().__init__(may_ask=True, password=password)
        self._app = app

    def name(self, suggestion: str) -> str:
        """Return the name that the user wants."""
        return self._app.ask(_("Name [{suggestion}]: ", suggestion=suggestion)) or suggestion

    def password(self, prompt: str) -> str:
        """Return the password, without showing it."""
        answer = self._app.ask(prompt, secret=True)
        if answer is None:
            raise NoLogin(_("Not logged in."))
        return answer

    def agrees(self, question: str) -> bool:
        """Ask a question that is answered with yes or no."""
        answer = (self._app.ask(f"{question} [y/N]") or "").strip().casefold()
        return answer in ("y", "yes", _("y"), _("yes"))

    def complain(self, text: str) -> None:
        """Say something before the next question."""
        self._app.post_message(Wanted(lambda: self._app.view.note(text)))


class MessengerApp(App[int]):
    """Conversations on the left, messages and the line to write in on the right."""

    CSS = """
    #status { height: 1; background: $panel; color: $text; padding: 0 1; }
    #title { height: 1; background: $panel; color: $text; padding: 0 1; text-style: bold; }
    #members, #members:focus {
        width: 26; height: 1fr; padding: 0; border: none; border-left: solid $panel; display: none;
    }
    .narrow #conversations { display: none; }
    .narrow.list #conversations { display: block; width: 1fr; }
    .members #members { display: block; }
    Ask, Choose { align: center middle; }
    Ask Vertical, Choose Vertical {
        width: 64; max-width: 95%; height: auto; border: round $accent; background: $surface;
        padding: 0 1;
    }
    Ask Input, Choose Input, Ask Input:focus, Choose Input:focus {
        border: none; height: 1; padding: 0; background: $boost;
    }
    Choose OptionList, Choose OptionList:focus { border: none; height: auto; max-height: 12; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings()]
    ENABLE_COMMAND_PALETTE = False

    def __init__(
        self,
        client: Client,
        *,
        to: str = EVERYONE,
        password: str | None = None,
        password_changed: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__()
        self.client = client
        self.talk = ScreenTalk(client, self, to)
        self.talk.keys = AskingKeys(self, password)
        self.talk.password_changed = password_changed
        self.view = MessageView(client.core.credentials.name)
        self.list = ConversationList()
        self._title = Static(id="title", markup=False)
        self._status = Static(id="status", markup=False)
        self._typing: dict[str, tuple[str, float]] = {}
        self._said_typing = 0.0
        self._pen = ThreadPoolExecutor(1, thread_name_prefix="pen")
        self._list_is_old = False

    # --- life ----------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """Make the screen."""
        with Horizontal():
            yield self.list
            with Vertical():
                yield self._title
                yield self.view
                yield Composer(self._names, _("Write a message, or /help"))
            yield OptionList(id="members", markup=False)
        yield self._status

    async def on_mount(self) -> None:
        """Show what is here, then connect."""
        self.set_class(self.size.width < _NARROW, "narrow")
        self.query_one(Composer).focus()
        await self.go_to(self.talk.current)
        for event in _EVENTS:
            self.client.on(event)(lambda found: self.post_message(Happened(found)))
        self.client.start()
        self.run_worker(self._log_in, thread=True)
        self.set_interval(0.2, self._refresh_list)
        self.set_interval(1, self._show_status)

    def on_unmount(self) -> None:
        """Let what was written reach the database."""
        self._pen.shutdown()

    def on_resize(self) -> None:
        """Hide the list where there is no room."""
        self.set_class(self.size.width < _NARROW, "narrow")

    def _log_in(self) -> None:
        try:
            log_in(self.client, self.talk.keys, self.talk.show, None)
        except NoLogin as error:
            self.talk.show(f"{error} {_('/quit leaves; what is kept here can be read.')}")

    # --- what happens --------------------------------------------------------------------------

    async def on_happened(self, message: Happened) -> None:
        """Show what the client tells."""
        event = message.event
        if isinstance(event, MessageReceived):
            self._typing.pop(event.message.conversation, None)
            self._list_is_old = True
            if event.message.conversation == self.talk.current:
                self.view.add(event.message)
                self._in_thread(self.client.mark_read, event.message.conversation)
            elif event.message.sender != self.talk.me:
                self._ring(event.message.conversation)
        elif isinstance(event, MessageChanged):
            self.view.change(event.message)
        elif isinstance(event, TypingNotice):
            self._notice_typing(event)
        elif isinstance(event, ConversationChanged | ContactsChanged):
            self._list_is_old = True
        elif text := explain(event):
            self.view.note(text)
        self._show_status()

    async def on_wanted(self, message: Wanted) -> None:
        """Do what a command wants."""
        result = message.do()
        if asyncio.iscoroutine(result):
            await result

    def _ring(self, conversation: str) -> None:
        row = self.list.rows.get(conversation)
        if row is None or not row.muted:
            self.bell()

    def _notice_typing(self, event: TypingNotice) -> None:
        if event.stopped:
            self._typing.pop(event.conversation, None)
        else:
            self._typing[event.conversation] = (event.from_, time.monotonic())

    # --- what the user does --------------------------------------------------------------------

    async def go_to(self, name: str) -> None:
        """Open a conversation."""
        store = self.client.store
        self.talk.current = name = EVERYONE if name == "#" else name
        row = await asyncio.to_thread(store.conversation, name)
        count = max(_PAGE, (row.unread if row else 0) + 20)
        page = await asyncio.to_thread(store.page, name, limit=count)
        if self.talk.current != name:
            return
        self.view.open(page, row.read if row is not None and row.unread else None)
        topic = f" - {visible(row.topic)}" if row is not None and row.topic else ""
        self._title.update(visible(name) + topic)
        self.remove_class("list")
        self._list_is_old = True
        self._in_thread(self.client.mark_read, name)
        self._show_status()
        if len(page) < _PAGE:
            await self.load_older()

    async def written(self, message: Any) -> None:
        """Show a message of one's own."""
        self._list_is_old = True
        if message.conversation == self.talk.current:
            self.view.add(message)
            self.view.to_end()

    async def on_composer_sent(self, message: Composer.Sent) -> None:
        """Send a text, or run a command."""
        text = message.text
        if text.startswith("/") and not text.startswith("//"):
            self.run_worker(lambda: self._run_command(text), thread=True)
            return
        text = text.removeprefix("/") if text.startswith("//") else text
        current = self.talk.current
        loop = asyncio.get_running_loop()
        # One after another: what was written first goes out first.
        sent = await loop.run_in_executor(self._pen, self.client.send_text, current, text)
        await self.written(sent)

    def on_composer_typed(self) -> None:
        """Tell the other side, but not with every key."""
        self.talk.typed()

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
        """Load a page from the local database, or else from the server."""
        name, store = self.talk.current, self.client.store
        before = self.view.messages[0] if self.view.messages else None
        page = await asyncio.to_thread(store.page, name, before=before, limit=_PAGE)
        if not page and self.client.core.state is LinkState.ONLINE:
            loop = asyncio.get_running_loop()
            fetched: asyncio.Future[int] = loop.create_future()

            def done(count: int) -> None:
                loop.call_soon_threadsafe(_set, fetched, count)

            await asyncio.to_thread(self.client.fetch_older, name, done)
            await fetched
            page = await asyncio.to_thread(store.page, name, before=before, limit=_PAGE)
        row = await asyncio.to_thread(store.conversation, name)
        if self.talk.current == name:
            known = {message.id for message in self.view.messages}
            older = [message for message in page if message.id not in known]
            is_start = not page and (row is None or row.first <= 1)
            self.view.add_older(older, is_start=is_start)

    # --- keys ----------------------------------------------------------------------------------

    def action_switch(self) -> None:
        """Go to a conversation by its name."""

        def find(words: str) -> list[tuple[str, str]]:
            names = dict.fromkeys([*self.list.names, *self.client.store.contacts()])
            return [(name, visible(name)) for name in names if words.casefold() in name.casefold()]

        self.push_screen(Choose(_("Go to"), find), self._go)

    def action_search(self, here: bool) -> None:
        """Search in this conversation or everywhere."""
        store, where = self.client.store, self.talk.current if here else None

        def find(words: str) -> list[tuple[str, str]]:
            if not words.strip():
                return []
            found = store.search(words, conversation=where, limit=50)
            return [
                (f"{message.id} {message.conversation}", message_line(message, self.talk.me))
                for message in found
            ]

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
                self.run_worker(lambda: self._run_command(f"/join {room}"), thread=True)

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
            self.run_worker(self._load_members, thread=True, exclusive=True, group="members")

    def action_walk(self) -> None:
        """Go to the next panel."""
        self.screen.focus_next()

    def action_page(self, step: int) -> None:
        """Scroll the messages."""
        self.view.page(step)

    def action_help(self) -> None:
        """Show the commands and keys."""
        commands = [f"  {entry.usage}" for entry in COMMANDS.values()]
        keys = [f"  {key.key} - {_(key.summary)}" for key in KEYS]
        self.view.note("\n".join([*commands, *keys]))

    def action_copy(self) -> None:
        """Copy the newest message."""
        if self.view.messages:
            self.copy_to_clipboard(self.view.messages[-1].text)
            self.notify(_("Copied"))

    def action_open_link(self) -> None:
        """Open the newest link in the browser."""
        for message in reversed(self.view.messages):
            if links := _LINK.findall(message.text):
                self.open_url(links[-1])
                return
        self.notify(_("There is no link here"))

    def action_edit(self) -> None:
        """Write in an editor."""
        composer = self.query_one(Composer)
        editor = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
        with tempfile.NamedTemporaryFile("w+", suffix=".txt", encoding="utf-8") as file:
            file.write(composer.text)
            file.flush()
            with self.suspend():
                subprocess.run([*editor, file.name], check=False)  # noqa: S603  the user's own
            text = Path(file.name).read_text("utf-8")
        composer.text = text.rstrip("\n")
        composer.move_cursor(composer.document.end)

    # --- asking, from threads of commands ------------------------------------------------------

    def ask(self, prompt: str, *, secret: bool = False) -> str | None:
        """Ask in a dialog and wait for the answer; not for the thread of the screen."""
        answer: Future[str | None] = Future()
        self.post_message(
            Wanted(lambda: self.push_screen(Ask(prompt, secret=secret), answer.set_result))
        )
        return answer.result()

    # --- parts ---------------------------------------------------------------------------------

    def _in_thread(self, work: Callable[..., Any], *arguments: Any) -> None:
        self.run_worker(lambda: work(*arguments), thread=True)

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

    def _load_members(self) -> None:
        room = self.talk.current if self.talk.current.startswith("#") else EVERYONE
        try:
            people = self.client.ask(Members(room=room)).people
        except (ProtocolError, NotOnline) as error:
            self.talk.show(str(error))
            return
        self.call_from_thread(self._show_members, people)

    def _show_members(self, people: list[Any]) -> None:
        panel = self.query_one("#members", OptionList)
        panel.clear_options()
        panel.add_options(
            [Option(person_line(person), id=person.account_name) for person in people]
        )

    async def _refresh_list(self) -> None:
        if self._list_is_old:
            self._list_is_old = False
            rows = await asyncio.to_thread(self.client.store.conversations)
            self.list.show(rows, self.talk.current)
            self._show_status()

    def _names(self) -> list[str]:
        return [*self.list.names, *(message.sender for message in self.view.messages[-50:])]

    def _show_status(self) -> None:
        core = self.client.core
        parts = [state_name(core.state), visible(self.talk.me)]
        if core.is_guest:
            parts[-1] += " " + _("(guest)")
        others = sum(row.unread for row in self.list.rows.values() if row.name != self.talk.current)
        if others:
            parts.append(ngettext("{count} unread", "{count} unread", others))
        typing = self._typing.get(self.talk.current)
        if typing and time.monotonic() - typing[1] < _TYPING_SHOWN:
            parts.append(_("{name} is writing", name=visible(typing[0])))
        parts.append(time.strftime("%H:%M"))
        if self._status.is_mounted:
            self._status.update(" · ".join(parts))


def _set(future: asyncio.Future[int], count: int) -> None:
    if not future.done():
        future.set_result(count)
