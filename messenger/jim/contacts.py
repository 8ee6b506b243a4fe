"""People on the wire: contacts, search, presence of others."""

import ast
from typing import Literal

from msgspec import Struct, field

from messenger.jim.base import Event, Reply, Request
from messenger.jim.fields import Name


class Person(Struct, omit_defaults=True):
    """What one user may know of another; `last_seen` is unix time."""

    account_name: str
    guest: bool = False
    state: Literal["online", "away", "offline"] = "offline"
    status: str = ""
    last_seen: float | None = None


class People(Reply):
    """The answer to `search`, `members`, `whois` and, with `contacts`, to `get_contacts`."""

    people: list[Person] = field(default_factory=list)
    contacts: list[str] | None = None


def listed_in(alert: str | None) -> list[str]:
    """Return the names of a list that a plain server has written into a string."""
    try:
        found = ast.literal_eval(alert or "")
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return []
    return [name for name in found if isinstance(name, str)] if isinstance(found, list) else []


class GetContacts(Request[People], tag="get_contacts", kw_only=True):
    """List one's contacts."""

    answer = People
    user_login: str | None = None


class AddContact(Request[Reply], tag="add_contact", kw_only=True):
    """Add a contact."""

    user_id: Name
    user_login: str | None = None


class DelContact(Request[Reply], tag="del_contact", kw_only=True):
    """Remove a contact."""

    user_id: Name
    user_login: str | None = None


class Search(Request[People], tag="search", kw_only=True):
    """Find users by the start of a name."""

    answer = People
    prefix: Name


class Whois(Request[People], tag="whois", kw_only=True):
    """Ask about one user."""

    answer = People
    account_name: Name


class ContactChanged(Event, tag="contact", kw_only=True):
    """A contact came, went, or changed the status."""

    person: Person
