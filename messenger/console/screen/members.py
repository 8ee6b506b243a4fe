"""The panel of members of a conversation."""

from rich.text import Text
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from messenger.console.screen.colours import DARK, Palette
from messenger.console.screen.guarded import Guarded
from messenger.console.screen.threads import off_loop
from messenger.language import _
from messenger.output import visible
from messenger.sdk.client import Client
from messenger.sdk.results import Person
from messenger.sdk.store import IdentityTrust
from messenger.ui.people import in_order, people_in
from messenger.ui.wording import trust_mark

_DOTS = {"online": "●", "away": "◐", "offline": "○"}


class MemberList(Guarded, OptionList):
    """Members of the open conversation, online ones first; the id of a row is the name."""

    def __init__(self, client: Client) -> None:
        super().__init__(id="members", markup=False)
        self.palette: Palette = DARK
        self._client = client
        self._people: list[Person] = []
        self._trusts: dict[str, IdentityTrust] = {}

    def load(self, conversation: str) -> None:
        """Ask the server for the members and show them; cancels an earlier call."""
        self.run_worker(self._load(conversation), exclusive=True)

    async def _load(self, conversation: str) -> None:
        self._people = []  # `show` draws all rows anew: the trust in somebody may have changed
        people, self._trusts = await off_loop(self._ask, conversation)
        self.show(people)

    def look_again(self, conversation: str) -> None:
        """Show the members that the client knows, if the panel is open."""
        people = self._client.people.members(conversation)
        if people is not None and self.display:
            self.show(people)

    def show(self, people: list[Person]) -> None:
        """Show these; nothing is redrawn if they are shown already."""
        people = in_order(people)
        if people == self._people:
            return
        self._people = people
        self.border_title = _("Members ({count})", count=len(people))
        self._show()

    def on_resize(self) -> None:
        """Truncate names to the width: the reply may arrive before the panel has one."""
        self._show()

    def _show(self) -> None:
        chosen = self.highlighted_option
        self.clear_options()
        self.add_options(
            [
                Option(self._row(one, self._trusts.get(one.account_name)), id=one.account_name)
                for one in self._people
            ]
        )
        if chosen is not None and any(one.account_name == chosen.id for one in self._people):
            self.highlighted = self.get_option_index(str(chosen.id))

    def _ask(self, conversation: str) -> tuple[list[Person], dict[str, IdentityTrust]]:
        trusts = self._client.store.trusts()
        return people_in(self._client, conversation), trusts

    def _row(self, person: Person, trust: IdentityTrust | None) -> Text:
        style = {"online": self.palette.encrypted, "away": self.palette.open}.get(
            person.state, "dim"
        )
        notes = " " + _("(guest)") if person.guest else trust_mark(trust or IdentityTrust.UNKNOWN)
        notes += " ★" if person.creator else ""
        room = max(8, self.scrollable_content_region.width - 4)
        name = Text(visible(person.account_name), no_wrap=True).append(notes, "dim")
        if person.status:
            name.append("  " + visible(person.status), "dim")
        name.truncate(room, overflow="ellipsis")
        return Text(no_wrap=True).append(_DOTS[person.state] + " ", style).append_text(name)
