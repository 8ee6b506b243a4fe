"""Accounts, for administrators: list, show, add, block, remove, give roles, reset, log out."""

from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import Any

from messenger.jim.accounts import LoginRecord
from messenger.jim.admin.accounts import (
    AccountDetails,
    AccountEntry,
    AccountsPage,
    AddAccount,
    BlockAccount,
    DemoteAccount,
    EndLogins,
    ListAccounts,
    PasswordReset,
    PromoteAccount,
    RemoveAccount,
    ResetPassword,
    ShowAccount,
    UnblockAccount,
)
from messenger.jim.base import Reply
from messenger.jim.devices import OwnDevice
from messenger.language import N_
from messenger.log import log
from messenger.server.actions import action, actor_required
from messenger.server.actors import ADMINISTRATOR, Actor
from messenger.server.administration import accounts, password_resets
from messenger.server.answers import localized
from messenger.server.records import Session
from messenger.server.services import Services
from messenger.server.store import account_list
from messenger.server.store import accounts as account_store
from messenger.server.store import conversations as conversation_store
from messenger.server.store import invitations as invitation_store
from messenger.server.store import keys as key_store
from messenger.server.store import password_resets as reset_store
from messenger.server.store.account_list import ListedRow
from messenger.server.store.missing import missing_account

_LOGINS = 50  # two screens full, as the account itself gets them

_AccountChange = BlockAccount | UnblockAccount | RemoveAccount | PromoteAccount

_Change = Callable[[Services, Actor, str], Coroutine[Any, Any, object]]

# What does it, and what the administrator is told then.
_CHANGES: Mapping[type[_AccountChange], tuple[_Change, str]] = {
    BlockAccount: (accounts.block, N_("{name} is blocked")),
    UnblockAccount: (accounts.unblock, N_("{name} can log in again")),
    RemoveAccount: (accounts.remove, N_("The account {name} is removed")),
    PromoteAccount: (
        partial(accounts.set_role, role="administrator"),
        N_("{name} is an administrator now"),
    ),
}


@action(ListAccounts, role=ADMINISTRATOR)
@log
@actor_required
async def list_accounts(
    services: Services, session: Session, actor: Actor, request: ListAccounts
) -> AccountsPage:
    """List accounts, a page at a time."""
    online = [
        account.id
        for account in services.online.accounts.values()
        if account.id is not None and not account.guest
    ]
    rows, total = await services.read_pool.read(account_list.page, request, online)
    devices = await services.read_pool.read(account_list.count_devices, [row.id for row in rows])
    entries = [_entry(services, row, devices.get(row.id, 0)) for row in rows]
    return AccountsPage(200, accounts=entries, total=total)


@action(ShowAccount, role=ADMINISTRATOR)
@log
@actor_required
async def show_account(
    services: Services, session: Session, actor: Actor, request: ShowAccount
) -> AccountDetails:
    """Show one account with its devices, rooms and last logins."""
    read = services.read_pool.read
    row = await read(account_list.one, request.account_name)
    if row is None:
        raise await read(missing_account, request.account_name)
    devices = await read(key_store.devices_of, row.id)
    rooms = await read(conversation_store.rooms_of, row.id)
    logins = await read(account_store.login_history, row.id, _LOGINS)
    reset = await read(reset_store.find, request.account_name)
    invitations = await read(invitation_store.count_made_by, request.account_name)
    return AccountDetails(
        200,
        account=_entry(services, row, len(devices)),
        devices=[OwnDevice(*device) for device in devices],
        rooms=sorted(rooms),
        logins=[LoginRecord(*login) for login in logins],
        reset_expires=reset.expires_at if reset is not None and reset.usable else None,
        invitations=invitations,
    )


@action(AddAccount, role=ADMINISTRATOR)
@log
@actor_required
async def add_account(
    services: Services, session: Session, actor: Actor, request: AddAccount
) -> Reply:
    """Add an account."""
    name = request.account_name
    await accounts.add(services, actor, name, request.verifier, request.role)
    return Reply(201, alert=localized(session, "The account {name} is added", name=name))


@action(BlockAccount, role=ADMINISTRATOR)
@action(UnblockAccount, role=ADMINISTRATOR)
@action(RemoveAccount, role=ADMINISTRATOR)
@action(PromoteAccount, role=ADMINISTRATOR)
@log
@actor_required
async def change_account(
    services: Services, session: Session, actor: Actor, request: _AccountChange
) -> Reply:
    """Block, unblock, remove or promote an account."""
    change, words = _CHANGES[type(request)]
    await change(services, actor, request.account_name)
    return Reply(200, alert=localized(session, words, name=request.account_name))


@action(DemoteAccount, role=ADMINISTRATOR)
@log
@actor_required
async def demote_account(
    services: Services, session: Session, actor: Actor, request: DemoteAccount
) -> Reply:
    """Make an administrator a user."""
    name = request.account_name
    invitations = await accounts.set_role(services, actor, name, "user")
    words = (
        N_(
            "{name} is no longer an administrator; usable invitations of that account, which stay "
            "valid: {count}"
        )
        if invitations
        else N_("{name} is no longer an administrator")
    )
    return Reply(200, alert=localized(session, words, name=name, count=invitations))


@action(ResetPassword, role=ADMINISTRATOR)
@log
@actor_required
async def reset_password(
    services: Services, session: Session, actor: Actor, request: ResetPassword
) -> PasswordReset:
    """Make the code with which an account gets a new password."""
    made = await password_resets.make(services, actor, request.account_name, session.language)
    return PasswordReset(
        201, reset_code=made.code, link=made.link, expires=made.expires_at, warning=made.warning
    )


@action(EndLogins, role=ADMINISTRATOR)
@log
@actor_required
async def end_logins(
    services: Services, session: Session, actor: Actor, request: EndLogins
) -> Reply:
    """Log out an account, or one device of it."""
    name = request.account_name
    await accounts.end_logins(services, actor, name, request.device, but=session)
    return Reply(200, alert=localized(session, "{name} is logged out", name=name))


def _entry(services: Services, row: ListedRow, devices: int) -> AccountEntry:
    online = services.online.get(row.name)
    sessions = len(online.sessions) if online is not None and not online.guest else 0
    return AccountEntry(
        row.name,
        role=row.role,
        state=row.state,
        sessions=sessions,
        devices=devices,
        created=row.created,
        last_login=row.last_login,
        last_seen=row.last_seen,
        address=row.address or "",
        messages=row.messages,
        bytes=row.bytes,
    )
