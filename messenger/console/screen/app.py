"""The full-screen client: it starts, logs in off the event loop, and does what the keys say."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Resize
from textual.widgets import OptionList

from messenger.console.advice import with_advice
from messenger.console.screen import external
from messenger.console.screen.controller import Happened
from messenger.console.screen.dialogs import Choose
from messenger.console.screen.driver import BACKGROUND_QUERY, BackgroundTold
from messenger.console.screen.layout import links_in
from messenger.console.screen.reporting import Reporting
from messenger.console.screen.settings import SettingsDialog
from messenger.console.screen.shortcuts import bindings
from messenger.console.screen.threads import off_loop
from messenger.language import _
from messenger.system_errors import reason_of
from messenger.ui import finders
from messenger.ui.errors import explain
from messenger.ui.login import log_in
from messenger.ui.prompts import Cancelled, NoLogin

_NARROW, _MEDIUM = 70, 100
"""Columns below which the list is hidden, or narrower."""
_PATIENCE = 0.3
"""Seconds between looks whether the screen has been left."""


class MessengerApp(Reporting):
    """The program at a terminal.

    Textual finds handlers by their names, so there is a method for each event and each key.
    """

    CSS_PATH = "messenger.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(), Binding("escape", "write", show=False)]
    ENABLE_COMMAND_PALETTE = False

    # --- start and end -------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """Make the screen."""
        yield from super().compose()
        yield self.status

    async def on_mount(self) -> None:
        """Show stored messages, then connect."""
        self.watch_for_the_end()
        self._ask_for_background()
        self.apply_preferences()
        self._fit(self.size.width)
        self.composer.focus()
        await off_loop(self.closed_rooms.load)
        self.list.closed = self.closed_rooms.names
        # Before the client starts: what changes then is later than these rows.
        self.take_summaries(await off_loop(self.client.summaries))
        await self.go_to(self.controller.current)
        self.client.on_batch(lambda events: self.post_message(Happened(events)))
        self.client.start()
        self.in_thread(self._log_in)
        # A program that is killed loses a second of a draft.
        self.set_interval(1, self._every_second)

    def on_unmount(self) -> None:
        """Cancel open prompts, and store what the user has written."""
        self.prompter.give_up()
        self.put_down_the_pen()

    def on_resize(self, event: Resize) -> None:
        """Make the list narrow on a narrow terminal, and hide it on a very narrow one."""
        self._fit(event.size.width)

    def _fit(self, width: int) -> None:
        self.set_class(width < _NARROW, "narrow")
        self.set_class(_NARROW <= width < _MEDIUM, "medium")

    def _ask_for_background(self) -> None:
        if self._driver is not None and not self.is_headless:
            self._driver.write(BACKGROUND_QUERY)

    def on_background_told(self, message: BackgroundTold) -> None:
        """The terminal has reported its background."""
        self.told_light = message.is_light
        self.apply_preferences()

    def _log_in(self) -> None:
        said = self.prompter.say
        try:
            # While the server cannot be reached, this goes on until the user leaves.
            while not log_in(self.client, self.prompter, said, _PATIENCE):
                if not self.is_running:
                    return
        except Cancelled:
            said(_("Not logged in."))
            said(_("/quit leaves; stored messages can be read."))
        except NoLogin as error:
            advised = with_advice(explain(error), error)
            said(f"{advised} {_('/quit leaves; stored messages can be read.')}")
        if left := self.prompter.left_to_say():
            self.controller.show(left)

    def _every_second(self) -> None:
        self.composer.keep_draft()
        self.show_status()

    # --- what the user does --------------------------------------------------------------------

    async def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A conversation or a member was selected."""
        if event.option_list.id in ("conversations", "members") and event.option.id:
            await self.go_to(event.option.id)
            self.composer.focus()

    def action_switch(self) -> None:
        """Go to a conversation by its name."""
        find = finders.conversations(lambda: self.conversations.names, self.client.store)
        self.open_dialog("switch", lambda: Choose(_("Go to"), find), self._go)

    def action_search(self, here: bool) -> None:
        """Search in this conversation or everywhere."""
        where = self.controller.current if here else None
        find = finders.MessageFinder(self.client.store, where, self.controller.me)
        prompt = _("Search in {name}", name=where) if where else _("Search everywhere")
        self.open_dialog(
            "search", lambda: Choose(prompt, find, _("words"), find.more), self._go_to_found
        )

    def action_new_chat(self) -> None:
        """Start a direct chat."""
        find = finders.people(lambda: self.conversations.names, self.client)
        self.open_dialog("new_chat", lambda: Choose(_("Write to whom?"), find, _("name")), self._go)

    def action_new_room(self) -> None:
        """Join or create a room."""

        def join(room: str | None) -> None:
            if room:
                self.in_thread(self.run_command, f"/join {room}", self.controller.current)

        find = finders.RoomFinder(lambda: self.conversations.names, self.client)
        self.open_dialog("new_room", lambda: Choose(_("Join which room?"), find, _("name")), join)

    def action_help(self) -> None:
        """Show the commands and keys."""
        self.open_help("keys")

    def action_settings(self) -> None:
        """Show the settings."""
        self.open_dialog("settings", lambda: SettingsDialog(self.controller.preferences))

    def on_settings_dialog_changed(self, message: SettingsDialog.Changed) -> None:
        """Store the changed settings."""
        self.in_thread(self.controller.prefer, message.preferences)

    async def action_neighbour(self, step: int) -> None:
        """Go to the conversation above or below."""
        await self.go_to(self.conversations.neighbour(self.controller.current, step))

    async def action_next_unread(self) -> None:
        """Go to the next conversation with unread messages."""
        if name := self.conversations.next_unread(self.controller.current):
            await self.go_to(name)

    async def action_go(self, index: int) -> None:
        """Go to a conversation by its position in the list."""
        if index < len(self.conversations.names):
            await self.go_to(self.conversations.names[index])

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
            self.members.load(self.controller.current)

    def action_walk(self) -> None:
        """Go to the next panel."""
        self.screen.focus_next()

    def action_write(self) -> None:
        """Close the output of a command, and focus the input field."""
        self.remove_class("list")
        self.close_output()
        self.view.end_unread()
        self.composer.focus()

    def action_page(self, step: int) -> None:
        """Scroll the messages."""
        self.view.page(step)

    def action_copy(self) -> None:
        """Copy the newest message."""
        if self.view.messages:
            self.copy_to_clipboard(self.view.messages[-1].text)
            self.notify(_("Copied"), markup=False)

    def action_open_link(self) -> None:
        """Open the newest link in the browser."""
        for message in reversed(self.view.messages):
            if links := links_in(message.text):
                self.open_url(links[-1])
                return
        self.notify(_("There is no link here"), markup=False)

    def action_edit(self) -> None:
        """Edit the text in the user's editor."""
        edited: str | Exception
        with self.suspend():
            # An exception here would leave Textual suspended.
            try:
                edited = external.edit(self.composer.text)
            except Exception as error:
                edited = error
        self._take_edited(edited)

    def _take_edited(self, edited: str | Exception) -> None:
        if isinstance(edited, str):
            self.composer.rewrite(edited)
        elif isinstance(edited, external.Ended):
            self.exit()
        elif isinstance(edited, OSError | ValueError):
            reason = reason_of(edited)
            self.note(_("The editor does not start ({reason}): set $EDITOR", reason=reason))
        else:
            raise edited

    # --- results of dialogs --------------------------------------------------------------------

    async def _go(self, name: str | None) -> None:
        if name:
            await self.go_to(name)

    async def _go_to_found(self, key: str | None) -> None:
        if key:
            message_id, _space, name = key.partition(" ")
            await self.go_to_message(int(message_id), name)
