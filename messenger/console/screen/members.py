"""The panel of a room's members."""

from collections.abc import Callable

from textual.widgets import OptionList
from textual.widgets.option_list import Option

from messenger.console.lines import person_line
from messenger.jim.errors import ProtocolError
from messenger.jim.names import EVERYONE, is_room
from messenger.jim.replies import Person
from messenger.jim.requests import Members
from messenger.sdk.client import Client
from messenger.sdk.errors import LinkLost, NotOnline


class MemberList(OptionList):
    """Who is in the open room, or in the common chat; the id of a row is the name."""

    def __init__(self, client: Client) -> None:
        super().__init__(id="members", markup=False)
        self._client = client

    def load(self, conversation: str, complain: Callable[[str], None]) -> None:
        """Ask the server, in a thread of its own."""
        room = conversation if is_room(conversation) else EVERYONE
        self.run_worker(lambda: self._ask(room, complain), thread=True, exclusive=True)

    def _ask(self, room: str, complain: Callable[[str], None]) -> None:
        try:
            people = self._client.ask(Members(room=room)).people
        except (ProtocolError, NotOnline, LinkLost) as error:
            complain(str(error))
        else:
            self.app.call_from_thread(self._show, people)

    def _show(self, people: list[Person]) -> None:
        self.clear_options()
        trust_of = self._client.keys.trust_of
        self.add_options(
            [
                Option(person_line(one, trust_of(one.account_name)), id=one.account_name)
                for one in people
            ]
        )
