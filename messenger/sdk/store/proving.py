"""What an identity proves: messages of the devices that it has signed; verified, no others."""

from sqlalchemy import Connection, case, update

from messenger.crypto.accounts import AccountIdentity
from messenger.sdk.store.messages import MessageSecurity, MessageState
from messenger.sdk.store.schema import messages


def mark_proved(connection: Connection, identity: AccountIdentity) -> None:
    """Have only those messages of an account be proved that devices of the identity have sealed.

    One's own messages stay what they are: no mark is beside them.
    """
    encrypted = messages.c.security.in_((MessageSecurity.ENCRYPTED, MessageSecurity.UNPROVED))
    theirs = (messages.c.sender == identity.account) & (messages.c.state == MessageState.RECEIVED)
    is_proved = messages.c.signed_by == identity.self_signing
    changed = case((is_proved, MessageSecurity.ENCRYPTED), else_=MessageSecurity.UNPROVED)
    others = update(messages).where(theirs, encrypted, messages.c.security != changed)
    connection.execute(others.values(security=changed))


def mark_signed(connection: Connection, identity: AccountIdentity) -> None:
    """Have messages be proved that devices of the identity have sealed, which is known by now.

    They were opened while the server had shown another one. The user's mark stands beside none of
    them before the identity is verified.
    """
    theirs = (messages.c.sender == identity.account) & (
        messages.c.security == MessageSecurity.UNPROVED
    )
    signed = update(messages).where(theirs, messages.c.signed_by == identity.self_signing)
    connection.execute(signed.values(security=MessageSecurity.ENCRYPTED))
