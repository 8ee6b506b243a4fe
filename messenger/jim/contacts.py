"""People on the wire: contacts, search, presence of other users."""

import ast
from typing import Literal

from msgspec import Struct, field

from messenger.jim.base import Event, Reply, Request
from messenger.jim.fields import Name


class Person(Struct, omit_defaults=True):
    """A user as others see them; `last_seen` is unix time.

    Among the members of a room its `creator` is marked, who has rights there.
    """

    account_name: str
    guest: bool = False
    state: Literal["online", "away", "offline"] = "offline"
    status: str = ""
    last_seen: float | None = None
    creator: bool = False


class People(Reply):
    """The answer to `search`, `members`, `whois` and, with the last two, to `get_contacts`."""

    people: list[Person] = field(default_factory=list)
    # None from a plain server, which writes the list into `alert`.
    contacts: list[str] | None = None
    # None from a server that knows no blocks.
    blocked: list[str] | None = None


def listed_in(alert: str | None) -> list[str]:
    """Return the names in a list that a plain server has written into a string, as Python does."""
    try:
        # It accepts nothing but literals: a server's text never runs as code.
        found = ast.literal_eval(alert or "")
    except (ValueError, SyntaxError, MemoryError, RecursionError):  # the last two by deep nesting
        return []
    return [name for name in found if isinstance(name, str)] if isinstance(found, list) else []


class GetContacts(Request[People], tag="get_contacts", kw_only=True):
    """List the user's contacts."""

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
    """Look up one user."""

    answer = People
    account_name: Name


class ContactChanged(Event, tag="contact", kw_only=True):
    """A contact came online, went offline or away, or changed the status."""

    person: Person
