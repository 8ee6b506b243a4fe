"""Updates which stored messages count as proved when an account's identity changes."""

from sqlalchemy import Connection, case, update

from messenger.crypto.accounts import AccountIdentity
from messenger.sdk.store.messages import MessageSecurity, MessageState
from messenger.sdk.store.schema import messages


def mark_proved(connection: Connection, identity: AccountIdentity) -> None:
    """Mark only those messages of an account as proved that the identity's devices encrypted.

    The user's own messages are not changed: they are shown without a verification mark.
    """
    encrypted = messages.c.security.in_((MessageSecurity.ENCRYPTED, MessageSecurity.UNPROVED))
    theirs = (messages.c.sender == identity.account) & (messages.c.state == MessageState.RECEIVED)
    is_proved = messages.c.signed_by == identity.self_signing
    changed = case((is_proved, MessageSecurity.ENCRYPTED), else_=MessageSecurity.UNPROVED)
    others = update(messages).where(theirs, encrypted, messages.c.security != changed)
    connection.execute(others.values(security=changed))


def mark_signed(connection: Connection, identity: AccountIdentity) -> None:
    """Mark messages as proved that devices of the identity encrypted.

    They were decrypted while the server presented another identity. They show no verification mark
    before this one is verified.
    """
    theirs = (messages.c.sender == identity.account) & (
        messages.c.security == MessageSecurity.UNPROVED
    )
    signed = update(messages).where(theirs, messages.c.signed_by == identity.self_signing)
    connection.execute(signed.values(security=MessageSecurity.ENCRYPTED))
