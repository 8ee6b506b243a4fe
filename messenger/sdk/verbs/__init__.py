"""The verbs of a client, written once for `Client`, which blocks, and `AsyncClient`."""

from messenger.sdk.verbs.accounts import AccountVerbs
from messenger.sdk.verbs.blocks import BlockVerbs
from messenger.sdk.verbs.contacts import ContactVerbs
from messenger.sdk.verbs.conversations import ConversationVerbs
from messenger.sdk.verbs.messages import MessageVerbs
from messenger.sdk.verbs.rooms import RoomVerbs
from messenger.sdk.verbs.session import SessionVerbs

__all__ = ["Verbs"]


class Verbs(
    SessionVerbs, AccountVerbs, ContactVerbs, BlockVerbs, RoomVerbs, MessageVerbs, ConversationVerbs
):
    """All verbs but those of `Keys`."""
