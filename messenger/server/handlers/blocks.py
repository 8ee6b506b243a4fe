"""Blocking users, who cannot reach the account any more."""

from messenger.jim.base import Reply
from messenger.jim.blocks import Block, BlockChanged, Blocks, GetBlocks, Unblock
from messenger.jim.errors import BadRequest, Forbidden, NotFound
from messenger.jim.names import check_account
from messenger.language import N_
from messenger.log import log
from messenger.server.actions import action, login_required
from messenger.server.answers import localized
from messenger.server.blocks import note_block, note_unblock, send_presence
from messenger.server.people import find_row
from messenger.server.records import Account, Session
from messenger.server.services import Services
from messenger.server.store import blocks as block_store


@action(Block)
@log
@login_required
async def block(services: Services, session: Session, account: Account, request: Block) -> Reply:
    """Block a user: from the reply on nothing of theirs arrives, but in common rooms."""
    name = request.account_name
    if account.guest or account.id is None:
        raise Forbidden("Guests cannot block anybody: register first")
    check_account(name)
    if name == account.name:
        raise BadRequest("You cannot block yourself")
    if services.online.get(name) is None:
        await find_row(services, name)
    was_blocked = name in account.blocked
    # First, and nothing is awaited until it is on its way: what is requested later is refused.
    note_block(services, account, name)
    most = services.limits.blocks
    try:
        await services.journal.write(block_store.block, account.id, name, most)
    except BaseException as error:
        if not was_blocked:
            note_unblock(services, account, name)
        if isinstance(error, block_store.TooManyBlocks):
            raise Forbidden(
                "The list of blocked users is full ({most}): unblock somebody first", most=most
            ) from error
        raise
    # Again: the user may have logged in since.
    note_block(services, account, name)
    _tell(services, session, account, name, blocked=True)
    return Reply(200, alert=localized(session, N_("{name} is blocked"), name=name))


@action(Unblock)
@log
@login_required
async def unblock(
    services: Services, session: Session, account: Account, request: Unblock
) -> Reply:
    """End the block of a user."""
    name = request.account_name
    if account.id is None or not await services.journal.write(
        block_store.unblock, account.id, name
    ):
        raise NotFound("You have not blocked {name}", name=name)
    note_unblock(services, account, name)
    _tell(services, session, account, name, blocked=False)
    return Reply(200, alert=localized(session, N_("{name} is unblocked"), name=name))


@action(GetBlocks)
@log
@login_required
def get_blocks(
    services: Services, session: Session, account: Account, request: GetBlocks
) -> Blocks:
    """List the users that the account has blocked."""
    return Blocks(200, blocked=sorted(account.blocked))


def _tell(
    services: Services, session: Session, account: Account, name: str, *, blocked: bool
) -> None:
    """Tell the account's other devices, and show or hide the presence of both sides."""
    others = [one for one in account.sessions if one is not session]
    services.events.send(BlockChanged(account_name=name, blocked=blocked), others)
    send_presence(services, account, name)
