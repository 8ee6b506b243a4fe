"""Contacts, search, and the presence of other users."""

from messenger.jim.base import Reply
from messenger.jim.contacts import AddContact, DelContact, GetContacts, People, Search, Whois
from messenger.jim.errors import BadRequest, Forbidden, NotFound
from messenger.jim.names import check_account
from messenger.language import N_
from messenger.log import log
from messenger.server.actions import action, login_required
from messenger.server.answers import localized
from messenger.server.blocks import person_for, seen_by
from messenger.server.people import account_id_of, find_id, find_row
from messenger.server.records import Account, Session
from messenger.server.services import Services
from messenger.server.store import accounts as account_store
from messenger.server.store import contacts as contact_store

_MAX_FOUND = 20  # one screen: whoever does not find somebody types more of the name


@action(GetContacts)
@log
@login_required
async def get_contacts(
    services: Services, session: Session, account: Account, request: GetContacts
) -> Reply:
    """List the contacts; code and list are strings, as JIM gives them."""
    _check_own(account, request.user_login)
    rows = []
    if account.id is not None:
        rows = await services.read_pool.read(contact_store.contact_rows, account.id)
    names = [row.name for row in rows]
    if session.greeted:
        return People(
            "202",
            alert=str(names),
            contacts=names,
            people=[person_for(services, account, row) for row in rows],
            blocked=sorted(account.blocked),
        )
    if services.settings.contacts_alert == "list":
        return ContactList(202, alert=names)
    return Reply("202", alert=str(names))


class ContactList(Reply):
    """The answer to `get_contacts` that most public clients expect."""

    alert: list[str] | None = None  # type: ignore[assignment]


@action(AddContact)
@log
@login_required
async def add_contact(
    services: Services, session: Session, account: Account, request: AddContact
) -> Reply:
    """Add a user to the contacts; the client receives that user's presence from now on."""
    _check_own(account, request.user_login)
    check_account(request.user_id)
    if request.user_id == account.name:
        raise BadRequest("You cannot be your own contact: user_id names the other user")
    owner_id = await account_id_of(services, account)
    contact_id = await find_id(services, request.user_id)
    await services.journal.write(contact_store.add_contact, owner_id, contact_id)
    contact = services.online.get(request.user_id)
    if contact is not None:
        # In memory, too: presence is sent from there, without a query.
        contact.watchers.add(account.name)
    return Reply(200, alert=localized(session, "{name} is a contact", name=request.user_id))


@action(DelContact)
@log
@login_required
async def del_contact(
    services: Services, session: Session, account: Account, request: DelContact
) -> Reply:
    """Remove a user from the contacts."""
    _check_own(account, request.user_login)
    row = await services.read_pool.read(account_store.find, request.user_id)
    removed = False
    if row is not None and account.id is not None:
        removed = await services.journal.write(contact_store.delete_contact, account.id, row.id)
    if not removed:
        raise NotFound("{name} is not among your contacts", name=request.user_id)
    contact = services.online.get(request.user_id)
    if contact is not None:
        contact.watchers.discard(account.name)
    done = N_("{name} is no longer a contact")
    return Reply(200, alert=localized(session, done, name=request.user_id))


@action(Search)
@log
@login_required
async def search(services: Services, session: Session, account: Account, request: Search) -> People:
    """Find users by the start of a name."""
    if not request.prefix.strip():
        raise BadRequest("Enter the first letters of the name")
    rows = await services.read_pool.read(account_store.search, request.prefix, _MAX_FOUND)
    return People(200, people=[person_for(services, account, row) for row in rows])


@action(Whois)
@log
@login_required
async def whois(services: Services, session: Session, account: Account, request: Whois) -> People:
    """Return the presence of one user."""
    online = services.online.get(request.account_name)
    if online is not None:
        return People(200, people=[seen_by(account, online.as_person())])
    row = await find_row(services, request.account_name)
    return People(200, people=[person_for(services, account, row)])


def _check_own(account: Account, user_login: str | None) -> None:
    if user_login not in (None, "", account.name):
        raise Forbidden("You are {name}, and can see only your own contacts", name=account.name)
