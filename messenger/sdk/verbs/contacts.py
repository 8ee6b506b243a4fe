"""Verbs for other users: contacts, information about a user, search."""

from messenger.jim.contacts import AddContact, DelContact, GetContacts, Person, Search, Whois
from messenger.sdk.errors import UnknownUser
from messenger.sdk.people import KnownPeople
from messenger.sdk.verbs.shell import Shell
from messenger.sdk.verbs.verb import ANSWER_TIMEOUT, verb


class ContactVerbs(Shell):
    """Verbs for other users; they raise as `ask` does."""

    @property
    def people(self) -> KnownPeople:
        """Contacts, members of rooms and their presence as the server reported them last."""
        return self.core.people

    @verb
    async def contacts(self, timeout: float = ANSWER_TIMEOUT) -> list[Person]:
        """Return the contacts and their presence, by one request.

        With a plain server, which lists names only, all are shown as offline.
        """
        await self._ask(GetContacts(user_login=self.core.credentials.name), timeout)
        # The core has stored the answer there (`KnownPeople.told`).
        return self.people.contacts()

    @verb
    async def add_contact(self, name: str, timeout: float = ANSWER_TIMEOUT) -> None:
        """Add a user to the contacts: events report their presence from now on."""
        request = AddContact(user_id=name, user_login=self.core.credentials.name)
        await self._ask(request, timeout)

    @verb
    async def remove_contact(self, name: str, timeout: float = ANSWER_TIMEOUT) -> None:
        """Remove a user from the contacts; raises NotFound if they are not one."""
        request = DelContact(user_id=name, user_login=self.core.credentials.name)
        await self._ask(request, timeout)

    @verb
    async def whois(self, name: str, timeout: float = ANSWER_TIMEOUT) -> Person:
        """Return a user's presence and status; raises NotFound."""
        people = (await self._ask(Whois(account_name=name), timeout)).people
        if not people:
            raise UnknownUser(name)
        return people[0]

    @verb
    async def search(self, start: str, timeout: float = ANSWER_TIMEOUT) -> list[Person]:
        """Return users whose names start with `start`, at most as many as the server lists."""
        return (await self._ask(Search(prefix=start), timeout)).people
