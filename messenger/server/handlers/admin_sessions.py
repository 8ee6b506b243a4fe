"""Sessions and logins, for administrators: who is connected, and who was."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from messenger.jim.admin.sessions import (
    EndSession,
    ListAllLogins,
    ListSessions,
    LoginEntry,
    LoginsPage,
    SessionEntry,
    SessionOrder,
    SessionsPage,
)
from messenger.jim.base import Reply
from messenger.jim.errors import Conflict, NotFound, Unauthorized
from messenger.jim.names import same_key
from messenger.log import log
from messenger.server.actions import action, actor_required
from messenger.server.actors import ADMINISTRATOR, OPERATOR, Actor
from messenger.server.answers import localized
from messenger.server.records import Session
from messenger.server.services import Services
from messenger.server.store import login_list
from messenger.server.store.audit import Change

_ORDERS: Mapping[SessionOrder, Callable[[Session], Any]] = {
    "account_name": lambda session: same_key(_name(session)),
    "address": lambda session: session.address,
    "program": lambda session: session.program,
    "since": lambda session: session.logged_in_at,
    "idle": lambda session: -session.heard,
}


@action(ListSessions, role=ADMINISTRATOR)
@log
@actor_required
def list_sessions(
    services: Services, session: Session, actor: Actor, request: ListSessions
) -> SessionsPage:
    """List the connections, a page at a time."""
    wanted = same_key(request.search)
    found = [
        one
        for one in services.sessions
        if (wanted in same_key(_name(one)) or request.search in one.address)
        and not one.connection.is_closing
    ]
    found.sort(key=_ORDERS[request.sort], reverse=request.descending)
    now = time.monotonic()
    entries = [_entry(one, now) for one in found[request.rows]]
    return SessionsPage(200, sessions=entries, total=len(found))


@action(EndSession, role=ADMINISTRATOR)
@log
@actor_required
async def end_session(
    services: Services, session: Session, actor: Actor, request: EndSession
) -> Reply:
    """End one connection."""
    found = next((one for one in services.sessions if one.number == request.number), None)
    if found is None or found.connection.is_closing:
        raise NotFound("There is no session {number}", number=request.number)
    if found is session:
        raise Conflict("This is your own session: log out instead")
    about = {"address": found.address, "device": found.device}
    await services.audit.act(
        actor, "admin_end", _name(found) or found.address, lambda _: Change(about, None, None)
    )
    services.sessions.end(
        found, Unauthorized("An administrator has ended this connection: log in again")
    )
    services.sessions.log_out(found)
    return Reply(200, alert=localized(session, "The connection is ended"))


@action(ListAllLogins, role=ADMINISTRATOR)
@log
@actor_required
async def list_all_logins(
    services: Services, session: Session, actor: Actor, request: ListAllLogins
) -> LoginsPage:
    """List the logins of all accounts, the latest first."""
    rows = await services.read_pool.read(login_list.page, request)
    entries = [LoginEntry(*row[1:]) for row in rows]
    return LoginsPage(200, logins=entries, next=request.next_before(rows))


def _name(session: Session) -> str:
    if session.is_operator:
        return OPERATOR
    return session.account.name if session.account is not None else ""


def _entry(session: Session, now: float) -> SessionEntry:
    account = session.account
    return SessionEntry(
        session.number,
        account_name=_name(session),
        guest=account is not None and account.guest,
        operator=session.is_operator,
        address=session.address,
        device=session.device,
        program=session.program,
        language=session.language,
        tls=bool(session.connection.certificate),
        since=session.logged_in_at or None,
        idle=max(0.0, now - session.heard),
        slow=session.connection.blocked,
    )
