"""Conversations, their history by number, and receipts."""

from msgspec import Raw

from messenger.jim.base import Reply
from messenger.jim.errors import BadRequest, NotFound
from messenger.jim.history import (
    ConversationsPage,
    GetHistory,
    HistoryFrames,
    ListConversations,
    Summary,
)
from messenger.jim.messages import SendReceipt
from messenger.log import log
from messenger.server.actions import action, login_required
from messenger.server.frames import numbered
from messenger.server.pages import page_of
from messenger.server.people import account_id_of
from messenger.server.records import Account, Session
from messenger.server.routing import find
from messenger.server.services import Services
from messenger.server.store import conversations as conversation_store
from messenger.server.store import messages as message_store
from messenger.server.store.conversations import SummaryRow

_PAGE = 100  # several screens; with texts of average length 20 KB


@action(ListConversations)
@log
@login_required
async def list_conversations(
    services: Services, session: Session, account: Account, request: ListConversations
) -> ConversationsPage:
    """List the account's conversations, and how far it has read them."""
    account_id = await account_id_of(services, account)
    rows = await services.read_pool.read(
        conversation_store.summaries, account_id, request.after, _PAGE
    )
    found = [
        Summary(
            conversation=row.room or str(row.other),
            last=row.last,
            delivered=row.delivered,
            read=row.read,
            unread=row.unread,
            peer_delivered=row.peer_delivered if _shows_receipts(account, row) else 0,
            peer_read=row.peer_read if _shows_receipts(account, row) else 0,
            time=row.time,
            topic=row.topic,
            guest=bool(row.other_is_guest),
            encrypted=bool(row.encrypted),
            history=bool(row.history),
            unique_id=row.unique_id or "",
        )
        for row in rows
        # A direct chat without messages has not begun: a request for its device list has created
        # it. Messages of an earlier guest of this name do not belong to this one.
        if row.room or (row.last and (not account.guest or row.time >= session.logged_in_at))
    ]
    # By what was read: conversations that were left out would end the list too early.
    next_after = rows[-1].id if len(rows) == _PAGE else None
    return ConversationsPage(200, conversations=found, next=next_after)


def _shows_receipts(account: Account, row: SummaryRow) -> bool:
    """Tell whether this is a chat with another account, and no block is between them."""
    return row.other not in (None, account.name) and not account.is_apart_from(str(row.other))


@action(GetHistory)
@log
@login_required
async def history(
    services: Services, session: Session, account: Account, request: GetHistory
) -> HistoryFrames:
    """Return a page of a conversation; a guest sees only messages since the login."""
    if request.after is not None and request.before is not None:
        raise BadRequest("Use either `after` or `before`, not both")
    if (request.after or 0) < 0 or (request.before or 0) < 0 or request.limit < 1:
        raise BadRequest("Message numbers start at 1")
    conversation = await find(services, account, request.conversation)
    if conversation is None:
        return HistoryFrames(200, conversation=request.conversation)
    rows = await services.read_pool.read(
        message_store.page,
        conversation.id,
        after=request.after,
        before=request.before,
        since=session.logged_in_at if account.guest else 0,
        limit=min(request.limit, _PAGE),
    )
    # A page that is cut at its size keeps the messages next to the number asked for.
    in_order = rows if request.after is not None else reversed(rows)
    frames = [Raw(frame[:-1]) for frame in page_of(map(numbered, in_order), len)]
    return HistoryFrames(
        200,
        conversation=request.conversation,
        messages=frames if request.after is not None else frames[::-1],
        last=conversation.last_committed,
    )


@action(SendReceipt)
@log
@login_required
async def send_receipt(
    services: Services, session: Session, account: Account, request: SendReceipt
) -> Reply:
    """Advance the account's receipts, and notify the senders of the messages that they cover."""
    if min(request.delivered, request.read) < 0:
        raise BadRequest("Message numbers start at 1")
    conversation = await find(services, account, request.conversation)
    if conversation is None:
        raise NotFound(
            "There is no conversation {conversation} yet", conversation=request.conversation
        )
    # A greater number would mark messages as read that nobody has written yet.
    read = min(request.read, conversation.last_committed)
    delivered = max(min(request.delivered, conversation.last_committed), read)
    account_id = await account_id_of(services, account)
    await services.receipts.move(account, account_id, conversation, delivered=delivered, read=read)
    return Reply(200)
