"""Reports to the administrators."""

import logging

from messenger.jim.base import Reply
from messenger.jim.codec import encode
from messenger.jim.errors import BadRequest, Forbidden, NotFound, TextTooLong, TooMany
from messenger.jim.names import EVERYONE, room_name
from messenger.jim.reports import Report
from messenger.log import log
from messenger.server.actions import action, login_required
from messenger.server.answers import localized
from messenger.server.people import find_row
from messenger.server.records import Account, Session
from messenger.server.services import Services
from messenger.server.store import conversations as conversation_store
from messenger.server.store import reports as report_store

_logger = logging.getLogger("messenger.server")

_MAX_BYTES = 128 * 1024  # of the messages as JSON: four of the longest texts, or 50 usual ones


@action(Report)
@log
@login_required
async def report(services: Services, session: Session, account: Account, request: Report) -> Reply:
    """Store a report for the administrators."""
    if account.guest or account.id is None:
        raise Forbidden("Guests cannot report anybody: register first")
    room = room_name(request.room) if request.room else ""
    await _check_subject(services, account, request.account_name, room)
    if not request.reason.strip() and not request.messages:
        raise BadRequest("Write why you report this, or choose messages to show")
    messages = encode(request.messages).decode()
    if len(messages.encode()) > _MAX_BYTES:
        raise TextTooLong("The messages of a report may have at most {most} bytes", most=_MAX_BYTES)
    if wait := services.rates.reports.take(account.name):
        raise TooMany("You report too often: try again later", retry_after=round(wait, 1))
    subject = request.account_name or room
    # Whatever crowd reports one account, the database does not fill, and nobody is turned away.
    is_one_of_many = bool(request.messages) and services.rates.reported.take(subject) > 0
    most = services.limits.open_reports
    try:
        added = await services.journal.write(
            report_store.add_report,
            account.id,
            account_name=request.account_name,
            room=room,
            reason=request.reason,
            messages=messages,
            is_one_of_many=is_one_of_many,
            max_open=most,
        )
    except report_store.TooManyReports as error:
        raise TooMany(
            "The administrators have not read your last {most} reports yet", most=most
        ) from error
    _logger.info(
        "%r has reported %r in %r: report %d", account.name, request.account_name, room, added.id
    )
    if added.is_cut:
        words = localized(
            session,
            "The administrators will see your report, but not its messages: they have those of "
            "many reports about {name}",
            name=subject,
        )
    else:
        words = localized(session, "The administrators will see your report")
    return Reply(201, alert=words)


async def _check_subject(services: Services, account: Account, name: str, room: str) -> None:
    """Raise an error unless a report is about somebody else, or about a room."""
    if not name and not room:
        raise BadRequest("Say whom or which room you report: account_name or room")
    if name == account.name:
        raise BadRequest("You cannot report yourself")
    if name and services.online.get(name) is None:
        await find_row(services, name)
    # Whether there is such a room is no secret: `rooms` lists all of them for everybody.
    if not room or room == EVERYONE or services.conversations.room(room) is not None:
        return
    if await services.journal.write(conversation_store.find_room, room) is None:
        raise NotFound("There is no room {room}", room=room)
