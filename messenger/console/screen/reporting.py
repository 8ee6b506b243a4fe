"""What the client's events change on the screen: messages, notes, counts, the status line."""

import asyncio

from messenger.console.advice import advice
from messenger.console.notice_lines import explain
from messenger.console.screen.bell import Bell
from messenger.console.screen.controller import Happened, Wanted
from messenger.console.screen.conversing import Conversing
from messenger.console.screen.presence import OnlineCount
from messenger.console.screen.status import StatusLine
from messenger.console.screen.threads import off_loop
from messenger.jim.names import EVERYONE
from messenger.sdk.client import Client
from messenger.sdk.events import (
    ApprovalChanged,
    BlocksChanged,
    ConnectionState,
    CoreEvent,
    DeviceAppeared,
    DeviceApproved,
    MembersChanged,
    MessageChanged,
    MessageDecrypted,
    MessageReceived,
    StateChanged,
    SummariesChanged,
    TrustDecided,
    VerificationChanged,
)
from messenger.sdk.key_states import VerificationState
from messenger.sdk.profiles import Profile
from messenger.sdk.results import ContactChanged, RoomChanged
from messenger.sdk.store import MessageState
from messenger.ui.closed_rooms import ClosedRooms

_ELSEWHERE = ("joined", "left", "topic", "history")
"""Changes of a room that are not shown while it is not open."""
_OUTDATES: dict[type, str] = {
    VerificationChanged: "/verify",
    TrustDecided: "/verify",
    DeviceAppeared: "/devices",
    DeviceApproved: "/devices",
    ApprovalChanged: "/devices",
}
"""Commands whose output is outdated after an event."""


class Reporting(Conversing):
    """A screen that shows the client's events, which its threads post as messages of Textual."""

    def __init__(
        self, client: Client, profile: Profile, *, to: str = EVERYONE, password: str | None = None
    ) -> None:
        super().__init__(client, profile, to=to, password=password)
        self.status = StatusLine(client)
        self.closed_rooms = ClosedRooms(client.store)
        self._online = OnlineCount(client)
        self._bell = Bell(self, self.controller)

    async def on_happened(self, message: Happened) -> None:
        """Show events of the client."""
        for event in message.events:
            # One that fails must not hide the others.
            try:
                await self._show_event(event)
            except Exception as error:
                self._handle_exception(error)
        self.redraw_soon()

    async def _show_event(self, event: CoreEvent) -> None:
        if isinstance(event, SummariesChanged):
            self.take_summaries(event.summaries)
        if isinstance(event, RoomChanged | ContactChanged):
            self._online.take(event)
        if isinstance(event, MembersChanged | ContactChanged):
            self.members.look_again(self.controller.current)
        if isinstance(event, RoomChanged) and self.closed_rooms.take(event, self.controller.me):
            self.list.closed = self.closed_rooms.names
            await off_loop(self.closed_rooms.save)
        if isinstance(event, BlocksChanged):
            self.view.hide(frozenset(event.names))
        if isinstance(event, MessageReceived):
            self._take_message(event)
        elif isinstance(event, MessageChanged | MessageDecrypted):
            self._take_change(event)
        elif isinstance(event, StateChanged):
            await self._take_state(event)
        elif not self._is_elsewhere(event) and (text := explain(event, self.controller.me)):
            self._close_outdated(event)
            self.note(text)

    def _take_message(self, event: MessageReceived) -> None:
        message = event.message
        if message.conversation == self.controller.current:
            self.view.add(message)
            self.in_thread(self.client.mark_read, message.conversation)
        if message.sender != self.controller.me:
            self._bell.announce(message, self.conversations.rows.get(message.conversation))

    def _take_change(self, event: MessageChanged | MessageDecrypted) -> None:
        message = event.message
        self.view.change(message)
        is_here = message.conversation == self.controller.current
        if isinstance(event, MessageChanged) and message.state is MessageState.FAILED:
            if not is_here:
                self.note(self.controller.explain_failure(event))
            elif said := advice(event.error):
                self.note(said)

    def _close_outdated(self, event: object) -> None:
        """Close the output of a command that an event has outdated."""
        if (
            isinstance(event, VerificationChanged)
            and event.verification.state is VerificationState.REQUEST_RECEIVED
        ):
            return  # The number may be what the user compares instead.
        output = self.view.output
        if output is not None and output.command.split()[0] == _OUTDATES.get(type(event)):
            self.close_output()

    async def _take_state(self, event: StateChanged) -> None:
        self.status.take(event)
        if event.state is ConnectionState.ONLINE:
            self._online.forget()
            # Offline it was not known whether there are older messages.
            if not self.view.messages:
                await self.load_older()
        if text := self.controller.explain_state(event):
            self.note(text)

    def _is_elsewhere(self, event: object) -> bool:
        """Return whether an event concerns another room only, which shows it when opened."""
        return (
            isinstance(event, RoomChanged)
            and event.room != self.controller.current
            and event.change in _ELSEWHERE
        )

    async def on_wanted(self, message: Wanted) -> None:
        """Do on the screen's thread what a command needs."""
        result = message.do()
        if asyncio.iscoroutine(result):
            await result

    def show_status(self) -> None:
        """Show the connection, the user and the open conversation as they are now."""
        self._online.refresh(self, self.controller.current)
        if self.status.is_mounted:
            here = self.controller.current
            writers = self.client.people.typing.in_conversation(here)
            writer = writers[0] if writers else None
            self.status.show(self.conversations.unread, self._online.count, writer)
