"""What is known of a conversation, brought up to date with changes that were made elsewhere."""

from messenger.jim.names import EVERYONE
from messenger.server.records import Conversation
from messenger.server.services import Services
from messenger.server.store import changes as change_store
from messenger.server.store.changes import State


async def refresh(services: Services, conversation: Conversation, changes: int) -> None:
    """Read who may read and write in a conversation, unless it is known after so many changes."""
    if conversation.known_changes == changes:
        return
    # In the journal's order: what this server itself has changed before is in memory by then.
    state = await services.journal.write(change_store.state, conversation.id)
    device_list, previous = conversation.device_list, conversation.previous_device_list
    services.device_lists.invalidate(conversation)
    conversation.encrypted = conversation.encrypted or state.encrypted
    conversation.known_changes = state.changes
    if conversation.pair is None and conversation.name != EVERYONE:
        _update_room(services, conversation, state)
    if device_list is not None:
        # If it is the same, an outdated client still needs the difference to the one before.
        found = await services.device_lists.of(conversation)
        if found.version == device_list.version:
            conversation.previous_device_list = previous


def _update_room(services: Services, conversation: Conversation, state: State) -> None:
    """Close the room, or take out members, as the database has it."""
    if state.closed and services.conversations.room(conversation.name) is conversation:
        services.room_ownership.close(conversation, conversation.creator or "")
    # Guests are members only in memory.
    gone = {
        session.account
        for session in conversation.subscribers
        if session.account is not None
        and not session.account.guest
        and session.account.id not in state.member_ids
    }
    for account in gone:
        services.online.leave_room(account, conversation)
