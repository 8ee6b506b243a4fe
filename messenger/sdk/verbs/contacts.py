"""Other users: the contacts, who somebody is, who there is."""

from messenger.jim.contacts import AddContact, DelContact, GetContacts, Person, Search, Whois
from messenger.jim.errors import NotFound
from messenger.sdk.people import KnownPeople
from messenger.sdk.verbs.shell import Shell
from messenger.sdk.verbs.verb import ANSWER_TIMEOUT, verb


class ContactVerbs(Shell):
    """Verbs for other users; they raise as `ask` does."""

    @property
    def people(self) -> KnownPeople:
        """Contacts and members of rooms as they were told last, and who of them is online."""
        return self.core.people

    @verb
    async def contacts(self, timeout: float = ANSWER_TIMEOUT) -> list[Person]:
        """Return the contacts and their presence, by one request.

        At a plain server, which tells names only, nobody is known to be online.
        """
        await self._ask(GetContacts(user_login=self.core.credentials.name), timeout)
        return self.people.contacts()

    @verb
    async def add_contact(self, name: str, timeout: float = ANSWER_TIMEOUT) -> None:
        """Add somebody to the contacts: their presence is told from now on."""
        request = AddContact(user_id=name, user_login=self.core.credentials.name)
        await self._ask(request, timeout)

    @verb
    async def remove_contact(self, name: str, timeout: float = ANSWER_TIMEOUT) -> None:
        """Remove somebody from the contacts; raises NotFound for who is none."""
        request = DelContact(user_id=name, user_login=self.core.credentials.name)
        await self._ask(request, timeout)

    @verb
    async def whois(self, name: str, timeout: float = ANSWER_TIMEOUT) -> Person:
        """Return what is known of a user; raises NotFound."""
        people = (await self._ask(Whois(account_name=name), timeout)).people
        if not people:
            raise NotFound("There is no user {name}", name=name)
        return people[0]

    @verb
    async def search(self, start: str, timeout: float = ANSWER_TIMEOUT) -> list[Person]:
        """Return users whose names start so, as many as the server likes to list."""
        return (await self._ask(Search(prefix=start), timeout)).people
